"""The second step of a sign-in, and showing again who one is before factors are changed."""

from __future__ import annotations

from typing import Any

from flask import redirect, request, session

from egovframe.core.auth import (
    CHOOSE_FACTOR,
    SECOND_FACTOR,
    SessionEntry,
    account_of,
    passkeys_of,
    prove_again,
    prove_by_passkey,
    public,
    signed_in_or_at,
    take_passkey,
    take_second_factor,
)
from egovframe.core.web.account.addresses import local
from egovframe.core.web.account.agents import family
from egovframe.core.web.account.answers import private, refused
from egovframe.core.web.account.entering import onward, remember, welcome
from egovframe.core.web.account.parties import asker, party
from egovframe.core.web.account.providers import connected_here
from egovframe.core.web.account.routes.own import pages
from egovframe.core.web.account.routes.passkeys import party_or_refuse
from egovframe.core.web.account.schemas import (
    CodeProofSchema,
    PasskeyAnswerSchema,
    PasswordProofSchema,
    ProofSchema,
    SecondFactorSchema,
)
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.account.verify_schemas import NextSchema
from egovframe.core.web.context import actor, load, person, reading, render, url, visit
from egovframe.core.web.forms import form
from egovframe.core.web.guards import NEXT
from egovframe.core.web.runtime import runtime
from egovframe.errors import Invalid, NotSignedIn
from egovframe.fields import StrictSchema

PLACE = "account/second_factor.html"
PROVE = "account/prove.html"


@pages.get("/second-factor", endpoint="second_factor")
@signed_in_or_at(SECOND_FACTOR)
def second_factor_form() -> Any:
    """Ask for the second factor; whoever has shown it is led on."""
    if actor().is_signed_in:
        return redirect(onward(), code=303)
    remember(request.args.get("next", ""))
    return private(render(PLACE, f=form(SecondFactorSchema()), **_keys()))


@pages.post("/second-factor")
@signed_in_or_at(SECOND_FACTOR)
def show_second_factor() -> Any:
    """Open the session by a code; its id is new."""
    attempts = Attempts()
    try:
        data = load(SecondFactorSchema())
        entered = take_second_factor(
            runtime().database,
            _entry(),
            data["code"],
            throttle=attempts,
            address=address(),
            agent=family(request.user_agent.string),
        )
    except Invalid as error:
        return private(*refused(PLACE, SecondFactorSchema(), error, **_keys()))
    attempts.succeeded()
    return welcome(entered, session.get(NEXT, ""))


@pages.post("/second-factor/passkey")
@signed_in_or_at(SECOND_FACTOR)
def show_passkey() -> Any:
    """Open the session by one of the account's passkeys; its id is new."""
    attempts = Attempts()
    try:
        entered = take_passkey(
            runtime().database,
            _entry(),
            party_or_refuse(),
            asker(),
            load(PasskeyAnswerSchema())["answer"],
            throttle=attempts,
            address=address(),
            agent=family(request.user_agent.string),
        )
    except Invalid as error:
        return private(*refused(PLACE, SecondFactorSchema(), error, **_keys()))
    attempts.succeeded()
    return welcome(entered, session.get(NEXT, ""))


@pages.get("/prove", endpoint="prove")
@signed_in_or_at(CHOOSE_FACTOR)
def prove_form() -> Any:
    """Ask again who is at the keyboard."""
    values = {"next": local(request.args.get("next", "")) or ""}
    return private(render(PROVE, f=form(_proof_schema(), values), **_other_proofs(values["next"])))


@pages.post("/prove")
@signed_in_or_at(CHOOSE_FACTOR)
def prove_now() -> Any:
    """Note a fresh proof, by password or code, and go on."""
    attempts = Attempts()
    try:
        data = load(_proof_schema())
        prove_again(
            runtime().database,
            _entry(),
            person(),
            password=data.get("password", ""),
            code=data.get("code", ""),
            throttle=attempts,
            address=address(),
        )
    except Invalid as error:
        return _proof_refused(error)
    attempts.succeeded()
    return _proved(data["next"])


@pages.post("/prove/passkey")
@signed_in_or_at(CHOOSE_FACTOR)
def prove_with_passkey() -> Any:
    """Note a fresh proof, by a passkey, and go on."""
    attempts = Attempts()
    try:
        data = load(PasskeyAnswerSchema())
        prove_by_passkey(
            runtime().database,
            _entry(),
            person(),
            party_or_refuse(),
            asker(),
            data["answer"],
            throttle=attempts,
            address=address(),
        )
    except Invalid as error:
        return _proof_refused(error)
    attempts.succeeded()
    return _proved(data["next"])


@pages.get("/lost-factor", endpoint="lost_factor")
@public
def lost_factor() -> Any:
    """Say what to do when the phone and the recovery codes are lost."""
    return render("account/lost_factor.html")


def _entry() -> SessionEntry:
    entry = visit()
    if entry is None:
        raise NotSignedIn
    return entry


def _keys(wanted: str = "") -> dict[str, Any]:
    """Return what the pages need to offer a passkey beside their form."""
    offered = party() is not None and bool(passkeys_of(reading(), person().account_id or 0))
    return {"passkey": form(PasskeyAnswerSchema(), {"next": wanted}, prefix="p") if offered else None}


def _other_proofs(wanted: str) -> dict[str, Any]:
    """Return what the page of proving offers beside its form: a passkey, or where one signs in again."""
    return {**_keys(wanted), "again": connected_here(), "next_page": wanted}


def _proof_schema() -> StrictSchema:
    """Return what the person can show: whoever came through a provider has no password to type."""
    account = account_of(reading(), person())
    if account.password_hash is None:
        return CodeProofSchema() if account.second_factor else NextSchema()
    return ProofSchema() if account.second_factor else PasswordProofSchema()


def _proof_refused(error: Invalid) -> Any:
    wanted = local(request.form.get("next", "")) or ""
    return private(*refused(PROVE, _proof_schema(), error, **_other_proofs(wanted)))


def _proved(wanted: str) -> Any:
    return redirect(local(wanted) or url("account.factors"), code=303)
