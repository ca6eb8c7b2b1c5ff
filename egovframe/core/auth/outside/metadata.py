"""What a provider says about itself: its discovery document and its keys, fetched when needed and kept for a while.

OpenID Connect Discovery 1.0; RFC 8414; RFC 7517.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from egovframe.core.auth.outside.errors import OutsideRefused
from egovframe.core.auth.outside.keys import KeyRing, keys_of
from egovframe.errors import OutgoingFailed
from egovframe.outgoing import Answer, OutgoingClient, target_of

WELL_KNOWN = "/.well-known/openid-configuration"
LIFE = 3600.0
SHORTEST, LONGEST = 300.0, 24 * 3600.0
"""Seconds for which an answer is kept: what the provider says within these bounds, else an hour."""
PAUSE = 5.0
"""Seconds after a failure during which the provider is not asked again: a dead one may not hold every thread."""
WAIT = 2.0
"""Seconds that others wait for the one who asks: a slow provider may not hold every thread either."""
REFETCHES, REFETCH_WINDOW = 3, 60.0
"""How often in how many seconds an unknown key makes us ask anew: anybody can send us tokens with invented keys."""
_MAX_AGE = re.compile(r"max-age=([0-9]{1,9})")


@dataclass(frozen=True, slots=True)
class Metadata:
    """The part of the discovery document that we use; an empty text is an endpoint that is not offered."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str = ""
    end_session_endpoint: str = ""
    authentication: tuple[str, ...] = ("client_secret_basic",)
    names_itself: bool = False
    """Whether its answers always carry ``iss`` (RFC 9207)."""


class Source:
    """Asks one provider and remembers; shared by threads.

    Args:
        client: the guarded client.
        issuer: as set by the city.
    """

    def __init__(self, client: OutgoingClient, issuer: str) -> None:
        self._client = client
        self._issuer = issuer
        self._lock = threading.Lock()
        self._metadata: tuple[Metadata, float] | None = None
        self._keys: tuple[KeyRing, float] | None = None
        self._failure: tuple[OutsideRefused, float] | None = None
        self._refetched: list[float] = []

    def metadata(self) -> Metadata:
        """Return the discovery document, checked.

        Raises:
            OutsideRefused: ``unavailable`` when the provider does not answer, ``untrusted`` when the document is
                another issuer's or names unusable endpoints.
        """
        kept = self._metadata
        if kept is not None and time.monotonic() < kept[1]:
            return kept[0]
        with self._turn():
            kept = self._metadata
            if kept is not None and time.monotonic() < kept[1]:
                return kept[0]
            answer = self._ask(self._issuer.rstrip("/") + WELL_KNOWN)
            try:
                found = metadata_of(answer.json(), self._issuer)
            except OutsideRefused as error:
                raise self._failed(error) from error
            self._metadata = found, _until(answer)
            return found

    def keys(self, kid: str | None) -> KeyRing:
        """Return the provider's keys; asked anew when they do not hold ``kid``, but not at everybody's whim.

        Raises:
            OutsideRefused: ``unavailable`` when the provider does not answer.
        """
        kept = self._keys
        if kept is not None and time.monotonic() < kept[1] and (kept[0].holds(kid) or not self._may_refetch()):
            return kept[0]
        address = self.metadata().jwks_uri
        with self._turn():
            if self._keys is not kept and self._keys is not None:
                return self._keys[0]  # another thread has just asked
            answer = self._ask(address)
            found = keys_of(answer.json())
            self._keys = found, _until(answer)
            return found

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._lock.acquire(timeout=WAIT):
            raise OutsideRefused("unavailable", "it is slow, and others wait already")
        try:
            yield
        finally:
            self._lock.release()

    def _may_refetch(self) -> bool:
        with self._turn():
            since = time.monotonic() - REFETCH_WINDOW
            self._refetched = [at for at in self._refetched if at > since]
            allowed = len(self._refetched) < REFETCHES
            if allowed:
                self._refetched.append(time.monotonic())
            return allowed

    def _ask(self, address: str) -> Answer:
        if self._failure is not None and time.monotonic() < self._failure[1]:
            raise OutsideRefused(self._failure[0].reason, "as a moment ago")
        try:
            answer = self._client.get(address, headers={"Accept": "application/json"})
            answer.json()
        except OutgoingFailed as error:
            raise self._failed(OutsideRefused("unavailable", f"{type(error).__name__} at {address}")) from error
        if answer.status != 200:
            raise self._failed(OutsideRefused("unavailable", f"status {answer.status} at {address}"))
        return answer

    def _failed(self, error: OutsideRefused) -> OutsideRefused:
        self._failure = error, time.monotonic() + PAUSE
        return error


def metadata_of(document: Mapping[str, Any], issuer: str) -> Metadata:
    """Return the metadata of a discovery document.

    Raises:
        OutsideRefused: it speaks for another issuer, or an endpoint is missing or no address.
    """
    if document.get("issuer") != issuer:
        raise OutsideRefused("untrusted", "the discovery document names another issuer")
    methods = document.get("token_endpoint_auth_methods_supported")
    named = tuple(str(one) for one in methods) if isinstance(methods, list) else ("client_secret_basic",)
    return Metadata(
        issuer=issuer,
        authorization_endpoint=_endpoint(document, "authorization_endpoint", issuer),
        token_endpoint=_endpoint(document, "token_endpoint", issuer),
        jwks_uri=_endpoint(document, "jwks_uri", issuer),
        userinfo_endpoint=_endpoint(document, "userinfo_endpoint", issuer, needed=False),
        end_session_endpoint=_endpoint(document, "end_session_endpoint", issuer, needed=False),
        authentication=named,
        names_itself=document.get("authorization_response_iss_parameter_supported") is True,
    )


def _endpoint(document: Mapping[str, Any], name: str, issuer: str, *, needed: bool = True) -> str:
    given = document.get(name)
    if given is None and not needed:
        return ""
    try:
        if not isinstance(given, str) or "#" in given:
            raise OutsideRefused("untrusted", f"{name} is missing or no address")
        # Browsers are led to some of these: never to another scheme, and from an https issuer only to https.
        if target_of(given).scheme != "https" and urlsplit(issuer).scheme == "https":
            raise OutsideRefused("untrusted", f"{name} is not https")
    except OutgoingFailed as error:
        raise OutsideRefused("untrusted", f"{name} is no address") from error
    return given


def _until(answer: Answer) -> float:
    found = _MAX_AGE.search(answer.headers.get("cache-control", ""))
    seconds = float(found[1]) if found else LIFE
    return time.monotonic() + min(max(seconds, SHORTEST), LONGEST)
