"""A passkey made of software: what a phone or a small key does, so that wrong answers can be made as well."""

from __future__ import annotations

import hashlib
import json
import secrets
import struct
from typing import Any

import cbor2
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url

PRESENT, VERIFIED, ELIGIBLE, BACKED_UP, ATTESTED = 1, 4, 8, 16, 64


class Authenticator:
    """One key on one device."""

    def __init__(self, origin: str = "http://localhost", flags: int = PRESENT | VERIFIED) -> None:
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.id = secrets.token_bytes(32)
        self.origin, self.flags, self.count = origin, flags, 0
        self.handle = ""

    def create(self, options: dict[str, Any], **changes: Any) -> str:
        """Answer ``navigator.credentials.create``; ``changes`` make the answer wrong (challenge, origin, host)."""
        self.handle = options["user"]["id"]
        host = changes.get("host", options["rp"]["id"])
        public = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: public.x.to_bytes(32, "big"), -3: public.y.to_bytes(32, "big")}
        attested = b"\0" * 16 + struct.pack(">H", len(self.id)) + self.id + cbor2.dumps(cose)
        data = self._data(host, self.flags | ATTESTED) + attested
        client = self._client("webauthn.create", options, changes)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        return self._answer({"clientDataJSON": _text(client), "attestationObject": _text(attestation)})

    def get(self, options: dict[str, Any], **changes: Any) -> str:
        """Answer ``navigator.credentials.get``."""
        self.count += changes.get("counts", 1)
        data = self._data(changes.get("host", options["rpId"]), changes.get("flags", self.flags))
        client = self._client("webauthn.get", options, changes)
        signer = changes.get("signer", self.key)
        signature = signer.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        handle = changes.get("handle", self.handle)
        return self._answer(
            {
                "clientDataJSON": _text(client),
                "authenticatorData": _text(data),
                "signature": _text(signature),
                "userHandle": handle,
            }
        )

    def _data(self, host: str, flags: int) -> bytes:
        return hashlib.sha256(host.encode()).digest() + struct.pack(">BI", flags, self.count)

    def _client(self, kind: str, options: dict[str, Any], changes: dict[str, Any]) -> bytes:
        challenge = changes.get("challenge", options["challenge"])
        origin = changes.get("origin", self.origin)
        return json.dumps({"type": kind, "challenge": challenge, "origin": origin, "crossOrigin": False}).encode()

    def _answer(self, response: dict[str, Any]) -> str:
        name = _text(self.id)
        return json.dumps({"id": name, "rawId": name, "type": "public-key", "response": response})


def _text(raw: bytes) -> str:
    return bytes_to_base64url(raw)


__all__ = ["BACKED_UP", "ELIGIBLE", "PRESENT", "VERIFIED", "Authenticator"]
