"""What a provider says about a person, in our own terms: its names for claims are the city's settings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from marshmallow import ValidationError

from egovframe.config_outside import ProviderSettings
from egovframe.core.auth.outside.tokens import subject_of
from egovframe.fields import Email, Text

SECOND_FACTORS = frozenset({"mfa", "otp", "hwk", "swk", "sms", "tel", "fpt", "face", "iris", "vbm", "sc", "pop"})
"""Authentication methods (RFC 8176) of which one besides a password, or ``mfa``, means a second factor."""
MFA = "mfa"
MOST_METHODS = 20
LATEST = 2**33
"""Seconds since 1970 beyond which no instant of a sign-in lies."""


@dataclass(frozen=True, slots=True)
class ProviderClaims:
    """What is taken over.

    Attributes:
        issuer, subject: who it is, to the provider.
        email: an address that the provider has verified; empty for one that it has not, which says nothing.
        name: as the provider has it.
        resident: whether the configured claim says: verified resident.
        second_factor: whether the provider says that it asked for a second factor.
        session: the provider's id of its own session (``sid``).
        proved_at: when the person last showed the provider who they are (``auth_time``), where it says so.
    """

    issuer: str
    subject: str
    email: str = ""
    name: str = ""
    resident: bool = False
    second_factor: bool = False
    session: str = ""
    proved_at: datetime | None = None

    def facts(self) -> dict[str, Any]:
        """Return what is said in our own names, for whoever decides who the person is; what is unsaid is left out."""
        verified = {"email": self.email, "email_verified": True} if self.email else {}
        name = {"name": self.name} if self.name else {}
        return {**verified, **name, "resident": self.resident}


def claims_of(settings: ProviderSettings, said: Mapping[str, Any]) -> ProviderClaims:
    """Return what counts of verified claims; what is malformed counts as not said.

    Raises:
        OutsideRefused: there is no subject.
    """
    names = settings.claims
    verified = claim(said, names.email_verified) in {True, "true"} if _plain(said, names.email_verified) else False
    session = said.get("sid")
    return ProviderClaims(
        issuer=settings.issuer,
        subject=subject_of(said),
        email=_clean(Email(), claim(said, names.email)) if verified else "",
        name=_clean(Text(max_length=200), claim(said, names.name)),
        resident=_is_resident(settings, said),
        second_factor=_second_factor(said.get("amr")),
        session=session if isinstance(session, str) and len(session) <= 255 else "",
        proved_at=_instant(said.get("auth_time")),
    )


def claim(said: Mapping[str, Any], name: str) -> Any:
    """Return a claim by its name, or by dots into nested ones (``address.country``); None when it is not said."""
    if not name or name in said:
        return said.get(name)
    found: Any = said
    for part in name.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _plain(said: Mapping[str, Any], name: str) -> bool:
    return isinstance(claim(said, name), bool | str)


def _is_resident(settings: ProviderSettings, said: Mapping[str, Any]) -> bool:
    if not settings.assurance_claim:
        return False
    value = claim(said, settings.assurance_claim)
    values = value if isinstance(value, list) else [value]
    return any(_word(one) in settings.assurance_values for one in values if isinstance(one, str | int | bool))


def _word(value: str | int) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _second_factor(methods: Any) -> bool:
    named = {one for one in methods[:MOST_METHODS] if isinstance(one, str)} if isinstance(methods, list) else set()
    return MFA in named or (len(named) > 1 and bool(named & SECOND_FACTORS))


def _instant(seconds: Any) -> datetime | None:
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds < LATEST:
        return None
    return datetime.fromtimestamp(seconds, UTC)


def _clean(field: Text, value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        return ""
    try:
        found: str = field.deserialize(value)
    except ValidationError:
        return ""
    return found
