"""Sign-in, sign-out, registration and the links that are sent by e-mail."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, redirect, request, session

from egovframe.actor import ANONYMOUS
from egovframe.core.auth import (
    LinkSpent,
    address_of_link,
    confirm_contact,
    confirmed_already,
    hash_password,
    link_stands,
    offer_leave,
    policy_of,
    public,
    recover,
    register_account,
    request_recovery,
    sign_in,
    sign_out,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import consent_to_newest, required_notices
from egovframe.core.web.account.addresses import landing, local
from egovframe.core.web.account.agents import family
from egovframe.core.web.account.answers import private, refused, spent, throttled
from egovframe.core.web.account.entering import welcome
from egovframe.core.web.account.leaving import lead_out
from egovframe.core.web.account.parties import party
from egovframe.core.web.account.places import remember_place
from egovframe.core.web.account.schemas import (
    NewPasswordSchema,
    NothingSchema,
    PasskeyAnswerSchema,
    RecoverySchema,
    RegisterSchema,
    SignInSchema,
)
from egovframe.core.web.account.throttles import Attempts, address, forgive_account
from egovframe.core.web.context import (
    actor,
    forget_actor,
    go,
    language,
    load,
    notice,
    person,
    reading,
    render,
    settings,
    url,
    visit,
    writing,
)
from egovframe.core.web.cookies import SIGNED_IN, delete_cookie, read_cookie
from egovframe.core.web.forms import form
from egovframe.core.web.guards import next_step
from egovframe.core.web.kept import COOKIE as KEPT
from egovframe.core.web.kept import find_kept
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid, TooManyRequests

pages = Blueprint("account", __name__, url_prefix="/account", template_folder="../templates")


@pages.get("/sign-in", endpoint="sign_in")
@public
def sign_in_form() -> Any:
    """Show the sign-in form, or lead on who is signed in already."""
    wanted = local(request.args.get("next", ""))
    if actor().is_signed_in:
        return redirect(wanted or landing(actor(), language()), code=303)
    if next_step(visit()):
        return go(next_step(visit()), next=wanted)
    values = {"next": wanted or ""}
    return render("account/sign_in.html", f=form(SignInSchema(), values), **sign_in_context(values))


@pages.post("/sign-in")
@public
def enter() -> Any:
    """Begin a session with a new id and a new CSRF secret."""
    attempts = Attempts()
    try:
        data = load(SignInSchema())
        entered = sign_in(
            runtime().database,
            email=data["email"],
            password=data["password"],
            address=address(),
            throttle=attempts,
            agent=family(request.user_agent.string),
            previous=read_cookie(SIGNED_IN),
        )
    except Invalid as error:
        return refused("account/sign_in.html", SignInSchema(), error, **sign_in_context(request.form))
    except TooManyRequests as error:
        return throttled(error)
    attempts.succeeded()
    return welcome(entered, data["next"])


@pages.post("/sign-out", endpoint="sign_out")
@public
def sign_out_now() -> Any:
    """End the session of this browser."""
    load(NothingSchema())
    with writing() as writer:
        ticket = offer_leave(writer, read_cookie(SIGNED_IN))
        sign_out(writer, person(), read_cookie(SIGNED_IN))
    session.clear()
    forget_actor()
    notice(_("You are signed out."))
    response = go("core.home") if ticket is None else lead_out(ticket)
    delete_cookie(response, SIGNED_IN)
    delete_cookie(response, KEPT)
    return response


@pages.get("/register")
@public
def register() -> Any:
    """Show the registration form."""
    return render("account/register.html", f=form(RegisterSchema()), notices=required_notices(reading()))


@pages.post("/register")
@public
def open_account() -> Any:
    """Open an account; the answer is the same when there is one already."""
    try:
        data = load(RegisterSchema())
        Attempts()("register", address())
        hashed = hash_password(data["password"], policy_of(runtime().database), email=data["email"])
    except Invalid as error:
        notices = required_notices(reading())
        return refused("account/register.html", RegisterSchema(), error, notices=notices)
    with writing() as writer:
        register_account(
            writer,
            email=data["email"],
            display_name=data["display_name"],
            addressed_as=data["addressed_as"],
            password=hashed,
            language=language(),
            along=lambda account: consent_to_newest(writer, ANONYMOUS, account.id),
        )
    return go("account.check_mail")


@pages.get("/check-mail")
@public
def check_mail() -> Any:
    """Say that a message is under way, after registering and after asking for a new password."""
    return render("account/check_mail.html")


@pages.get("/confirm/<token>")
@public
def confirm(token: str) -> Any:
    """Ask for one click: programs that look into mail open links too, and opening one changes nothing."""
    if not link_stands(reading(), token, "confirm"):
        return _no_longer_confirms(token)
    return private(render("account/confirm.html", f=form(NothingSchema())))


@pages.post("/confirm/<token>")
@public
def confirm_now(token: str) -> Any:
    """Confirm the address."""
    load(NothingSchema())
    Attempts()("link", address())
    try:
        with writing() as writer:
            confirm_contact(writer, token, actor())
    except LinkSpent:
        return _no_longer_confirms(token)
    forget_actor()
    notice(_("Thank you. Your e-mail address is confirmed."))
    kept = find_kept()
    if actor().is_signed_in:
        return go("account.resume", public_id=kept.public_id) if kept else go("account.profile")
    return go("account.sign_in", next=url("account.resume", public_id=kept.public_id) if kept else None)


@pages.get("/recover", endpoint="recover")
@public
def recover_form() -> Any:
    """Ask whose password was forgotten."""
    return render("account/recover.html", f=form(RecoverySchema()))


@pages.post("/recover")
@public
def ask_for_link() -> Any:
    """Send a link; the answer is the same when nobody has this address."""
    try:
        data = load(RecoverySchema())
    except Invalid as error:
        return refused("account/recover.html", RecoverySchema(), error)
    attempts = Attempts()
    attempts("recover", address())
    attempts("recover-account", data["email"].casefold())
    with writing() as writer:
        request_recovery(writer, data["email"], language())
    return go("account.check_mail")


@pages.get("/recover/<token>", endpoint="new_password")
@public
def new_password_form(token: str) -> Any:
    """Ask for the new password, unless the link no longer leads to one."""
    if not link_stands(reading(), token, "recover", "invite"):
        return spent(url("account.recover"))
    return private(render("account/new_password.html", f=form(NewPasswordSchema())))


@pages.post("/recover/<token>")
@public
def set_new_password(token: str) -> Any:
    """Set the new password, end every session, lead to sign-in."""
    Attempts()("link", address())
    try:
        email = address_of_link(reading(), token, "recover", "invite")
        data = load(NewPasswordSchema())
        hashed = hash_password(data["password"], policy_of(runtime().database), email=email)
        with writing() as writer:
            account = recover(writer, token, hashed)
            forgive_account(writer, account)
            remember_place(writer, account.email_index or "", address())
    except LinkSpent:
        return spent(url("account.recover"))
    except Invalid as error:
        return private(*refused("account/new_password.html", NewPasswordSchema(), error))
    notice(_("Your new password is set. Please sign in with it."))
    return go("account.sign_in")


def _no_longer_confirms(token: str) -> Any:
    """Say what a spent link has done already, or where another one is asked for."""
    if confirmed_already(reading(), token):
        return private(render("account/confirmed_already.html"), 410)
    # Where another one is asked for opens only to its owner; elsewhere one signs in first.
    return spent(url("account.verify") if actor().is_signed_in else "")


def sign_in_context(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what the sign-in page shows besides its form."""
    return {
        "demo": settings().demo,
        "passkey": form(PasskeyAnswerSchema(), {"next": values.get("next", "")}, prefix="p") if party() else None,
    }
