"""Pages that only one person may see by knowing their address: never cached, never passed on as a referrer."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

from flask import Response, make_response

from egovframe.core.web import caches

View = Callable[..., Any]


def private_page(view: View) -> View:
    """Mark a view whose address is its key."""

    @functools.wraps(view)
    def wrapped(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        response.headers["Cache-Control"] = "no-store, private"
        response.headers["Referrer-Policy"] = "no-referrer"
        response.headers["X-Robots-Tag"] = "noindex"
        return response

    return caches("no-store")(wrapped)
