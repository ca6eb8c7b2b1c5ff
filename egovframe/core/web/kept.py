"""A form that was filled in before we knew well enough who its writer is: kept, and shown again filled in.

What was typed lies encrypted in the database for a day, found only by the browser that sent it (a secret in a cookie of
its own, which outlives signing in), and only by the account that was signed in, if there was one. It is read once.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, has_request_context, request, session
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import RequestRedirect

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import new_public_id, now
from egovframe.core.web.context import CSRF_FIELD, actor, is_page, notice, reading, writing
from egovframe.core.web.cookies import read_cookie, set_cookie
from egovframe.core.web.csrf import refuse_forgery
from egovframe.core.web.limits import caller, limit
from egovframe.core.web.models import KeptForm
from egovframe.core.web.runtime import runtime
from egovframe.core.web.security import host_of_request
from egovframe.errors import BadRequest, TooManyRequests

COOKIE = "egov_kept"
LIFE = timedelta(hours=24)
MOST = 64 * 1024
"""Bytes of one kept form; a longer one is not kept, and the page says so."""
NEXT_SHOWN = "kept"
FORMS_AN_HOUR = 20


def install(app: Flask) -> None:
    """Hand a kept form to the page that shows it again, once the guard has let its writer pass."""
    app.before_request(_take_up)
    app.after_request(_forget)


def keep_form() -> str | None:
    """Keep what this request has sent; return how it is called, or None when there is nothing that can be kept.

    Passwords, files and the CSRF token are never kept. A form sent by another site is not kept either.
    """
    path = _page_of_form()
    pairs = [[name, value] for name, value in request.form.items(multi=True) if _may_be_kept(name)]
    packed = json.dumps(pairs, ensure_ascii=False)
    if path is None or len(packed.encode()) > MOST:
        return None
    try:
        refuse_forgery()
        limit(caller(), "kept-form", FORMS_AN_HOUR, timedelta(hours=1))
    except (BadRequest, TooManyRequests):
        return None
    g.egov_kept_secret = read_cookie(COOKIE) or secrets.token_urlsafe(32)
    public_id = new_public_id()
    with writing() as writer:
        row = KeptForm(public_id=public_id, browser=_digest(g.egov_kept_secret), path=path, fields=packed)
        row.account_id, row.expires_at = actor().account_id, now(writer) + LIFE
        writer.add(row)
    return public_id


def remember_browser(response: Response) -> None:
    """Give the browser the secret under which its form was kept."""
    if "egov_kept_secret" in g:
        set_cookie(response, COOKIE, g.egov_kept_secret, age=LIFE)


def find_kept(public_id: str | None = None) -> KeptForm | None:
    """Return a form that this browser has left behind, the newest when none is named; without what was typed."""
    secret = read_cookie(COOKIE)
    if not secret:
        return None
    reader = reading()
    statement = select(KeptForm).where(KeptForm.browser == _digest(secret), KeptForm.expires_at > now(reader))
    if public_id is not None:
        statement = statement.where(KeptForm.public_id == public_id)
    row = reader.scalar(statement.order_by(KeptForm.id.desc()).limit(1))
    mine = row is not None and row.account_id in {None, actor().account_id}
    return row if mine else None


def show_next(row: KeptForm) -> str:
    """Arrange that the form's page shows it filled in when it is opened next; return the page's path."""
    session[NEXT_SHOWN] = row.public_id
    return row.path


def kept_values(names: Collection[str]) -> MultiDict[str, str] | None:
    """Return what was typed before, when this request shows it again and the form has these fields."""
    found: MultiDict[str, str] | None = g.get("egov_kept") if has_request_context() else None
    if found is None or not set(found) <= set(names):
        return None
    if "egov_kept_used" not in g:
        g.egov_kept_used = session.pop(NEXT_SHOWN)
        notice(_("What you filled in is here again. Check it, then send it."), "info")
    return found


def sweep_kept(writer: Session) -> int:
    """Delete kept forms whose time is over; return how many."""
    return int(writer.execute(delete(KeptForm).where(KeptForm.expires_at <= now(writer))).rowcount)  # type: ignore[attr-defined]


def _take_up() -> None:
    """Read the form that this page shall show."""
    if request.method != "GET" or not is_page() or NEXT_SHOWN not in session:
        return
    row = find_kept(session[NEXT_SHOWN])
    if row is None:
        session.pop(NEXT_SHOWN)
    elif row.path == request.path:
        mine = select(KeptForm.fields).where(KeptForm.id == row.id)
        g.egov_kept = MultiDict([tuple(pair) for pair in json.loads(reading().execute(mine).scalar_one())])


def _forget(response: Response) -> Response:
    """Delete a kept form once a page has shown it: what a page could not show stays kept."""
    used = g.pop("egov_kept_used", None)
    if used is not None and response.status_code < 400:
        with writing() as writer:
            writer.execute(delete(KeptForm).where(KeptForm.public_id == used))
    return response


def _page_of_form() -> str | None:
    """Return the path of the page with the form: this one where it can be opened, else the one before."""
    before = urlsplit(request.referrer or "")
    own = before.hostname == host_of_request().strip("[]")
    for path in (request.path, before.path if own else ""):
        if path and len(path) <= 500 and _can_be_opened(path):
            return path
    return None


def _can_be_opened(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and "lang" in adapter.match(path, method="GET")[1]
    except (HTTPException, RequestRedirect):
        return False


def _may_be_kept(name: str) -> bool:
    return name != CSRF_FIELD and "password" not in name.casefold()


def _digest(secret: str) -> str:
    return runtime().database.keyring.blind_index("kept-form", secret)


__all__: list[Any] = ["find_kept", "keep_form", "kept_values", "remember_browser", "show_next", "sweep_kept"]
