"""``/{lang}/account/my-data``: download, correct, and erase what the city holds about the person."""

from __future__ import annotations

from typing import Any

from flask import Response
from flask import session as cookie

from egovframe.core.auth import account_of, confirm_identity, need_fresh, public, signed_in
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import (
    backups_end,
    correct,
    correctable,
    correctable_row,
    erase,
    outcome_named,
    outcome_of,
    subject_of,
)
from egovframe.core.web.account.answers import private, refused
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.schemas import NothingSchema
from egovframe.core.web.account.schemas_privacy import EraseSchema
from egovframe.core.web.account.throttles import Attempts
from egovframe.core.web.context import (
    actor,
    forget_actor,
    go,
    load,
    notice,
    reading,
    render,
    writing,
)
from egovframe.core.web.cookies import SIGNED_IN, delete_cookie
from egovframe.core.web.forms import form
from egovframe.core.web.own_data import explained, send_data
from egovframe.core.web.questions import SureSchema
from egovframe.core.web.runtime import runtime
from egovframe.errors import Conflict, Invalid

ERASURE = "erasure"
"""Where the state cookie keeps which request the last page tells about."""
NOTHING_WENT = _(
    "Your request is noted, but nothing is erased for now. Below you read what stays and why. It goes by itself when"
    " the reason is over; until then your account works as before."
)
WENT_IN_PART = _(
    "What could go is erased. Your account stays for now: below you read why. It goes by itself when the reason is"
    " over."
)


@pages.get("/my-data")
@signed_in
def my_data() -> str:
    """Show what a person can do about their data, each in one sentence."""
    return render("account/my_data.html", f=form(NothingSchema()))


@pages.post("/my-data/download")
@signed_in
def download_data() -> Response:
    """Give everything about the person as a file."""
    return send_data(subject_of(actor()))


@pages.get("/my-data/correct")
@signed_in
def correct_data() -> str:
    """Lead to what can be corrected: the account, the address, contacts in matters that are not over."""
    return render("account/correct.html", rows=correctable(reading(), subject_of(actor())))


@pages.get("/my-data/correct/<table>/<int:key>")
@signed_in
def correct_row(table: str, key: int) -> str:
    """Ask for the right values of one row."""
    row = correctable_row(reading(), subject_of(actor()), table, key)
    return render("account/correct_row.html", row=row, f=form(row.schema(), row.values))


@pages.post("/my-data/correct/<table>/<int:key>")
@signed_in
def save_row(table: str, key: int) -> Any:
    """Store the right values."""
    try:
        with writing() as session:
            row = correctable_row(session, subject_of(actor()), table, key)
            correct(session, actor(), row, load(row.schema()))
    except Invalid as error:
        row = correctable_row(reading(), subject_of(actor()), table, key)
        return refused("account/correct_row.html", row.schema(), error, row=row)
    notice(_("Your corrections are saved."))
    return go("account.correct_data")


@pages.get("/my-data/erase")
@signed_in
def erase_data() -> str:
    """Explain what would go, what would stay and why, and when the last backup is gone."""
    schema = _schema()
    if isinstance(schema, SureSchema):
        need_fresh(reading(), actor(), present())
    return render("account/erase.html", f=form(schema), **_explained())


@pages.post("/my-data/erase")
@signed_in
def erase_now() -> Any:
    """Erase the person, once the password was typed again, or after a fresh sign-in where there is none."""
    attempts, mine, schema = Attempts(), subject_of(actor()), _schema()
    try:
        typed = load(schema).get("password", "")
        confirm_identity(runtime().database, actor(), typed, throttle=attempts, present=present())
        with writing() as session:
            found = erase(session, actor(), mine)
    except (Invalid, Conflict) as error:
        shown = error if isinstance(error, Invalid) else Invalid(error.detail)
        return refused("account/erase.html", schema, shown, **_explained())
    attempts.succeeded()
    forget_actor()
    if actor().is_signed_in:  # the account had to stay, and so does the session
        notice(WENT_IN_PART if found.goes else NOTHING_WENT, "info")
        return go("account.erase_data")
    done = outcome_of(reading(), mine)
    cookie.clear()
    cookie[ERASURE] = done.public_id if done else ""
    response = go("account.erased")
    delete_cookie(response, SIGNED_IN)
    return response


@pages.get("/my-data/erased")
@public
def erased() -> Response:
    """Say what is erased, what stays and why, and when the last backup is gone; to the browser that asked for it."""
    done = outcome_named(reading(), cookie.get(ERASURE, ""))
    if done is None:
        return go("core.home")
    return private(render("account/erased.html", done=done, until=backups_end(reading())))


def _explained() -> dict[str, Any]:
    mine = subject_of(actor())
    return {**explained(mine), "asked": outcome_of(reading(), mine)}


def _schema() -> EraseSchema | SureSchema:
    """Return what is asked before an erasure: who has no password has signed in again, and ticks."""
    return SureSchema() if account_of(reading(), actor()).password_hash is None else EraseSchema()
