"""A form that was filled in before we knew (or knew well enough) who its writer is: kept, and shown again filled in.

What was typed lies encrypted in the database for a day, found only by the browser that sent it (a secret in a cookie of
its own, which outlives signing in), and only by the account that was signed in until then, if one was. It is read once,
and never sent by itself. What another site made the browser send is not kept (decision 5).
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, has_request_context, request, session
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict
from werkzeug.exceptions import HTTPException
from werkzeug.routing.exceptions import RequestRedirect

from egovframe.core.auth import account_of_ended_session
from egovframe.core.modules.privacy import by_the_person
from egovframe.core.persistence import new_public_id, now
from egovframe.core.web.context import CSRF_FIELD, actor, is_page, person, reading, writing
from egovframe.core.web.cookies import SIGNED_IN, read_cookie, set_cookie
from egovframe.core.web.csrf import came_from_us
from egovframe.core.web.limits import caller, limit
from egovframe.core.web.models import KeptForm
from egovframe.core.web.runtime import runtime
from egovframe.core.web.security import host_of_request
from egovframe.errors import TooManyRequests

View = TypeVar("View", bound=Callable[..., Any])
COOKIE = "egov_kept"
LIFE = timedelta(hours=24)
MOST = 64 * 1024
"""Bytes of one kept form; a longer one is not kept, and the page says so."""
NEXT_SHOWN = "kept"
FORMS_AN_HOUR = 20
ONE_TIME = frozenset({CSRF_FIELD, "code", "answer"})
"""Names of what is worth nothing later, or too much: tokens, codes of letters and factors, a passkey's answer."""
NOT_TYPED = frozenset({"version", "next", "seen"})
"""Names of what a page adds to its forms by itself."""


@dataclass(frozen=True, slots=True)
class TakenUp:
    """What was typed, while its page is drawn again.

    Attributes:
        values: what was typed.
        sent_to: the path that it was sent to.
    """

    values: MultiDict[str, str]
    sent_to: str

    def fits(self, names: Collection[str], sent_to: str) -> bool:
        """Whether a form is the one: sent to the same path, or (where it names none) with all of these fields."""
        if sent_to:
            return urlsplit(sent_to).path == self.sent_to
        return set(self.values) - NOT_TYPED <= set(names)


def install(app: Flask) -> None:
    """Hand a kept form to the page that shows it again, once the guard has let its writer pass."""
    app.before_request(_take_up)
    app.after_request(_forget)


def never_kept(view: View) -> View:
    """Mark a view whose forms must not lie anywhere while their writer signs in: a ballot, above all."""
    view.__never_kept__ = True  # type: ignore[attr-defined]
    return view


def keep_form() -> str | None:
    """Keep what this request has sent; return how it is called, or None when there is nothing that can be kept.

    Passwords, codes, files and the CSRF token are never kept. A form sent by another site is not kept either, nor one
    whose view is marked ``never_kept``.
    """
    if getattr(current_app.view_functions.get(request.endpoint or ""), "__never_kept__", False):
        return None
    path, writer_id = page_of_form(), _writer()
    packed = json.dumps([list(pair) for pair in _pairs()], ensure_ascii=False)
    if path is None or len(packed.encode()) > MOST or not came_from_us():
        return None
    try:
        # By account where it is known: behind one address may sit a whole office whose sessions ended over lunch.
        limit(f"account:{writer_id}" if writer_id else caller(), "kept-form", FORMS_AN_HOUR, timedelta(hours=1))
    except TooManyRequests:
        return None
    g.egov_kept_secret = read_cookie(COOKIE) or secrets.token_urlsafe(32)
    public_id = new_public_id()
    with writing() as writer:
        row = KeptForm(public_id=public_id, browser=_digest(g.egov_kept_secret), path=path, fields=packed)
        row.sent_to = request.path[:500]
        row.account_id, row.expires_at = writer_id, now(writer) + LIFE
        writer.add(row)
    return public_id


def something_typed() -> bool:
    """Whether this request carries more than a button was pressed."""
    return any(value.strip() for name, value in _pairs() if name not in NOT_TYPED)


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


def kept_values(names: Collection[str], sent_to: str = "") -> MultiDict[str, str] | None:
    """Return what was typed before, once, when this request shows it again and the form is the one.

    Args:
        names: of the form's fields.
        sent_to: where the form is sent, for a page with several forms.
    """
    found: TakenUp | None = g.get("egov_kept") if has_request_context() else None
    if found is None or not found.fits(names, sent_to):
        return None
    _use_up()
    return found.values


def left_over() -> list[str]:
    """Return what was typed for this page and no form of it has taken up, for its writer to copy.

    The case has gone on meanwhile, or the page draws its form by hand. Single words are left out: they are choices.
    """
    found: TakenUp | None = g.get("egov_kept")
    if found is None:
        return []
    _use_up()
    typed = [value.strip() for name, value in found.values.items(multi=True) if name not in NOT_TYPED]
    return [text for text in typed if not text.isascii() or any(sign.isspace() for sign in text)]


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
        mine, reader = select(KeptForm.fields).where(KeptForm.id == row.id), reading()
        with by_the_person(reader):  # who has the browser's secret has written it: that is no look
            pairs = json.loads(reader.execute(mine).scalar_one())
        g.egov_kept = TakenUp(MultiDict([tuple(pair) for pair in pairs]), row.sent_to)


def _use_up() -> None:
    g.egov_kept, g.egov_kept_used = None, session.pop(NEXT_SHOWN)


def _forget(response: Response) -> Response:
    """Delete a kept form once a page has shown it: what a page could not show stays kept."""
    used = g.pop("egov_kept_used", None)
    if used is not None and response.status_code < 400:
        with writing() as writer:
            writer.execute(delete(KeptForm).where(KeptForm.public_id == used))
    return response


def page_of_form() -> str | None:
    """Return the path of the page with the form: this one where it can be opened, else the one before, else above."""
    before = urlsplit(request.referrer or "")
    own = before.hostname == host_of_request().strip("[]")
    for path in (request.path, before.path if own else "", *_above(request.path)):
        if path and len(path) <= 500 and _can_be_opened(path):
            return path
    return None


def _above(path: str) -> list[str]:
    """Return the paths above, nearest first: pages that tell no referrer have their forms' addresses below them."""
    parts = path.strip("/").split("/")
    return ["/" + "/".join(parts[:count]) for count in range(len(parts) - 1, 1, -1)]


def _pairs() -> list[tuple[str, str]]:
    return [(name, value) for name, value in request.form.items(multi=True) if _may_be_kept(name)]


def _writer() -> int | None:
    """Return whose form it is: who is signed in or about to be, or who was until the session ended."""
    return person().account_id or account_of_ended_session(reading(), read_cookie(SIGNED_IN))


def _can_be_opened(path: str) -> bool:
    adapter = current_app.create_url_adapter(request)
    try:
        return adapter is not None and "lang" in adapter.match(path, method="GET")[1]
    except (HTTPException, RequestRedirect):
        return False


def _may_be_kept(name: str) -> bool:
    return name not in ONE_TIME and "password" not in name.casefold()


def _digest(secret: str) -> str:
    return runtime().database.keyring.blind_index("kept-form", secret)


__all__: list[Any] = [
    "find_kept",
    "keep_form",
    "kept_values",
    "left_over",
    "never_kept",
    "page_of_form",
    "remember_browser",
    "show_next",
    "something_typed",
    "sweep_kept",
]
