"""From a code to tokens, and from an access token to what the provider knows (OpenID Connect Core 1.0, 3.1.3, 5.3)."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote_plus, urlencode

from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.metadata import Metadata
from egovframe.core.auth.outside.providers import Provider
from egovframe.errors import OutgoingFailed
from egovframe.outgoing import Answer

FORM = "application/x-www-form-urlencoded"
MAX_CODE = 4_000
MAX_ACCESS_TOKEN = 32_000


@dataclass(frozen=True, slots=True)
class Tokens:
    """What a code was exchanged for; neither has been looked at yet."""

    id_token: str
    access_token: str


def exchange(provider: Provider, code: str, verifier: str) -> Tokens:
    """Exchange a code for tokens.

    Args:
        provider: who gave the code.
        code: as it came through the browser.
        verifier: of this attempt: a code that belongs to another attempt is worthless here (RFC 7636).

    Raises:
        OutsideRefused: ``unavailable`` when the provider does not answer, ``provider`` when it refuses,
            ``untrusted`` when its answer is none.
    """
    if not 0 < len(code) <= MAX_CODE:
        raise OutsideRefused("untrusted", "no code")
    metadata = provider.source.metadata()
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": provider.redirect_uri,
        "code_verifier": verifier,
    }
    headers = {"Content-Type": FORM, "Accept": "application/json", **_authentication(provider, metadata, form)}
    answer = _asked(provider, "POST", metadata.token_endpoint, headers, urlencode(form).encode())
    if answer.status != 200:
        raise OutsideRefused("provider", f"the token endpoint answers {answer.status}")
    found = _object(answer)
    identity, access = found.get("id_token"), found.get("access_token", "")
    if not isinstance(identity, str) or not _is_header(access):
        raise OutsideRefused("untrusted", "the token endpoint gives no ID token")
    return Tokens(identity, access)


def userinfo(provider: Provider, access_token: str, subject: str) -> Mapping[str, Any]:
    """Return what the userinfo endpoint says; nothing when the provider has none.

    Raises:
        OutsideRefused: it does not answer, or speaks of somebody else than the ID token does.
    """
    endpoint = provider.source.metadata().userinfo_endpoint
    if not endpoint or not access_token:
        return {}
    headers = {"Authorization": f"Bearer {access_token}", "Accept": "application/json"}
    answer = _asked(provider, "GET", endpoint, headers)
    if answer.status != 200:
        raise OutsideRefused("provider", f"the userinfo endpoint answers {answer.status}")
    found = _object(answer)
    if found.get("sub") != subject:
        raise OutsideRefused("untrusted", "userinfo speaks of somebody else")
    return found


def _is_header(text: Any) -> bool:
    return isinstance(text, str) and len(text) <= MAX_ACCESS_TOKEN and text.isascii() and (text + "x").isprintable()


def _asked(
    provider: Provider, method: str, address: str, headers: Mapping[str, str], body: bytes | None = None
) -> Answer:
    try:
        return provider.client.request(method, address, headers=headers, body=body)
    except OutgoingFailed as error:
        raise OutsideRefused("unavailable", f"{type(error).__name__} at {address}") from error


def _object(answer: Answer) -> dict[str, Any]:
    try:
        found = answer.json()
        json.dumps(found, ensure_ascii=False).encode()  # raises for half a character, which no database takes
        return found
    except (OutgoingFailed, UnicodeEncodeError) as error:
        raise OutsideRefused("untrusted", "the answer is no JSON object") from error


def _authentication(provider: Provider, metadata: Metadata, form: dict[str, str]) -> dict[str, str]:
    """Return the header by which we show who we are, or add it to the form (RFC 6749, 2.3.1)."""
    client, secret = provider.settings.client_id, provider.settings.client_secret
    method = provider.settings.client_authentication
    if method == "auto":
        method = _offered(metadata) if secret else "none"
    if method == "client_secret_basic":
        both = f"{quote_plus(client)}:{quote_plus(secret)}".encode()
        return {"Authorization": f"Basic {base64.b64encode(both).decode()}"}
    form["client_id"] = client
    if method == "client_secret_post":
        form["client_secret"] = secret
    return {}


def _offered(metadata: Metadata) -> Any:
    post_only = "client_secret_post" in metadata.authentication and "client_secret_basic" not in metadata.authentication
    return "client_secret_post" if post_only else "client_secret_basic"
