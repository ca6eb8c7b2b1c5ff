"""Tables of the audit chain. Triggers in the database refuse every change of what was written (revision 0007)."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Date,
    ForeignKey,
    String,
    Text,
    func,
    text,
    type_coerce,
)
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.persistence import VIEW_ON, BigId, BoundedJSON, CoreBase, UTCDateTime

FACTS_BYTES = 16_384
"""Most bytes of JSON that ``before`` or ``after`` may take."""

KINDS = ("actor", "action", "thing")
"""Columns of an entry that a search finds it by."""


class AuditEntry(CoreBase):
    """Who did what to which thing, with a code of authentication over all of it."""

    __tablename__ = "core_audit"
    __table_args__ = (CheckConstraint("outcome IN ('done', 'refused')", name="outcome"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime())
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
    """An entry that waits for its seal, for a second at most.

    A mark on PostgreSQL, whose numbers become visible out of order. On SQLite, where one writer at a time commits, a
    view of what comes after the last sealed entry: a mark would be another page for every change to write.
    """

    __tablename__ = "core_audit_pending"
    __table_args__ = ({"info": {VIEW_ON: ("sqlite",)}},)

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


class AuditHour(CoreBase):
    """Between which numbers the sealed entries of one hour lie.

    Numbers follow time but for the length of a unit of work, so this is as good as an index on each entry's instant,
    and a row an hour instead of a page of each change. Written by the sealer, and it only ever widens.
    """

    __tablename__ = "core_audit_hour"

    hour: Mapped[str] = mapped_column(String(13), primary_key=True)
    """``2026-11-22 14``, in UTC."""
    first: Mapped[int] = mapped_column(BigId)
    last: Mapped[int] = mapped_column(BigId)


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
    timed: Mapped[int] = mapped_column(BigInteger, server_default=text("0"))
    """The same of ``AuditHour``."""


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


def hour_of(at: ColumnElement[datetime], dialect: str) -> ColumnElement[str]:
    """Return the hour of an entry's instant as ``AuditHour`` names it."""
    if dialect == "sqlite":
        return func.substr(type_coerce(at, Text()), 1, 13)  # as UTCDateTime stores it
    return func.to_char(func.timezone("UTC", at), "YYYY-MM-DD HH24")


def hour_name(at: datetime) -> str:
    """Return the name that ``AuditHour`` has for an instant's hour."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H")
