"""Tables of the audit chain: entries (insert-only), those not sealed yet, the seals, and the head of the chain."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, UTCDateTime


class AuditEntry(CoreBase):
    """Who did what to which thing, with a code of authentication over all of it."""

    __tablename__ = "core_audit"
    __table_args__ = (
        CheckConstraint("outcome IN ('done', 'refused')", name="outcome"),
        Index("ix_core_audit_thing_id", "thing", "id"),
        Index("ix_core_audit_account_id_id", "account_id", "id"),
        Index("ix_core_audit_action_id", "action", "id"),
    )

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
    before: Mapped[Any] = mapped_column(BoundedJSON(16_384), nullable=True)
    after: Mapped[Any] = mapped_column(BoundedJSON(16_384), nullable=True)
    reason: Mapped[str] = mapped_column(String(1000))
    request_id: Mapped[str] = mapped_column(String(64))
    mac: Mapped[str] = mapped_column(String(64))
    """HMAC-SHA256 over all of the above but the id, which the seal binds."""


class AuditPending(CoreBase):
    """An entry that waits for its seal, for a second at most."""

    __tablename__ = "core_audit_pending"

    audit_id: Mapped[int] = mapped_column(ForeignKey(AuditEntry.id), primary_key=True, autoincrement=False)
    entry: Mapped[AuditEntry] = relationship()


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
