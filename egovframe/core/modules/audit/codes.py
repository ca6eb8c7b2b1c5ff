"""The codes of authentication over entries, links and heads, and the one spelling of what they cover.

All keys come from the oldest secret key of the city (``Keyring``), never from the database: its administrator can
change rows but cannot make new codes. Heads are signed with Ed25519, so that an outsider can check a head with the
public key alone.
"""

from __future__ import annotations

import functools
import json
from datetime import datetime
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from egovframe.core.persistence import Keyring

_encode = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode


class Said(Protocol):
    """What an entry says, from a table's row or on its way there; ``before`` and ``after`` are JSON text."""

    @property
    def at(self) -> datetime: ...
    @property
    def actor(self) -> str: ...
    @property
    def account_id(self) -> int | None: ...
    @property
    def on_behalf_of(self) -> str: ...
    @property
    def action(self) -> str: ...
    @property
    def thing(self) -> str: ...
    @property
    def outcome(self) -> str: ...
    @property
    def before(self) -> str | None: ...
    @property
    def after(self) -> str | None: ...
    @property
    def reason(self) -> str: ...
    @property
    def request_id(self) -> str: ...
    @property
    def lane(self) -> str: ...
    @property
    def turn(self) -> int: ...


def canonical(value: Any) -> str:
    """Return one spelling of a JSON value, so that what is read back has the code of what was written.

    Raises:
        ValueError: NaN or an infinity.
    """
    return _encode(value)


def mac_of(keyring: Keyring, entry: Said) -> str:
    """Return the authentication code over everything an entry says."""
    said: list[Any] = [entry.at.isoformat(), entry.actor, entry.account_id, entry.on_behalf_of]
    said += [entry.action, entry.thing, entry.outcome]
    more: list[Any] = [entry.reason, entry.request_id]
    if entry.lane:
        more += [entry.lane, entry.turn]
    facts = f"{entry.before or 'null'},{entry.after or 'null'}"
    return keyring.mac("audit-entry", f"{_encode(said)[:-1]},{facts},{_encode(more)[1:]}".encode())


def link(keyring: Keyring, prev: str, n: int, audit_id: int, mac: str) -> str:
    """Return the hash of the n-th link: binds the link before, its place, the entry's number and its content."""
    return keyring.mac("audit-seal", canonical([prev, n, audit_id, mac]).encode())


def sign(keyring: Keyring, n: int, head_hash: str, at: str) -> str:
    """Return the signature of a head in hex (Ed25519)."""
    return _signing_key(keyring.mac("audit-signature", b"")).sign(_head(n, head_hash, at)).hex()


def public_key(keyring: Keyring) -> str:
    """Return the key, in hex, with which anybody can check the signature of a head."""
    return _signing_key(keyring.mac("audit-signature", b"")).public_key().public_bytes_raw().hex()


def signature_holds(key: str, n: int, head_hash: str, at: str, signature: str) -> bool:
    """Whether a head was signed with the private half of this public key."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), _head(n, head_hash, at))
    except (InvalidSignature, ValueError):
        return False
    return True


def _head(n: int, head_hash: str, at: str) -> bytes:
    return canonical(["egovframe audit head", n, head_hash, at]).encode()


@functools.lru_cache(maxsize=8)
def _signing_key(seed: str) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(seed))
