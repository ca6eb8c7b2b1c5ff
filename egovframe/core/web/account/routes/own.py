"""What belongs to the person signed in: profile, password, devices, tokens."""

from __future__ import annotations

from typing import Any

from flask import g

from egovframe.core.auth import (
    SessionEntry,
    account_of,
    change_password,
    revoke_session,
    revoke_token,
    sessions_of,
    set_profile,
    signed_in,
    tokens_of,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.core.web.account.answers import refused
from egovframe.core.web.account.routes.pages import pages
from egovframe.core.web.account.schemas import ChangePasswordSchema, NothingSchema, ProfileSchema
from egovframe.core.web.account.throttles import Attempts
from egovframe.core.web.context import actor, forget_actor, go, language, load, notice, reading, render, writing
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
    with writing() as session:
        set_profile(session, actor(), **data)
    forget_actor()
    notice(_("Your details are saved."))
    return go("account.profile")


@pages.get("/password", endpoint="password")
@signed_in
def password_form() -> Any:
    """Ask for the present and a new password."""
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
            keep_session=present_session(),
        )
    except Invalid as error:
        return refused("account/password.html", ChangePasswordSchema(), error)
    attempts.succeeded()
    notice(_("Your password is changed. Every other device is signed out."))
    return go("account.sessions")


@pages.get("/sessions")
@signed_in
def sessions() -> Any:
    """List the browsers and the tokens that may act for the person."""
    session, known = reading(), actor()
    at, key = now(session), known.account_id or 0
    return render(
        "account/sessions.html",
        sessions=sessions_of(session, key, at),
        tokens=tokens_of(session, key, at),
        present=present_session(),
        f=form(NothingSchema()),
    )


@pages.post("/sessions/<public_id>/end")
@signed_in
def end_session(public_id: str) -> Any:
    """Sign another of one's browsers out."""
    load(NothingSchema())
    with writing() as session:
        revoke_session(session, actor(), public_id)
    notice(_("That device is signed out."))
    return go("account.sessions")


@pages.post("/tokens/<public_id>/revoke")
@signed_in
def stop_token(public_id: str) -> Any:
    """Stop one of one's API tokens."""
    load(NothingSchema())
    with writing() as session:
        revoke_token(session, actor(), public_id)
    notice(_("That token no longer works."))
    return go("account.sessions")


def present_session() -> int | None:
    """Return the row of this browser's session."""
    actor()
    entry: SessionEntry | None = g.get("egov_session_entry")
    return None if entry is None else entry.session_id


__all__ = ["pages", "present_session"]
