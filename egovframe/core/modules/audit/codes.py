"""The codes of authentication over entries, links and heads, and the one spelling of what they cover.

All keys come from the oldest secret key of the city (``Keyring``), never from the database: its administrator can
change rows but cannot make new codes. Heads are signed with Ed25519, so that an outsider can check a head with the
public key alone.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from egovframe.core.persistence import Keyring

_quote = json.encoder.encode_basestring


class Said(Protocol):
    """What an entry says, from a table's row or on its way there; ``before`` and ``after`` are JSON text."""

    @property
    def at(self) -> datetime:
        """When it was done."""
        ...

    @property
    def actor(self) -> str:
        """Who acted: ``Actor.label``."""
        ...

    @property
    def account_id(self) -> int | None:
        """Number of the actor's account, or None."""
        ...

    @property
    def on_behalf_of(self) -> str:
        """Public id of whom it was done for; empty for nobody else."""
        ...

    @property
    def action(self) -> str:
        """``room:thing:verb``."""
        ...

    @property
    def thing(self) -> str:
        """Kind and id of what was acted on."""
        ...

    @property
    def outcome(self) -> str:
        """``done`` or ``refused``."""
        ...

    @property
    def before(self) -> str | None:
        """What was, as JSON text, or None."""
        ...

    @property
    def after(self) -> str | None:
        """What is, as JSON text, or None."""
        ...

    @property
    def reason(self) -> str:
        """What the actor gave as the reason."""
        ...

    @property
    def request_id(self) -> str:
        """The request or job in which it was done."""
        ...

    @property
    def lane(self) -> str:
        """Which writer's count it belongs to; empty for entries that were never counted."""
        ...

    @property
    def turn(self) -> int:
        """Its number in that count."""
        ...


def canonical(value: Any) -> str:
    """Return one spelling of a JSON value, so that what is read back has the code of what was written.

    Names in a mapping are text; others are spelt too, but in an order of their own. What JSON does not know becomes
    text, or a list if it is a set. It writes what ``json`` would, at a third of its
    cost: every entry is spelt while its transaction waits to commit.

    Raises:
        ValueError: NaN or an infinity.
    """
    try:
        return "".join(_spell(value, 0)) if _spell else _encode(value)
    except TypeError:  # names of several kinds cannot be put in order
        return _encode(_named_by_text(value))


def _known(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    return list(value) if isinstance(value, set | frozenset) else str(value)


def _named_by_text(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _named_by_text(inner) for key, inner in value.items()}
    return [_named_by_text(inner) for inner in value] if isinstance(value, list | tuple | set | frozenset) else value


_encode = json.JSONEncoder(
    sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False, default=_known
).encode
_make = getattr(json.encoder, "c_make_encoder", None)
# What ``json`` makes anew for every value, made once; there is none where Python has no C below it.
_spell: Callable[[Any, int], tuple[str, ...]] | None = _make and _make(
    None, _known, json.encoder.encode_basestring, None, ":", ",", True, False, False
)


def mac_of(keyring: Keyring, entry: Said) -> str:
    """Return the authentication code over everything an entry says."""
    account = "null" if entry.account_id is None else str(entry.account_id)
    said = f'["{entry.at.isoformat()}",{_quote(entry.actor)},{account},{_quote(entry.on_behalf_of)},'
    what = f"{_quote(entry.action)},{_quote(entry.thing)},{_quote(entry.outcome)},"
    facts = f"{entry.before or 'null'},{entry.after or 'null'},"
    more = f"{_quote(entry.reason)},{_quote(entry.request_id)}"
    counted = f",{_quote(entry.lane)},{entry.turn}" if entry.lane else ""
    return keyring.mac("audit-entry", f"{said}{what}{facts}{more}{counted}]".encode())


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
