"""Messages to people, and how each left the house."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.modules.privacy import personal
from egovframe.core.persistence import CoreBase, EncryptedText, Keyed, Stamped, UTCDateTime

QUEUED, SENT, FAILED, IN_DOUBT, DEAD, SKIPPED = "queued", "sent", "failed", "in_doubt", "dead", "skipped"


class Notification(Keyed, Stamped, CoreBase):
    """One message to one person; in the person's inbox exactly once when there is an account."""

    __tablename__ = "core_notification"
    __table_args__ = (
        UniqueConstraint("reference", "key"),
        Index("ix_core_notification_account_id_created_at", "account_id", "created_at", "id"),
    )

    reference: Mapped[str] = mapped_column(String(120))
    """Whom: ``auth.account:7``, ``civic_participation.contact:ab12``; resolved by the hook ``recipient``."""
    key: Mapped[str] = mapped_column(String(120))
    """What the message is about once and for all, such as an event's id: told twice, it is sent once."""
    kind: Mapped[str] = mapped_column(String(80))
    thing: Mapped[str] = mapped_column(String(120))
    facts: Mapped[str | None] = personal(
        EncryptedText(),
        purpose="notification",
        retention="notification",
        subject="account_id",
        document=True,
        nullable=True,
    )
    """What the templates need, as JSON; gone after sending when no inbox shows it."""
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    read_at: Mapped[datetime | None] = mapped_column(UTCDateTime())


class Delivery(Keyed, CoreBase):
    """One message on one channel, with what became of it; ``public_id`` is the stable part of its Message-ID."""

    __tablename__ = "core_delivery"
    __table_args__ = (
        CheckConstraint("channel IN ('email')", name="channel"),
        CheckConstraint("state IN ('queued', 'sent', 'failed', 'in_doubt', 'dead', 'skipped')", name="state"),
        UniqueConstraint("notification_id", "channel"),
        Index("ix_core_delivery_state_id", "state", "id"),
    )

    notification_id: Mapped[int] = mapped_column(ForeignKey(Notification.id, ondelete="CASCADE"))
    channel: Mapped[str] = mapped_column(String(10), default="email")
    state: Mapped[str] = mapped_column(String(10), default=QUEUED)
    """``in_doubt``: handed over, and nobody has said whether it arrived; it is sent again under the same id."""
    language: Mapped[str] = mapped_column(String(35), default="")
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    last_error: Mapped[str] = mapped_column(String(200), default="")
    """The class of the last error only."""
    changed_at: Mapped[datetime] = mapped_column(UTCDateTime())

    notification: Mapped[Notification] = relationship(lazy="joined", innerjoin=True)
