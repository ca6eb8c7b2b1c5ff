"""Tables; every name starts with the plugin's own."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import CheckConstraint, Index, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from egovframe.core.persistence import METADATA, TYPES, Keyed, Stamped

KEPT, RETURNED = "kept", "returned"


class Base(DeclarativeBase):
    """Base of this plugin's tables: a registry of its own over the shared MetaData."""

    metadata = METADATA
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Item(Keyed, Stamped, Base):
    """One thing that was found; says nothing about the person who found it."""

    __tablename__ = "lost_and_found_item"
    __table_args__ = (
        CheckConstraint("state IN ('kept','returned')", name="state"),
        Index("ix_lost_and_found_item_state_created", "state", "created_at"),
    )

    what: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(200))
    state: Mapped[str] = mapped_column(String(16), default=KEPT)
    returned_at: Mapped[datetime | None]
