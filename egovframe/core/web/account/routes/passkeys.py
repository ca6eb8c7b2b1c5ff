"""Passkeys: signing in with one, making and removing them. The browser's part is ``static/passkeys.js``."""

from __future__ import annotations

from typing import Any

from flask import Response, request

from egovframe.core.auth import (
    CHOOSE_FACTOR,
    SECOND_FACTOR,
    RelyingParty,
    add_passkey,
    ask_for_new,
    ask_passkey,
    enter_by_passkey,
    need_fresh,
    own_passkey,
    public,
    remove_passkey,
    rename_passkey,
    signed_in,
    signed_in_or_at,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.agents import family
from egovframe.core.web.account.answers import private, refused, throttled
from egovframe.core.web.account.entering import welcome
from egovframe.core.web.account.parties import asker, party
from egovframe.core.web.account.routes.factors import added
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.routes.pages import sign_in_context
from egovframe.core.web.account.schemas import (
    NewPasskeySchema,
    NothingSchema,
    PasskeyAnswerSchema,
    PasskeyNameSchema,
    SignInSchema,
)
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import go, load, notice, person, reading, render, writing
from egovframe.core.web.cookies import SIGNED_IN, read_cookie
from egovframe.core.web.forms import form
from egovframe.core.web.runtime import runtime
from egovframe.errors import Conflict, Invalid, TooManyRequests

NEW = "account/new_passkey.html"
RENAME = "account/rename_passkey.html"
NO_NAME = _("Passkeys work only under a host name and over https. Open this portal by its name, not by a number.")


@pages.post("/passkeys/question")
@public
def question_at_the_door() -> Response:
    """Put a question to whatever passkey a visitor has; the browser's options as JSON."""
    return _question(lambda reader: ask_passkey(reader, party_or_refuse(), asker(), purpose="enter"))


@pages.post("/second-factor/question")
@signed_in_or_at(SECOND_FACTOR)
def question_at_the_second_step() -> Response:
    """Put a question to the account's passkeys during the second step."""
    return _question(_of_the_account)


@pages.post("/prove/question")
@signed_in_or_at(CHOOSE_FACTOR)
def question_again() -> Response:
    """Put a question to the account's passkeys before something weighty."""
    return _question(_of_the_account)


@pages.post("/passkeys/new/question")
@signed_in_or_at(CHOOSE_FACTOR)
def question_for_new() -> Response:
    """Ask the browser to make a new passkey."""
    return _question(lambda writer: ask_for_new(writer, person(), present(), party_or_refuse(), asker()))


@pages.post("/sign-in/passkey")
@public
def enter_with_passkey() -> Any:
    """Begin a session by a passkey alone."""
    attempts = Attempts()
    try:
        data = load(PasskeyAnswerSchema())
        entered = enter_by_passkey(
            runtime().database,
            party_or_refuse(),
            asker(),
            data["answer"],
            throttle=attempts,
            address=address(),
            agent=family(request.user_agent.string),
            previous=read_cookie(SIGNED_IN),
        )
    except Invalid as error:
        return refused("account/sign_in.html", SignInSchema(), error, **sign_in_context(request.form))
    except TooManyRequests as error:
        return throttled(error)
    attempts.succeeded()
    return welcome(entered, data["next"])


@pages.get("/passkeys/new", endpoint="new_passkey")
@signed_in_or_at(CHOOSE_FACTOR)
def new_passkey_form() -> Any:
    """Ask for a name, then let the browser make a passkey."""
    need_fresh(reading(), person(), present())
    return private(render(NEW, f=form(NewPasskeySchema()), possible=party() is not None))


@pages.post("/passkeys/new")
@signed_in_or_at(CHOOSE_FACTOR)
def store_passkey() -> Any:
    """Store the new passkey; show recovery codes with the first factor."""
    try:
        data = load(NewPasskeySchema())
        codes = add_passkey(
            runtime().database,
            person(),
            present(),
            party_or_refuse(),
            asker(),
            name=data["name"],
            answer=data["answer"],
        )
    except Invalid as error:
        return private(*refused(NEW, NewPasskeySchema(), error, possible=party() is not None))
    return added(codes, _("The passkey is stored."))


@pages.get("/passkeys/<public_id>/name", endpoint="rename_passkey")
@signed_in
def passkey_name_form(public_id: str) -> Any:
    """Ask for another name of a passkey."""
    key = own_passkey(reading(), person(), public_id, present())
    return private(render(RENAME, f=form(PasskeyNameSchema(), {"name": key.name}), key=key))


@pages.post("/passkeys/<public_id>/name")
@signed_in
def store_passkey_name(public_id: str) -> Any:
    """Store the other name."""
    try:
        data = load(PasskeyNameSchema())
    except Invalid as error:
        key = own_passkey(reading(), person(), public_id, present())
        return private(*refused(RENAME, PasskeyNameSchema(), error, key=key))
    with writing() as writer:
        rename_passkey(writer, person(), public_id, data["name"], present())
    notice(_("The passkey has its new name."))
    return go("account.factors")


@pages.post("/passkeys/<public_id>/remove")
@signed_in
def drop_passkey(public_id: str) -> Any:
    """Take a passkey away."""
    load(NothingSchema())
    with writing() as writer:
        remove_passkey(writer, person(), public_id, present())
    notice(_("The passkey is removed. Every other device is signed out."))
    return go("account.factors")


def party_or_refuse() -> RelyingParty:
    """Return for whom passkeys are made here.

    Raises:
        Conflict: browsers make none at this address.
    """
    found = party()
    if found is None:
        raise Conflict(NO_NAME)
    return found


def _question(put: Any) -> Response:
    load(NothingSchema())
    Attempts()("passkey-question", address())
    with writing() as writer:
        options = put(writer)
    response = private(options)
    response.content_type = "application/json"
    return response


def _of_the_account(writer: Any) -> str:
    return ask_passkey(writer, party_or_refuse(), asker(), purpose="prove", account_id=person().account_id)
