"""Keys for encrypted columns, blind indexes and the audit chain, all derived from the city's secret keys."""

from __future__ import annotations

import base64
import functools
import hashlib
import hmac
import os
from collections.abc import Sequence
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

NONCE_BYTES = 12


class KeyMissing(ValueError):
    """A value was encrypted with a secret key that the settings no longer name; ``name`` is the key's short name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"the secret key {name} is missing: add it to old_secret_keys")
        self.name = name


class Keyring:
    """Derives one key per purpose from each secret (HKDF-SHA256, RFC 5869); the first secret is the current one.

    Args:
        secrets: the current secret key first, then older ones that may still decrypt.
    """

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets:
            raise ValueError("a key ring needs at least one secret")
        self._secrets = tuple(secrets)
        self._encryption = {key_id(secret): AESGCM(derive(secret, "column-encryption")) for secret in secrets}
        self._current = key_id(secrets[0])
        self._macs: dict[str, tuple[Any, Any]] = {}

    @property
    def names(self) -> tuple[str, ...]:
        """The short public names of the secrets, the current one first; they tell keys apart and reveal nothing."""
        return tuple(key_id(secret) for secret in self._secrets)

    def encrypt(self, text: str) -> str:
        """Return ``v1.<key id>.<nonce and ciphertext>``, different at every call."""
        nonce = os.urandom(NONCE_BYTES)
        sealed = self._encryption[self._current].encrypt(nonce, text.encode(), self._current.encode())
        return f"v1.{self._current}.{base64.urlsafe_b64encode(nonce + sealed).decode()}"

    def decrypt(self, value: str) -> str:
        """Return the text; raise KeyMissing when the key is unknown, ValueError when the value was altered."""
        try:
            version, name, body = value.split(".", 2)
            raw = base64.urlsafe_b64decode(body)
            if version != "v1":
                raise ValueError(version)
            cipher = self._encryption.get(name)
            if cipher is None:
                raise KeyMissing(name[:8])
            return cipher.decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], name.encode()).decode()
        except KeyMissing:
            raise
        except (InvalidTag, ValueError) as error:
            raise ValueError("an encrypted value cannot be read with the present secret keys") from error

    def blind_index(self, purpose: str, value: str) -> str:
        """Return a keyed digest for looking up an encrypted or secret value (HMAC-SHA256, hex).

        Always made with the oldest secret, so that rotating the current one keeps every index valid.
        """
        return hmac.new(derive(self._secrets[-1], f"blind-index:{purpose}"), value.encode(), hashlib.sha256).hexdigest()

    def mac(self, purpose: str, message: bytes) -> str:
        """Return an HMAC-SHA256 in hex under the oldest secret: stable across rotation, for chained records.

        The key's half of the work (RFC 2104) is done once for each purpose: every change of anything pays the rest.
        """
        started = self._macs.get(purpose)
        if started is None:
            started = self._macs[purpose] = _mac_started(derive(self._secrets[-1], f"mac:{purpose}"))
        inner, outer = started[0].copy(), started[1].copy()
        inner.update(message)
        outer.update(inner.digest())
        made: str = outer.hexdigest()
        return made


@functools.lru_cache(maxsize=64)
def derive(secret: str, purpose: str) -> bytes:
    """Return 32 bytes for one purpose from a secret (HKDF-SHA256)."""
    return HKDF(hashes.SHA256(), 32, salt=b"egovframe", info=purpose.encode()).derive(secret.encode())


def _mac_started(key: bytes) -> tuple[Any, Any]:
    block = key.ljust(64, b"\0")  # SHA-256's block; the derived keys are shorter
    inner, outer = (hashlib.sha256(bytes(byte ^ pad for byte in block)) for pad in (0x36, 0x5C))
    return inner, outer


def key_id(secret: str) -> str:
    """Return the short public name of a secret: eight hex digits of a derived key's digest."""
    return hashlib.sha256(derive(secret, "key-id")).hexdigest()[:8]
