"""Answers that several account pages give."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request
from marshmallow import Schema

from egovframe.core.web.context import render
from egovframe.core.web.errors import wants_json
from egovframe.core.web.forms import form
from egovframe.errors import Invalid, TooManyRequests


def refused(template: str, schema: Schema, error: Invalid, **context: Any) -> tuple[str, int]:
    """Show the form again with what was typed and what was refused (422)."""
    messages = error.errors or {"_schema": [error.detail]}
    return render(template, f=form(schema, request.form, messages), **context), 422


def spent(again: str = "", said: Any = "") -> Response:
    """Answer a link from a mail that opens nothing any more (410).

    Args:
        again: address of the page where another one is asked for, if there is such a place.
        said: what to say instead of the usual words.
    """
    return private(render("account/link_spent.html", again=again, said=said), 410)


def throttled(error: TooManyRequests) -> Response:
    """Answer a sign-in that was tried too often: when one may try again, and the way through the mailbox.

    Raises:
        TooManyRequests: again, for callers that read no pages.
    """
    if wants_json():
        raise error
    response = make_response(render("account/too_many.html", problem=error), error.status)
    response.headers.update(error.headers)
    return response


def private(page: str, status: int = 200) -> Response:
    """Answer a page whose address holds a secret: not kept by anybody, and not told to the next site."""
    response = make_response(page, status)
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
