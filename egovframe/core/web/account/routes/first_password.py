"""``/{lang}/account/password/first``: a password for an account that was opened by a provider and has none."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import Account, account_of, need_fresh, set_first_password, signed_in
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.answers import refused
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.schemas import NewPasswordSchema
from egovframe.core.web.account.throttles import forgive_account
from egovframe.core.web.context import actor, go, load, notice, reading, render, writing
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid

PLACE = "account/first_password.html"


@pages.get("/password/first", endpoint="first_password")
@signed_in
def first_password_form() -> Any:
    """Ask for a password, or lead to what comes before it: an address, its confirmation, a fresh sign-in."""
    account = account_of(reading(), actor())
    if account.password_hash is not None:
        return go("account.password")
    if _is_reachable(account):
        need_fresh(reading(), actor(), present())
    return render(PLACE, f=form(NewPasswordSchema()), account=account, ready=_is_reachable(account))


@pages.post("/password/first")
@signed_in
def store_first_password() -> Any:
    """Set the password; every other device is signed out."""
    try:
        data = load(NewPasswordSchema())
        set_first_password(runtime().database, actor(), data["password"], present=present())
    except Invalid as error:
        account = account_of(reading(), actor())
        return refused(PLACE, NewPasswordSchema(), error, account=account, ready=_is_reachable(account))
    with writing() as writer:
        forgive_account(writer, account_of(writer, actor()))
    notice(_("Your password is set. From now on it opens your account together with your e-mail address."))
    return go("account.ways")


def _is_reachable(account: Account) -> bool:
    return account.email is not None and account.confirmed_at is not None
