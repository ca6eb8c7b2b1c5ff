"""``/{lang}/account/email``: another e-mail address, confirmed on the new one and told to the old one."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import (
    Account,
    account_of,
    address_link_stands,
    confirm_address_change,
    confirm_identity,
    need_fresh,
    public,
    request_address_change,
    signed_in,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.answers import private, refused
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.schemas import NothingSchema
from egovframe.core.web.account.schemas_privacy import AddressSchema, NewAddressSchema
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import actor, forget_actor, go, load, notice, reading, render, url, writing
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid
from egovframe.fields import StrictSchema


@pages.get("/email", endpoint="email")
@signed_in
def email_form() -> str:
    """Ask for the new address."""
    account = account_of(reading(), actor())
    if account.password_hash is None:
        need_fresh(reading(), actor(), present())
    return render("account/email.html", f=form(_schema(account)), account=account)


@pages.post("/email")
@signed_in
def ask_new_address() -> Any:
    """Write to the new address; the answer is the same when somebody has it already."""
    attempts, account = Attempts(), account_of(reading(), actor())
    try:
        data = load(_schema(account))
        confirm_identity(runtime().database, actor(), data.get("password", ""), throttle=attempts, present=present())
    except Invalid as error:
        return refused("account/email.html", _schema(account), error, account=account)
    attempts.succeeded()
    Attempts()("recover", address())
    with writing() as session:
        request_address_change(session, actor(), data["email"])
    notice(
        _("We have written to the new address. Open the link in that message within a day; until then nothing changes.")
    )
    return go("account.profile")


@pages.get("/email/confirm/<token>")
@public
def confirm_address(token: str) -> Any:
    """Ask for one click: programs that look into mail open links too. A link that is spent says so."""
    if not address_link_stands(reading(), token):
        return private(render("account/link_spent.html", again=url("account.email")), 410)
    return private(render("account/email_confirm.html", f=form(NothingSchema())))


@pages.post("/email/confirm/<token>")
@public
def confirm_address_now(token: str) -> Any:
    """Set the new address."""
    load(NothingSchema())
    Attempts()("link", address())
    with writing() as session:
        account = confirm_address_change(session, token)
        owner, has_password = account.id, account.password_hash is not None
    forget_actor()
    if has_password:
        notice(_("Your new e-mail address stands. Sign in with it from now on."))
        return go("account.profile" if actor().is_signed_in else "account.sign_in")
    notice(_("Your e-mail address is confirmed: our messages go there. If you like, set a password now."))
    if actor().account_id == owner:
        return go("account.ways")
    return go("account.profile") if actor().is_signed_in else go("account.sign_in", next=url("account.ways"))


def _schema(account: Account) -> StrictSchema:
    """Return what is asked: who has no password has signed in again instead of typing it."""
    return AddressSchema() if account.password_hash is None else NewAddressSchema()
