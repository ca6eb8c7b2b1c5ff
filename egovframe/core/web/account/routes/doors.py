"""The addresses that a provider is told: they carry no language, read no cookie of a person, and lead on to pages."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, redirect, request

from egovframe.core.auth import OutsideRefused, back_channel_logout, provider_of, public
from egovframe.core.web.account.providers import ANSWER, MOST_CHARACTERS
from egovframe.core.web.account.throttles import Attempts, address
from egovframe.core.web.context import settings, url
from egovframe.core.web.languages import chosen_language
from egovframe.core.web.runtime import runtime

doors = Blueprint("oidc", __name__, url_prefix="/oidc")


@doors.get("/<provider>/return")
@public
def back(provider: str) -> Any:
    """Lead on to the page that finishes the sign-in, in the language in which it was begun."""
    provider_of(runtime().database, provider)
    begun_in = request.args.get("state", "").partition(".")[0]
    lang = begun_in if begun_in in settings().city.languages else chosen_language()
    said = [(name, value[:MOST_CHARACTERS]) for name in ANSWER for value in request.args.getlist(name)[:2]]
    return _led(f"{url('account.back_from_provider', lang=lang, provider=provider)}?{urlencode(said)}")


@doors.get("/<provider>/signed-out")
@public
def signed_out(provider: str) -> Any:
    """Lead home after signing out at the provider."""
    provider_of(runtime().database, provider)
    return _led(url("core.home", lang=chosen_language()))


@doors.post("/<provider>/back-channel-logout")
@public
def back_channel(provider: str) -> Any:
    """Hear from the provider that somebody signed out there (OpenID Connect Back-Channel Logout 1.0, 2.5)."""
    Attempts()("back-channel", address())
    try:
        back_channel_logout(runtime().database, provider, request.form.get("logout_token", ""))
    except OutsideRefused as error:
        status = 503 if error.reason == "unavailable" else 400
        return _bare('{"error": "invalid_request"}', status, "application/json")
    return _bare("", 200, "text/plain")


def _led(there: str) -> Any:
    response: Any = redirect(there, code=303)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


def _bare(body: str, status: int, kind: str) -> Response:
    response = Response(body, status, content_type=kind)
    response.headers["Cache-Control"] = "no-store"
    return response
