"""``/<lang>/admin/accounts/invite``: open an account for somebody, who chooses the password by a link."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, request

from egovframe.core.auth import MANAGE_ACCOUNTS, account_by_public_id, invite, invite_again, requires
from egovframe.core.i18n import language_name
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.reach import whole_city
from egovframe.core.modules.admin.rights_schemas import InviteSchema
from egovframe.core.web import actor, form, go, load, notice, render, settings, writing
from egovframe.errors import Conflict, Invalid
from egovframe.fields import StrictSchema

pages = Blueprint("admin_inviting", __name__, url_prefix="/admin/accounts", template_folder="../templates")
whole_city(pages)


@pages.get("/invite")
@requires(MANAGE_ACCOUNTS)
def ask() -> str:
    """Ask whom to invite."""
    return _page({"kind": "staff", "language": settings().city.default_language})


@pages.post("/invite")
@requires(MANAGE_ACCOUNTS)
def send() -> Any:
    """Open the account and send the link."""
    try:
        data = load(InviteSchema())
        if data["language"] not in settings().city.languages:
            raise Invalid(errors={"language": [_("This city does not offer this language.")]})
        with writing() as session:
            public_id = invite(session, actor(), **data).public_id
    except Invalid as error:
        return _page(request.form, error.errors), 422
    notice(_("The account is open, and the invitation is on its way. Give the person the roles they need."))
    return go("admin_accounts.account", account_id=public_id)


@pages.post("/<account_id>/invite")
@requires(MANAGE_ACCOUNTS)
def send_again(account_id: str) -> Any:
    """Send another link to somebody who has not chosen a password yet."""
    load(StrictSchema())
    try:
        with writing() as session:
            invite_again(session, actor(), account_by_public_id(session, account_id))
    except Conflict as error:
        notice(error.detail, "warning")
    else:
        notice(_("Another invitation is on its way; the older link no longer works."))
    return go("admin_accounts.account", account_id=account_id)


def _page(values: Any, errors: Any = None) -> str:
    spoken = [(tag, language_name(tag)) for tag in settings().city.languages]
    drawn = form(InviteSchema(), values, errors, choices={"language": spoken})
    return render("admin/invite.html", f=drawn)
