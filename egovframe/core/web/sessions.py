"""What a visit of a signed-in browser leaves behind: "last seen", and a new id when the account's rights changed."""

from __future__ import annotations

import structlog
from flask import Flask, Response, g

from egovframe.core.auth import SessionEntry, policy_of, rotate_session, touch_session
from egovframe.core.web.context import close_units
from egovframe.core.web.cookies import SIGNED_IN, read_cookie, set_cookie
from egovframe.core.web.runtime import runtime
from egovframe.errors import EgovError

_log = structlog.get_logger("egovframe.session")


def install(app: Flask) -> None:
    """Look after the browser's session once the answer is made."""
    app.after_request(_keep_up)


def _keep_up(response: Response) -> Response:
    entry: SessionEntry | None = g.pop("egov_session_entry", None)
    if entry is None or not (entry.stale or entry.rotate):
        return response
    close_units()
    try:
        if entry.stale:
            touch_session(runtime().database, entry.session_id, policy_of(runtime().database).idle)
        if entry.rotate:
            _rotate(response)
    except EgovError:
        # The answer is made; whether the visit was noted may not spoil it.
        _log.warning("the visit could not be noted")
    return response


def _rotate(response: Response) -> None:
    with runtime().database.writing() as session:
        fresh = rotate_session(session, read_cookie(SIGNED_IN))
    if fresh is not None:
        set_cookie(response, SIGNED_IN, fresh)
