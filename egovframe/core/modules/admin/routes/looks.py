"""``/<lang>/admin/audit/looks``: who looked at whose personal data, as auditors search it. Nothing can be changed."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, request, send_file
from sqlalchemy.orm import Session

from egovframe.core.auth import account_by_email, account_by_public_id, requires
from egovframe.core.i18n import day_begins
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.audit_schemas import LooksPageQuery, LooksSearch
from egovframe.core.modules.admin.looks_export import persons_of, record_looks_export, write_looks
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.audit import READ_AUDIT
from egovframe.core.modules.cases import case_by_reference
from egovframe.core.modules.privacy import Look, is_untouched, looks, seen_look
from egovframe.core.persistence import CursorPage, keyset_page, now
from egovframe.core.web import actor, load, reading, render, writing
from egovframe.errors import Invalid, NotFound

pages = Blueprint("admin_looks", __name__, url_prefix="/admin/audit/looks", template_folder="../templates")
whole_city(pages)
PAGE_SIZE = 50
MEMORY = 1024 * 1024
"""Bytes of a file that are kept in memory; a larger one goes to disk."""


@pages.get("")
@requires(READ_AUDIT)
def index() -> Any:
    """Search the looks, newest first; hidden ones too, with the day until which they are."""
    session, asked = reading(), _filled(request.args)
    problems: dict[str, Any] = {}
    page: CursorPage[Look] = CursorPage([], None)
    try:
        given = load(LooksPageQuery(), asked)
        page = keyset_page(
            session, _statement(session, given), Look.at, Look.id, cursor=given["cursor"] or None, page_size=PAGE_SIZE
        )
    except Invalid as error:
        problems = dict(error.errors)
    views = [(look, seen_look(look, look.subjects), is_untouched(session, look)) for look in page.items]
    asked.pop("cursor", None)
    shown = {**dict.fromkeys(LooksSearch().load_fields, ""), **asked}
    body = render(
        "admin/looks.html",
        views=views,
        persons=persons_of(session, page.items),
        cursor=page.next_cursor,
        asked=asked,
        shown=shown,
        problems=problems,
    )
    return body, 422 if problems else 200


@pages.post("/export")
@requires(READ_AUDIT)
def export() -> Response:
    """Give what the search finds as a file; that it was taken is recorded with the file's digest."""
    session, asked = reading(), _filled(request.form)
    statement = _statement(session, load(LooksSearch(), asked))
    body = tempfile.SpooledTemporaryFile(MEMORY)  # noqa: SIM115 - the answer closes it
    rows, digest = write_looks(session, body, statement)
    with writing() as recording:
        record_looks_export(recording, actor(), _without_addresses(recording, asked), rows, digest)
        day = now(recording).date().isoformat()
    body.seek(0)
    return send_file(body, "text/csv", as_attachment=True, download_name=f"looks-{day}.csv", max_age=0)


def _filled(given: Mapping[str, str]) -> dict[str, str]:
    """Return what was filled in: an empty field of the bar does not narrow."""
    return {name: value for name, value in given.items() if value.strip() and name != "csrf_token"}


def _without_addresses(session: Session, asked: Mapping[str, str]) -> dict[str, str]:
    named = {name: account_by_email(session, value) for name, value in asked.items() if "@" in value}
    return {**asked, **{name: account.public_id if account else "" for name, account in named.items()}}


def _statement(session: Session, given: dict[str, Any]) -> Any:
    whose, thing = given["whose"], ""
    subject = None
    if whose:
        subject = _account(session, whose)
        thing = "" if subject else _case(session, whose)
        if subject is None and not thing:
            raise Invalid(errors={"whose": [_("No account and no case is known by this.")]})
    viewer = _account(session, given["viewer"]) if given["viewer"] else None
    if given["viewer"] and viewer is None:
        raise Invalid(errors={"viewer": [_("No account and no case is known by this.")]})
    return looks(
        public_id=given["look"],
        viewer_account_id=viewer,
        subject_account_id=subject,
        thing=thing,
        since=day_begins(given["since"]),
        until=day_begins(given["until"], 1),
    )


def _account(session: Session, text: str) -> int | None:
    if "@" in text:
        found = account_by_email(session, text)
        return None if found is None else found.id
    try:
        return account_by_public_id(session, text.removeprefix("account:")).id
    except NotFound:
        return None


def _case(session: Session, text: str) -> str:
    found = case_by_reference(session, text.removeprefix("case:"))
    return "" if found is None else f"case:{found.reference}"
