"""The way out: an attempt to sign in, sealed into a cookie of the browser that begins it.

Nothing is stored for it, so that nobody can fill our tables by beginning; what was used is noted when it comes back.
Nonce and PKCE verifier are derived from the state under the city's key: only we can name them, in this attempt only.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from urllib.parse import urlencode

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.core.auth.loading import digest
from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.models import OutsideOnce
from egovframe.core.auth.outside.providers import provider_of
from egovframe.core.persistence import Database, Keyring

LIFE = timedelta(minutes=10)
"""Long enough to find one's telephone and type a code there."""
COOKIE = "egov_outside_"
MOST_ATTEMPTS = 20
"""How many attempts of one browser are looked at for the page that was wanted."""
MAX_NEXT = 2_000
"""Longest address to go on to, in bytes: it travels in the cookie, and browsers keep 4,096 of these."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What the browser keeps for us, sealed.

    Attributes:
        provider: the provider's name: an answer of another one does not fit (mix-up).
        state: random; comes back through the browser.
        next: where to go afterwards, an address of our own.
        account: public id of the account that is to be connected; empty when somebody signs in.
        expires_at: seconds since 1970.
    """

    provider: str
    state: str
    next: str
    account: str
    expires_at: float

    @property
    def language(self) -> str:
        """The language in which it was begun; it stands before the state, so that the way back leads to its pages."""
        return self.state.partition(".")[0]


@dataclass(frozen=True, slots=True)
class BegunAttempt:
    """A begun attempt: where to lead the browser, and the cookie to give it (name, value, life)."""

    address: str
    cookie: str
    sealed: str
    life: timedelta = LIFE


def begin_at_provider(
    database: Database, name: str, *, language: str, next_page: str = "", account: str = "", again: bool = False
) -> BegunAttempt:
    """Begin an attempt with a provider. Asks the network at times: call it outside of any unit of work.

    Args:
        database: for keys and clock.
        name: the provider's.
        language: what the person reads; leads back to pages in it.
        next_page: where to go afterwards; the caller has checked that it is our own.
        account: public id of the signed-in person who wants to connect the provider.
        again: whether the provider shall ask who it is even if it knows the browser (``prompt=login``), and say when
            it did (``max_age=0`` makes it tell ``auth_time``).

    Raises:
        NotFound: no such provider.
        OutsideRefused: it does not answer.
    """
    provider = provider_of(database, name)
    metadata = provider.source.metadata()
    state = f"{language}.{secrets.token_urlsafe(32)}"
    expires = (database.now() + LIFE).timestamp()
    attempt = Attempt(name, state, next_page if len(next_page.encode()) <= MAX_NEXT else "", account, expires)
    question = {
        "response_type": "code",
        "client_id": provider.settings.client_id,
        "redirect_uri": provider.redirect_uri,
        "scope": " ".join(dict.fromkeys(["openid", *provider.settings.scopes])),
        "state": state,
        "nonce": nonce_of(database.keyring, state),
        "code_challenge": challenge_of(verifier_of(database.keyring, state)),
        "code_challenge_method": "S256",
        "ui_locales": language,
        **({"prompt": "login", "max_age": "0"} if again else {}),
    }
    joint = "&" if "?" in metadata.authorization_endpoint else "?"
    sealed = database.keyring.encrypt(json.dumps({"kind": "oidc-attempt", **asdict(attempt)}, ensure_ascii=False))
    return BegunAttempt(f"{metadata.authorization_endpoint}{joint}{urlencode(question)}", attempt_cookie(state), sealed)


def attempt_cookie(state: str) -> str:
    """Return the name of an attempt's cookie: each has its own, so that two windows do not disturb each other."""
    return COOKIE + digest(state)[:12]


def opened(database: Database, name: str, state: str, sealed: str) -> Attempt:
    """Return the attempt that a browser brings back.

    Raises:
        OutsideRefused: ``stale``: no cookie, another browser's, another provider's, another state's, or too old.
    """
    attempt = _unsealed(database.keyring, sealed)
    if attempt is None or not state:
        raise OutsideRefused("stale", "this browser began no such sign-in")
    if not hmac.compare_digest(attempt.state.encode(), state.encode("utf-8", "replace")) or attempt.provider != name:
        raise OutsideRefused("stale", "state or provider")
    if database.now().timestamp() >= attempt.expires_at:
        raise OutsideRefused("stale", "too old")
    return attempt


def wanted_page(database: Database, name: str, cookies: Mapping[str, str]) -> str:
    """Return where the newest attempt of a browser with a provider wanted to go, for a second try; empty if nowhere."""
    sealed = [value for cookie, value in cookies.items() if COOKIE in cookie][:MOST_ATTEMPTS]
    attempts = [found for found in (_unsealed(database.keyring, value) for value in sealed) if found is not None]
    own = sorted((each for each in attempts if each.provider == name), key=lambda each: each.expires_at)
    return own[-1].next if own else ""


def use_once(session: Session, kind: str, text: str, until: datetime) -> bool:
    """Note that something has been used; return False when it had been before."""
    row = OutsideOnce(digest=digest(f"{kind}\n{text}"), expires_at=until)
    try:
        with session.begin_nested():
            session.add(row)
    except IntegrityError:
        return False
    return True


def use_state(database: Database, attempt: Attempt) -> None:
    """Use the state up, in a unit of its own: whatever happens next, it opens nothing a second time.

    Raises:
        OutsideRefused: ``stale``: it had been used.
    """
    with database.writing() as session:
        fresh = use_once(session, "state", attempt.state, database.read_clock(session) + 2 * LIFE)
    if not fresh:
        raise OutsideRefused("stale", "the state had been used")


def nonce_of(keyring: Keyring, state: str) -> str:
    """Return the nonce of an attempt."""
    return keyring.mac("oidc-nonce", state.encode())


def verifier_of(keyring: Keyring, state: str) -> str:
    """Return the PKCE verifier of an attempt: 64 hexadecimal digits (RFC 7636, 4.1)."""
    return keyring.mac("oidc-verifier", state.encode())


def challenge_of(verifier: str) -> str:
    """Return the S256 challenge of a verifier (RFC 7636, 4.2)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()


def _unsealed(keyring: Keyring, sealed: str) -> Attempt | None:
    try:
        found = json.loads(keyring.decrypt(sealed))
    except ValueError:
        return None
    if not isinstance(found, dict) or found.pop("kind", "") != "oidc-attempt":
        return None
    return Attempt(**found)
