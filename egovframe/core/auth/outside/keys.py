"""A provider's public keys (RFC 7517), and which of them a token may be verified with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from joserfc.jwk import ECKey, OKPKey, RSAKey

PublicKey: TypeAlias = "RSAKey | ECKey | OKPKey"
MOST_KEYS = 50
LEAST_RSA_BITS = 2048
CURVES = {"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}


@dataclass(frozen=True, slots=True)
class KeyRing:
    """Keys by the name that the provider gave them; what cannot verify signatures is left out."""

    entries: tuple[tuple[Mapping[str, Any], PublicKey], ...]

    def holds(self, kid: str | None) -> bool:
        """Whether a key has this name; tokens without a name need no other keys than those that are here."""
        return kid is None or any(entry.get("kid") == kid for entry, _key in self.entries)

    def choose(self, kid: str | None, algorithm: str) -> PublicKey | None:
        """Return the one key that a token names and whose kind fits the algorithm; None when there is not exactly one.

        The name is only ever compared: it is no path, no address and no question to anybody.
        """
        fitting = [key for entry, key in self.entries if _fits(entry, algorithm) and kid in (None, entry.get("kid"))]
        return fitting[0] if len(fitting) == 1 else None


def keys_of(document: Mapping[str, Any]) -> KeyRing:
    """Return the usable keys of a key set: asymmetric, for signatures, long enough."""
    listed = document.get("keys")
    entries = [entry for entry in listed if isinstance(entry, dict)] if isinstance(listed, list) else []
    read = ((entry, _read(entry)) for entry in entries[:MOST_KEYS])
    return KeyRing(tuple((entry, key) for entry, key in read if key is not None))


def _read(entry: dict[str, Any]) -> PublicKey | None:
    # Loaded with the first key: it brings 150 modules, and most cities have no provider.
    from joserfc.errors import JoseError  # noqa: PLC0415
    from joserfc.jwk import ECKey, JWKRegistry, OKPKey, RSAKey  # noqa: PLC0415
    from joserfc.util import urlsafe_b64decode  # noqa: PLC0415

    if entry.get("use", "sig") != "sig" or entry.get("kty") not in {"RSA", "EC", "OKP"}:
        return None
    try:
        if entry["kty"] == "RSA" and len(urlsafe_b64decode(entry["n"].encode())) * 8 < LEAST_RSA_BITS:
            return None
        public = {name: value for name, value in entry.items() if name in {"kty", "n", "e", "crv", "x", "y"}}
        key = JWKRegistry.import_key(public)
    except (JoseError, ValueError, TypeError, KeyError, AttributeError):
        return None  # a key that we cannot read verifies nothing
    return key if isinstance(key, RSAKey | ECKey | OKPKey) else None


def _fits(entry: Mapping[str, Any], algorithm: str) -> bool:
    if entry.get("alg", algorithm) != algorithm:
        return False
    if algorithm in CURVES:
        return entry["kty"] == "EC" and entry.get("crv") == CURVES[algorithm]
    if algorithm == "Ed25519":
        return entry["kty"] == "OKP" and entry.get("crv") == "Ed25519"
    return entry["kty"] == "RSA" and algorithm[:2] in {"RS", "PS"}
