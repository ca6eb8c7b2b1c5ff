"""The outbox: what has happened, written in the transaction in which it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.persistence import BoundedJSON, CoreBase, UTCDateTime, new_ordered_id


class EventRow(CoreBase):
    """One event as it was told; never changed afterwards."""

    __tablename__ = "core_event"
    __table_args__ = (Index("ix_core_event_name_occurred_at", "name", "occurred_at"),)

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_ordered_id)
    name: Mapped[str] = mapped_column(String(120))
    version: Mapped[int] = mapped_column(Integer)
    payload: Mapped[Any] = mapped_column(BoundedJSON(4_096))
    """Ids and codes only, never personal data."""
    actor: Mapped[str] = mapped_column(String(60))
    request_id: Mapped[str] = mapped_column(String(64), default="")
    occurred_at: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)
