"""Evidence of who somebody is, turned into keyed digests: what was typed stays only until a letter has left."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from egovframe.core.persistence import Keyring


class EvidenceKey(NamedTuple):
    """One digest of the evidence: its kind, for a provider its name, and the digest."""

    kind: str
    source: str
    digest: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """What was shown: name, birth date and address code together, or a provider's subject, or both.

    Attributes:
        name: the full name as it stands on the document.
        birth_date: of the person.
        address_code: what the city calls the dwelling or building by; the postal code where it has no such number.
        provider: name of an identity provider.
        subject: how that provider names the person, for ever.
    """

    name: str = field(default="", repr=False)
    birth_date: date | None = field(default=None, repr=False)
    address_code: str = field(default="", repr=False)
    provider: str = ""
    subject: str = field(default="", repr=False)

    def keys(self, keyring: Keyring) -> tuple[EvidenceKey, ...]:
        """Return the digests of what was shown, in one order.

        Raises:
            ValueError: neither a provider's subject nor name, birth date and address code together.
        """
        found = []
        if self.name.strip() and self.birth_date is not None and self.address_code.strip():
            who = f"{normal_name(self.name)}\n{self.birth_date.isoformat()}"
            where = f"{who}\n{normal_code(self.address_code)}"
            found.append(EvidenceKey("identity", "", keyring.blind_index("person-identity", where)))
            found.append(EvidenceKey("likeness", "", keyring.blind_index("person-likeness", who)))
        if self.provider and self.subject:
            subject = f"{self.provider}:{self.subject}"
            found.append(EvidenceKey("provider", self.provider, keyring.blind_index("person-provider", subject)))
        if not found:
            raise ValueError("evidence is a provider's subject, or name, birth date and address code together")
        return tuple(found)


def normal_name(name: str) -> str:
    """Return a name in the one spelling that is compared: NFKC, case folded, spaces collapsed."""
    return " ".join(unicodedata.normalize("NFKC", name).casefold().split())


def normal_code(code: str) -> str:
    """Return an address code in the one spelling that is compared: as names, without spaces ("12-1" is not "121")."""
    return "".join(normal_name(code).split())


def bare_name(name: str) -> str:
    """Return a name for counting alike ones: letters and digits of its words, whatever their order and marks."""
    return " ".join(sorted(filter(None, (_bare(word) for word in normal_name(name).split()))))


def bare_address(address: str) -> str:
    """Return a postal address for counting alike ones: its letters and digits, whatever lines, marks and spaces.

    Two addresses may fall together ("12-1" and "121"): this warns, and decides nothing.
    """
    return _bare(normal_name(address))


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign.isalnum())
