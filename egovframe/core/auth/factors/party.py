"""Who asks a passkey to prove its owner."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """Who asks: the host name that keys are bound to, the city's name, and the origins that may answer."""

    host: str
    name: str
    origins: tuple[str, ...]
