"""What protects an account besides its password: the app, passkeys, recovery codes."""

from __future__ import annotations

from typing import Any

from flask import request

from egovframe.core.auth import (
    CHOOSE_FACTOR,
    account_of,
    app_of,
    app_secret,
    begin_app,
    codes_left,
    confirm_app,
    passkeys_of,
    remove_app,
    renew_codes,
    signed_in,
    signed_in_or_at,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.answers import private, refused
from egovframe.core.web.account.drawings import qr_code
from egovframe.core.web.account.entering import onward, remember
from egovframe.core.web.account.parties import number_here, party
from egovframe.core.web.account.routes.own import pages, present
from egovframe.core.web.account.schemas import AppCodeSchema, NothingSchema
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import (
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
from egovframe.core.web.forms import form
from egovframe.errors import Invalid

APP = "account/app.html"


@pages.get("/factors", endpoint="factors")
@signed_in_or_at(CHOOSE_FACTOR)
def overview() -> Any:
    """Show what protects the account, and what to set up."""
    remember(request.args.get("next", ""))
    reader, known, entry = reading(), person(), visit()
    account = account_of(reader, known)
    return private(
        render(
            "account/factors.html",
            account=account,
            app=app_of(reader, account.id),
            passkeys=passkeys_of(reader, account.id),
            codes=codes_left(reader, account.id),
            choosing=entry is not None and entry.pending is not None,
            possible=party() is not None,
            by_number=number_here(),
        )
    )


@pages.post("/factors/app/begin")
@signed_in_or_at(CHOOSE_FACTOR)
def begin_new_app() -> Any:
    """Make a secret for a new app."""
    load(NothingSchema())
    with writing() as writer:
        begin_app(writer, person(), present())
    return go("account.app")


@pages.get("/factors/app", endpoint="app")
@signed_in_or_at(CHOOSE_FACTOR)
def app_form() -> Any:
    """Show the secret as picture, link and text, and ask for the first code."""
    return private(render(APP, f=form(AppCodeSchema()), **_secret()))


@pages.post("/factors/app")
@signed_in_or_at(CHOOSE_FACTOR)
def confirm_new_app() -> Any:
    """Make the app a factor by its first code; show recovery codes with the first factor."""
    attempts = Attempts()
    try:
        data = load(AppCodeSchema())
        attempts("second-factor-address", address())
        with writing() as writer:
            codes = confirm_app(writer, person(), data["code"], present())
    except Invalid as error:
        return private(*refused(APP, AppCodeSchema(), error, **_secret()))
    attempts.succeeded()
    return added(codes, _("The app is set up."))


@pages.post("/factors/app/remove")
@signed_in
def drop_app() -> Any:
    """Take the app away."""
    load(NothingSchema())
    with writing() as writer:
        remove_app(writer, person(), present())
    notice(_("The app is removed. Every other device is signed out."))
    return go("account.factors")


@pages.post("/factors/codes")
@signed_in
def new_codes() -> Any:
    """Make new recovery codes and show them, this once."""
    load(NothingSchema())
    with writing() as writer:
        codes = renew_codes(writer, person(), present())
    return _shown(codes, url("account.factors"))


def added(codes: list[str], said: Any) -> Any:
    """Answer after a new factor: its recovery codes, this once, or the overview; the way on stands below."""
    was_choosing = visit()
    forget_actor()  # the step is taken: what follows is read as the person signed in
    wanted = onward() if was_choosing is not None and was_choosing.pending else url("account.factors")
    if codes:
        return _shown(codes, wanted)
    notice(said)
    return go("account.factors")


def _shown(codes: list[str], wanted: str) -> Any:
    return private(render("account/codes.html", codes=codes, onward=wanted))


def _secret() -> dict[str, Any]:
    secret = app_secret(reading(), person(), present(), settings().city.name_in(language()))
    groups = " ".join(secret.secret[at : at + 4] for at in range(0, len(secret.secret), 4))
    return {"qr": qr_code(secret.uri), "secret": groups, "link": secret.uri}
