"""Signed tokens of a provider: whose signature, for whom, how old (OpenID Connect Core 1.0, 3.1.3.7; RFC 8725)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from egovframe.config_outside import ALGORITHMS
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.providers import Provider

MAX_LENGTH = 32_000
MAX_SUBJECT = 255
SKEW = 60
"""Seconds by which clocks may differ."""
OLDEST = 600
"""Seconds since a token was made: ours are made at the moment we ask for them."""
OTHER_KINDS = frozenset({"logout+jwt", "at+jwt", "secevent+jwt", "dpop+jwt", "token-introspection+jwt"})

Claims = Mapping[str, Any]


def id_token(provider: Provider, token: str, *, nonce: str, access_token: str, at: datetime) -> Claims:
    """Return the claims of an ID token that was made for us, now, in this sign-in.

    Args:
        provider: whose it must be.
        token: as the token endpoint gave it.
        nonce: what we asked for.
        access_token: that came with it, compared with ``at_hash`` where there is one.
        at: the present instant.

    Raises:
        OutsideRefused: ``untrusted`` when anything does not fit; ``unavailable`` when its keys cannot be had.
    """
    header, claims = verified(provider, token)
    if str(header.get("typ", "JWT")).lower().removeprefix("application/") in OTHER_KINDS:
        raise _wrong("it is another kind of token")
    check_common(provider, claims, at)
    subject_of(claims)
    if not isinstance(claims.get("nonce"), str) or not hmac.compare_digest(claims["nonce"].encode(), nonce.encode()):
        raise _wrong("nonce")
    if "at_hash" in claims and claims["at_hash"] != half_hash(access_token, str(header["alg"])):
        raise _wrong("at_hash")
    return claims


def verified(provider: Provider, token: str) -> tuple[Mapping[str, Any], Claims]:
    """Return header and claims of a token whose signature is the provider's.

    Raises:
        OutsideRefused: no token, an algorithm outside of the allow-list, an unknown key, a wrong signature.
    """
    # Loaded with the first token: it brings 150 modules, and most cities have no provider.
    from joserfc import jwt  # noqa: PLC0415
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jws import JWSRegistry  # noqa: PLC0415

    header = header_of(token)
    algorithm, kid = header.get("alg"), header.get("kid")
    allowed = [name for name in provider.settings.algorithms if name in ALGORITHMS]
    if algorithm not in allowed:
        raise _wrong("algorithm")
    if kid is not None and (not isinstance(kid, str) or len(kid) > MAX_SUBJECT):
        raise _wrong("kid")
    key = provider.source.keys(kid).choose(kid, algorithm)
    if key is None:
        raise _wrong("unknown key")
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    registry.max_header_length = 8_000
    try:
        claims = jwt.decode(token, key, algorithms=[algorithm], registry=registry).claims
        json.dumps(claims, ensure_ascii=False).encode()  # raises for half a character, which no database takes
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise _wrong(f"signature ({type(error).__name__})") from error
    return header, claims


def header_of(token: str) -> Mapping[str, Any]:
    """Return the header of a token, of which nothing is believed yet.

    Raises:
        OutsideRefused: it is no signed token.
    """
    parts = token.split(".") if isinstance(token, str) and len(token) <= MAX_LENGTH else []
    if len(parts) != 3:
        raise _wrong("no signed token")
    try:
        header = json.loads(base64.urlsafe_b64decode(parts[0] + "=" * (-len(parts[0]) % 4)))
    except (ValueError, RecursionError) as error:
        raise _wrong("header") from error
    if not isinstance(header, dict) or "crit" in header or "b64" in header:
        raise _wrong("header")
    return header


def check_common(provider: Provider, claims: Claims, at: datetime) -> None:
    """Check issuer, audience and times.

    Raises:
        OutsideRefused: one does not fit.
    """
    client = provider.settings.client_id
    audience = claims.get("aud")
    audiences = [audience] if isinstance(audience, str) else audience
    if claims.get("iss") != provider.settings.issuer:
        raise _wrong("issuer")
    if not isinstance(audiences, list) or client not in audiences:
        raise _wrong("audience")
    if (len(audiences) > 1 or "azp" in claims) and claims.get("azp") != client:
        raise _wrong("azp")
    present = at.timestamp()
    if present >= _instant(claims, "exp") + SKEW:
        raise _wrong("expired")
    made = _instant(claims, "iat")
    if made > present + SKEW or made < present - OLDEST - SKEW:
        raise _wrong("iat")
    if "nbf" in claims and _instant(claims, "nbf") > present + SKEW:
        raise _wrong("nbf")


def subject_of(claims: Claims) -> str:
    """Return the provider's name for the person.

    Raises:
        OutsideRefused: there is none, or it is no text of up to 255 characters.
    """
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= MAX_SUBJECT:
        raise _wrong("sub")
    return subject


def half_hash(text: str, algorithm: str) -> str:
    """Return what ``at_hash`` holds: the left half of the digest of the signature's own kind, base64url."""
    name = "sha512" if algorithm == "Ed25519" else f"sha{algorithm[-3:]}"
    digest = hashlib.new(name, text.encode()).digest()
    return base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()


def _instant(claims: Claims, name: str) -> float:
    value = claims.get(name)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**40:
        raise _wrong(name)
    return float(value)


def _wrong(what: str) -> OutsideRefused:
    return OutsideRefused("untrusted", f"token: {what}")
