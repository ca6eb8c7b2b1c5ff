"""Tables of persons: who stands behind accounts, found by keyed digests and nothing readable."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, SmallInteger, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.auth.models import Account, one_of
from egovframe.core.modules.privacy import personal
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, EncryptedText, Keyed, Stamped

METHODS = ("official", "letter", "provider")
"""How somebody was verified as a resident: at a counter, by a code sent on paper, by an identity provider's word."""
ENDS = ("", "withdrawn", "expired", "replaced")
KEY_KINDS = ("identity", "likeness", "provider")
LETTER_STATES = ("asked", "sent", "used", "refused", "over")
CLASHES = ("likeness", "persons", "provider", "other_person")
DECISIONS = ("", "same", "different", "refused")


class Person(Keyed, Stamped, CoreBase):
    """One human being who lives here, whatever the number of accounts: one voter, one supporter."""

    __tablename__ = "core_person"

    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("core_person.id"), index=True)
    """Set when an official found that two were one; nothing points here any more."""


class PersonKey(Stamped, CoreBase):
    """A keyed digest by which a person is found again.

    ``identity`` is made of name, birth date and address code, ``likeness`` of name and birth date alone, ``provider``
    of a provider and its subject. The first person who shows a digest has rank 0, which makes it unique among many who
    try at once; somebody whom an official told apart has the own person's number.
    """

    __tablename__ = "core_person_key"
    __table_args__ = (one_of("kind", KEY_KINDS), UniqueConstraint("digest", "rank"))

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(80), default="")
    digest: Mapped[str] = mapped_column(String(64))
    rank: Mapped[int] = mapped_column(BigInteger, default=0)


class Verification(Keyed, Stamped, CoreBase):
    """An account bound to a person; at most one is in force for each account, ended ones stay as history."""

    __tablename__ = "core_verification"
    __table_args__ = (
        one_of("method", METHODS),
        one_of("ended_as", ENDS),
        Index(
            "uq_core_verification_live",
            "account_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    person_id: Mapped[int] = mapped_column(ForeignKey(Person.id), index=True)
    method: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(80), default="")
    """The kind of document that was seen, or the provider's name."""
    verified_by_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), index=True)
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]
    ended_as: Mapped[str] = mapped_column(String(16), default="")
    end_reason: Mapped[str | None] = personal(
        EncryptedText(), purpose="verification", retention="account", subject="account_id", nullable=True
    )
    """What the person is told about the end."""


class PersonClash(Keyed, Stamped, CoreBase):
    """Evidence that does not say by itself who somebody is: waits for an official and binds nobody.

    Attributes:
        kind: ``likeness`` (same name and birth date, other address), ``persons`` (the evidence leads to two persons),
            ``provider`` (another subject of the same provider), ``other_person`` (the account was somebody else's).
        keys: ``[kind, source, digest]`` of the evidence.
        candidates: numbers of the persons it may be.
    """

    __tablename__ = "core_person_clash"
    __table_args__ = (
        one_of("kind", CLASHES),
        one_of("method", METHODS),
        one_of("decision", DECISIONS),
        Index("ix_core_person_clash_open", "decided_at", "id"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    kind: Mapped[str] = mapped_column(String(16))
    method: Mapped[str] = mapped_column(String(16))
    source: Mapped[str] = mapped_column(String(80), default="")
    keys: Mapped[list[list[Any]]] = mapped_column(BoundedJSON(4_000), default=list)
    candidates: Mapped[list[int]] = mapped_column(BoundedJSON(4_000), default=list)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), index=True)
    decision: Mapped[str] = mapped_column(String(16), default="")


class Letter(Keyed, Stamped, CoreBase):
    """A code sent on paper. The code is derived from the row under the city's key; only its keyed digest is stored.

    What an official compares with the register and prints is kept until then only: it is deleted when the letter is
    marked as sent, refused, or over.
    """

    __tablename__ = "core_letter"
    __table_args__ = (
        one_of("state", LETTER_STATES),
        Index(
            "uq_core_letter_open",
            "account_id",
            unique=True,
            sqlite_where=text("state IN ('asked', 'sent')"),
            postgresql_where=text("state IN ('asked', 'sent')"),
        ),
        Index("ix_core_letter_work", "state", "id"),
    )

    account_id: Mapped[int] = mapped_column(ForeignKey(Account.id), index=True)
    name: Mapped[str | None] = personal(
        EncryptedText(), purpose="verification", retention="letter", subject="account_id", nullable=True
    )
    address: Mapped[str | None] = personal(
        EncryptedText(), purpose="verification", retention="letter", subject="account_id", nullable=True
    )
    """The lines below the name, as they stand on the envelope."""
    birth_date: Mapped[str | None] = personal(
        EncryptedText(), purpose="verification", retention="letter", subject="account_id", nullable=True
    )
    """As ``YYYY-MM-DD``."""
    address_code: Mapped[str | None] = personal(
        EncryptedText(), purpose="verification", retention="letter", subject="account_id", nullable=True
    )
    language: Mapped[str] = mapped_column(String(35))
    keys: Mapped[list[list[Any]]] = mapped_column(BoundedJSON(4_000), default=list)
    address_digest: Mapped[str] = mapped_column(String(64), index=True)
    """Of the postal address as it is compared: shows an official how many letters went to one door."""
    name_digest: Mapped[str] = mapped_column(String(64), default="", server_default=text("''"), index=True)
    """Of the name as it is compared; empty for letters from before this was counted."""
    code_hash: Mapped[str] = mapped_column(String(64), unique=True)
    state: Mapped[str] = mapped_column(String(16), default="asked")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int | None] = mapped_column(ForeignKey(Account.id), index=True)
    expires_at: Mapped[datetime | None] = mapped_column(index=True)
