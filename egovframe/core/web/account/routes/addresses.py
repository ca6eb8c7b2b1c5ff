"""``/{lang}/account/email``: another e-mail address, confirmed on the new one and told to the old one."""

from __future__ import annotations

from typing import Any

from egovframe.core.auth import (
    Account,
    LinkSpent,
    account_of,
    address_link_stands,
    confirm_address_change,
    confirm_identity,
    need_fresh,
    public,
    request_address_change,
    signed_in,
    stop_address_change,
    stop_link_stands,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.answers import private, refused, spent
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.schemas import NothingSchema
from egovframe.core.web.account.schemas_privacy import AddressSchema, NewAddressSchema
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import actor, forget_actor, go, load, notice, reading, render, url, writing
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid
from egovframe.fields import StrictSchema

STOPPED_OR_DONE = _(
    "Nothing waits here any more: the change was stopped or made already, or its time is over. If you can no longer "
    "sign in with this address and did not change it yourself, tell us at once."
)


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
        return spent(url("account.email"))
    return private(render("account/email_confirm.html", f=form(NothingSchema())))


@pages.post("/email/confirm/<token>")
@public
def confirm_address_now(token: str) -> Any:
    """Set the new address; the account's other devices are signed out."""
    load(NothingSchema())
    Attempts()("link", address())
    try:
        with writing() as session:
            account = confirm_address_change(session, token, actor(), keep_session=present())
            owner, has_password = account.id, account.password_hash is not None
    except LinkSpent:
        return spent(url("account.email"))
    forget_actor()
    if has_password:
        notice(_("Your new e-mail address stands. Sign in with it from now on."))
        return go("account.profile" if actor().is_signed_in else "account.sign_in")
    notice(_("Your e-mail address is confirmed: our messages go there. If you like, set a password now."))
    if actor().account_id == owner:
        return go("account.ways")
    return go("account.profile") if actor().is_signed_in else go("account.sign_in", next=url("account.ways"))


@pages.get("/email/stop/<token>", endpoint="stop_address")
@public
def stop_address(token: str) -> Any:
    """Ask for one click that stops a change of address: who reads the old mailbox needs no sign-in for it."""
    if not stop_link_stands(reading(), token):
        return spent(said=STOPPED_OR_DONE)
    return private(render("account/email_stop.html", f=form(NothingSchema())))


@pages.post("/email/stop/<token>")
@public
def stop_address_now(token: str) -> Any:
    """Stop the change, and lead to a new password: somebody else knows the present one."""
    load(NothingSchema())
    Attempts()("link", address())
    try:
        with writing() as session:
            stop_address_change(session, token)
    except LinkSpent:
        return spent(said=STOPPED_OR_DONE)
    notice(_("The change is stopped: your address stays. Somebody knows your password; choose a new one now."))
    return go("account.recover")


def _schema(account: Account) -> StrictSchema:
    """Return what is asked: who has no password has signed in again instead of typing it."""
    return AddressSchema() if account.password_hash is None else NewAddressSchema()
