"""For those who look after accounts: let somebody in again who lost the phone and the recovery codes."""

from __future__ import annotations

from typing import Any

from flask import Blueprint

from egovframe.core.auth import MANAGE_ACCOUNTS, account_by_email, need, need_fresh, requires, reset_factors
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.answers import refused
from egovframe.core.web.account.routes.own import present
from egovframe.core.web.account.schemas import ResetFactorsSchema
from egovframe.core.web.context import actor, go, load, notice, reading, render, writing
from egovframe.core.web.forms import form
from egovframe.errors import Invalid

desk = Blueprint("account_admin", __name__, url_prefix="/admin/factors", template_folder="../templates")
PLACE = "account/reset_factors.html"


@desk.get("", endpoint="reset")
@requires(MANAGE_ACCOUNTS)
def reset_form() -> str:
    """Ask whose second factor is lost, and why."""
    need(reading(), actor(), MANAGE_ACCOUNTS)
    need_fresh(reading(), actor(), present())
    return render(PLACE, f=form(ResetFactorsSchema()))


@desk.post("")
@requires(MANAGE_ACCOUNTS)
def reset_now() -> Any:
    """Take the factors away; the owner is told by mail, the reason is kept in the audit."""
    try:
        data = load(ResetFactorsSchema())
        with writing() as writer:
            need(writer, actor(), MANAGE_ACCOUNTS)
            need_fresh(writer, actor(), present())
            account = account_by_email(writer, data["email"])
            if account is None:
                raise Invalid(errors={"email": [_("There is no account with this address.")]})
            reset_factors(writer, actor(), account, data["reason"])
    except Invalid as error:
        return refused(PLACE, ResetFactorsSchema(), error)
    notice(_("The second factor is taken away, and every device is signed out. The owner is told by e-mail."))
    return go("account_admin.reset")
