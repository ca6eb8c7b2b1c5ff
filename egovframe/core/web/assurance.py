"""Where a service must know its user better: the page that says why, shows the ways up, and leads back."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, make_response, request
from werkzeug.routing.exceptions import BuildError

from egovframe.core.web.context import actor, is_page, render, url
from egovframe.core.web.errors import answer, problem_of
from egovframe.core.web.kept import keep_form, remember_browser
from egovframe.errors import AssuranceNeeded, NotSignedIn

SAFE = frozenset({"GET", "HEAD"})


def install(app: Flask) -> None:
    """Answer every refusal for want of assurance."""
    app.register_error_handler(AssuranceNeeded, explain)


def explain(error: AssuranceNeeded) -> Response:
    """Answer 403: programs get the level in ``required_assurance``, people the reason and the ways up."""
    known = actor()
    if not is_page():
        refusal = error if known.is_signed_in else _unknown(error)
        return answer(problem_of(refusal))
    asked = request.method in SAFE
    kept = None if asked else keep_form()
    back = request.full_path.rstrip("?") if asked else _resume(kept)
    page = render(
        "core/assurance.html", need=error, known=known, back=back, lost=not asked and not back, kept=bool(kept)
    )
    response = make_response(page, error.status)
    response.headers["Cache-Control"] = "no-store, private"
    remember_browser(response)
    return response


def _unknown(error: AssuranceNeeded) -> NotSignedIn:
    refusal = NotSignedIn(error.detail, headers={"WWW-Authenticate": 'Bearer realm="api"'})
    refusal.members = dict(error.members)
    return refusal


def _resume(kept: str | None) -> Any:
    try:
        return url("account.resume", public_id=kept) if kept else ""
    except BuildError:
        return ""
