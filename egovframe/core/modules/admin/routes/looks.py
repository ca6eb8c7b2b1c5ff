"""``/<lang>/admin/audit/looks``: who looked at whose personal data, as auditors search it. Nothing can be changed."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request
from sqlalchemy.orm import Session

from egovframe.core.auth import account_by_email, account_by_public_id, requires
from egovframe.core.i18n import day_begins
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.audit_schemas import LooksSearch
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.audit import READ_AUDIT
from egovframe.core.modules.cases import case_by_reference
from egovframe.core.modules.privacy import Look, is_untouched, looks, seen_look
from egovframe.core.persistence import CursorPage, keyset_page
from egovframe.core.web import load, reading, render
from egovframe.errors import Invalid, NotFound

pages = Blueprint("admin_looks", __name__, url_prefix="/admin/audit/looks", template_folder="../templates")
whole_city(pages)
PAGE_SIZE = 50


@pages.get("")
@requires(READ_AUDIT)
def index() -> Any:
    """Search the looks, newest first; hidden ones too, with the day until which they are."""
    session, asked = reading(), {name: value for name, value in request.args.items() if value.strip()}
    problems: dict[str, Any] = {}
    page: CursorPage[Look] = CursorPage([], None)
    try:
        given = load(LooksSearch(), asked)
        page = keyset_page(
            session, _statement(session, given), Look.at, Look.id, cursor=given["cursor"] or None, page_size=PAGE_SIZE
        )
    except Invalid as error:
        problems = dict(error.errors)
    views = [(look, seen_look(look, look.subjects), is_untouched(session, look)) for look in page.items]
    asked.pop("cursor", None)
    shown = {**dict.fromkeys(LooksSearch().load_fields, ""), **asked}
    body = render("admin/looks.html", views=views, cursor=page.next_cursor, asked=asked, shown=shown, problems=problems)
    return body, 422 if problems else 200


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
