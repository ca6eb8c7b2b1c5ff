"""What account pages show and ask about providers."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from typing import Any

from flask import request

from egovframe.core.auth import OutsideRefused, Provider, offered_providers, provider_of, provider_ways
from egovframe.core.web.account.answers import private
from egovframe.core.web.context import actor, language, person, reading, render, settings
from egovframe.core.web.cookies import SIGNED_IN, read_cookie
from egovframe.core.web.runtime import runtime

ANSWER = ("code", "state", "iss", "error")
MOST_CHARACTERS = 4_000


def title_of(provider: Provider) -> str:
    """Return the name on the button in the reader's language."""
    return provider.settings.title_in(language(), settings().city.default_language)


def offered() -> dict[str, Any]:
    """Give the account templates the providers that people can sign in with."""
    found = [{"name": one.name, "title": title_of(one)} for one in offered_providers(runtime().database)]
    return {"sign_in_providers": found}


def connected_here() -> list[dict[str, str]]:
    """Return name and title of the providers that open the account of the person at the keyboard."""
    ways = provider_ways(reading(), person())
    return [{"name": way.provider.name, "title": title_of(way.provider)} for way in ways if way.identity is not None]


def connecting_token(name: str) -> str:
    """Return what only this session's own pages know: a link from elsewhere must not begin to connect anything.

    A form would be led away from our own origin, which the Content-Security-Policy forbids (form-action), so the
    button is a link and carries this instead of the form's token.
    """
    said = "\n".join((name, actor().public_id, read_cookie(SIGNED_IN)))
    return runtime().database.keyring.mac("oidc-connect", said.encode())


def is_connecting_token(name: str, given: str) -> bool:
    """Whether a link was made for this session and this provider."""
    return hmac.compare_digest(connecting_token(name), given.encode("ascii", "replace").decode())


def answer_of_provider() -> Mapping[str, str]:
    """Return the provider's answer; a parameter that came twice makes all of it worth nothing (RFC 6749, 3.1)."""
    if any(len(request.args.getlist(name)) > 1 for name in ANSWER):
        return {}
    return {name: request.args[name][:MOST_CHARACTERS] for name in ANSWER if name in request.args}


def told(name: str, error: OutsideRefused, next_page: str = "") -> Any:
    """Answer with what happened, and the ways on from here; the page that was wanted stays known."""
    page = render(
        "account/outside_refused.html",
        title=title_of(provider_of(runtime().database, name)),
        provider=name,
        problem=error,
        next_page=next_page,
    )
    return private(page, error.status)
