"""What belongs to the person signed in: profile, password, devices, tokens."""

from __future__ import annotations

from typing import Any

from flask import request, session

from egovframe.core.auth import (
    account_of,
    change_password,
    revoke_session,
    revoke_token,
    sessions_of,
    set_profile,
    sign_ins,
    sign_out_everywhere,
    signed_in,
    tokens_of,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now, numbered_page
from egovframe.core.web.account.answers import refused
from egovframe.core.web.account.routes.pages import pages
from egovframe.core.web.account.schemas import ChangePasswordSchema, NothingSchema, ProfileSchema
from egovframe.core.web.account.throttles import Attempts, forgive_account
from egovframe.core.web.context import actor, forget_actor, go, language, load, notice, reading, render, visit, writing
from egovframe.core.web.cookies import SIGNED_IN, delete_cookie
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid


@pages.get("/", endpoint="profile")
@signed_in
def profile_form() -> Any:
    """Show what the city knows about the person, to be corrected."""
    account = account_of(reading(), actor())
    values = {
        "display_name": account.display_name,
        "addressed_as": account.addressed_as,
        "language": account.language or language(),
    }
    return render("account/profile.html", f=form(ProfileSchema(), values), account=account)


@pages.post("/")
@signed_in
def save_profile() -> Any:
    """Store the corrections."""
    try:
        data = load(ProfileSchema())
    except Invalid as error:
        return refused("account/profile.html", ProfileSchema(), error, account=account_of(reading(), actor()))
    with writing() as writer:
        set_profile(writer, actor(), **data)
    forget_actor()
    notice(_("Your details are saved."))
    return go("account.profile")


@pages.get("/password", endpoint="password")
@signed_in
def password_form() -> Any:
    """Ask for the present and a new password; who has none is led to where the first one is set."""
    if account_of(reading(), actor()).password_hash is None:
        return go("account.first_password")
    return render("account/password.html", f=form(ChangePasswordSchema()))


@pages.post("/password")
@signed_in
def change_own_password() -> Any:
    """Change the password; every other device is signed out."""
    attempts = Attempts()
    try:
        data = load(ChangePasswordSchema())
        change_password(
            runtime().database,
            actor(),
            current=data["current"],
            new=data["new"],
            throttle=attempts,
            keep_session=present(),
        )
    except Invalid as error:
        return refused("account/password.html", ChangePasswordSchema(), error)
    attempts.succeeded()
    with writing() as writer:
        forgive_account(writer, account_of(writer, actor()))
    notice(_("Your password is changed. Every other device is signed out, and keys for programs stopped."))
    return go("account.sessions")


@pages.get("/sessions")
@signed_in
def sessions() -> Any:
    """List the browsers and the tokens that may act for the person."""
    reader, key = reading(), actor().account_id or 0
    at = now(reader)
    return render(
        "account/sessions.html",
        sessions=sessions_of(reader, key, at),
        tokens=tokens_of(reader, key, at),
        present=present(),
        account=account_of(reader, actor()),
        f=form(NothingSchema()),
    )


@pages.post("/sessions/<public_id>/end")
@signed_in
def end_session(public_id: str) -> Any:
    """Sign another of one's browsers out."""
    load(NothingSchema())
    with writing() as writer:
        revoke_session(writer, actor(), public_id)
    notice(_("That device is signed out."))
    return go("account.sessions")


@pages.post("/tokens/<public_id>/revoke")
@signed_in
def stop_token(public_id: str) -> Any:
    """Stop one of one's API tokens."""
    load(NothingSchema())
    with writing() as writer:
        revoke_token(writer, actor(), public_id)
    notice(_("That token no longer works."))
    return go("account.sessions")


@pages.post("/sessions/end-all")
@signed_in
def end_all_sessions() -> Any:
    """Sign out everywhere: every browser of the account, this one too."""
    load(NothingSchema())
    with writing() as writer:
        sign_out_everywhere(writer, actor())
    session.clear()
    forget_actor()
    notice(_("You are signed out on every device."))
    response = go("account.sign_in")
    delete_cookie(response, SIGNED_IN)
    return response


@pages.get("/history")
@signed_in
def history() -> Any:
    """List when, how and where one signed in, and who tried."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdecimal() and len(asked) < 7 else 1
    return render("account/history.html", page=numbered_page(reading(), sign_ins(actor().account_id or 0), number))


def present() -> int:
    """Return the row of the session that this browser came with; 0 without one."""
    entry = visit()
    return 0 if entry is None else entry.session_id


__all__ = ["pages", "present"]
