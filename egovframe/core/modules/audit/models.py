"""Tables of the audit chain. Triggers in the database refuse every change of what was written (revision 0007)."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, Date, ForeignKey, String, text
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, UTCDateTime

FACTS_BYTES = 16_384
"""Most bytes of JSON that ``before`` or ``after`` may take."""

KINDS = ("actor", "action", "thing")
"""Columns of an entry that a search finds it by."""


class AuditEntry(CoreBase):
    """Who did what to which thing, with a code of authentication over all of it."""

    __tablename__ = "core_audit"
    __table_args__ = (CheckConstraint("outcome IN ('done', 'refused')", name="outcome"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    actor: Mapped[str] = mapped_column(String(60))
    """``Actor.label``: no personal datum."""
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    """Of the account room, which stands above: no foreign key, and the entry outlives the account."""
    on_behalf_of: Mapped[str] = mapped_column(String(32))
    action: Mapped[str] = mapped_column(String(120))
    thing: Mapped[str] = mapped_column(String(200))
    outcome: Mapped[str] = mapped_column(String(10))
    before: Mapped[Any] = mapped_column(BoundedJSON(FACTS_BYTES), nullable=True)
    after: Mapped[Any] = mapped_column(BoundedJSON(FACTS_BYTES), nullable=True)
    reason: Mapped[str] = mapped_column(String(1000))
    request_id: Mapped[str] = mapped_column(String(64))
    lane: Mapped[str] = mapped_column(String(16), server_default=text("''"))
    """Which writer's count the entry belongs to; empty for entries from before revision 0007."""
    turn: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The entry's number in its lane, from 1 without gaps: shows an entry that was deleted before it was sealed."""
    mac: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA256 over all of the above but the id, which the seal binds."""


class AuditPending(CoreBase):
    """An entry that waits for its seal, for a second at most."""

    __tablename__ = "core_audit_pending"

    audit_id: Mapped[int] = mapped_column(ForeignKey(AuditEntry.id), primary_key=True, autoincrement=False)


class AuditIndex(CoreBase):
    """By what a sealed entry is found: a row for its actor, one for its action, one for its thing.

    Written by the sealer, a batch at a time: each index on the entries themselves is another page of the database
    that every business transaction has to write. A search trusts it for where to look, never for what is there.
    """

    __tablename__ = "core_audit_index"
    __table_args__ = ({"sqlite_with_rowid": False},)

    kind: Mapped[str] = mapped_column(String(8), primary_key=True)
    """One of ``KINDS``: a column of the entry."""
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    audit_id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)


class AuditSeal(CoreBase):
    """The n-th link of the chain: binds one entry, its place and everything before it."""

    __tablename__ = "core_audit_seal"

    n: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    audit_id: Mapped[int] = mapped_column(ForeignKey(AuditEntry.id), unique=True)
    prev: Mapped[str] = mapped_column(String(64))
    hash: Mapped[str] = mapped_column(String(64))


class AuditHead(CoreBase):
    """The one row that sealers lock: the last link and when it was made."""

    __tablename__ = "core_audit_head"
    __table_args__ = (CheckConstraint("id = 1", name="one"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True, autoincrement=False)
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[datetime] = mapped_column(UTCDateTime())
    indexed: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """Up to which link ``AuditIndex`` is written: behind ``n`` only while software from before it seals too."""


class AuditDay(CoreBase):
    """The signed head of one day, as it was exported and published."""

    __tablename__ = "core_audit_day"

    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    """In UTC."""
    n: Mapped[int] = mapped_column(BigInteger)
    hash: Mapped[str] = mapped_column(String(64))
    at: Mapped[str] = mapped_column(String(40))
    """The instant as it was signed, ISO 8601."""
    signature: Mapped[str] = mapped_column(String(128))


class AuditCheck(CoreBase):
    """One verification of the chain and what it found; every day one is made."""

    __tablename__ = "core_audit_check"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
    ok: Mapped[bool]
    checked: Mapped[int] = mapped_column(BigInteger)
    first_bad: Mapped[str] = mapped_column(String(100))
    why: Mapped[str] = mapped_column(String(300))
    asked_by: Mapped[str] = mapped_column(String(60))
    """``Actor.label`` of who asked; ``system`` for the daily one."""
