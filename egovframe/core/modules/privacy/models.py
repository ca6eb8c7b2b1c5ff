"""Tables of the looks at personal data: who, when, what for; and which rows of which persons."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, Keyed, UTCDateTime


class Look(Keyed, CoreBase):
    """One request, command or job that read personal columns of others; written before its answer left."""

    __tablename__ = "core_look"
    __table_args__ = (
        CheckConstraint("kind IN ('read', 'search')", name="kind"),
        Index("ix_core_look_at", "at", "id"),
        Index("ix_core_look_viewer", "viewer_account_id", "at", "id"),
    )

    at: Mapped[datetime] = mapped_column(UTCDateTime())
    kind: Mapped[str] = mapped_column(String(8))
    """``search``: rows were chosen or sorted by personal columns; whose they were cannot be said."""
    viewer: Mapped[str] = mapped_column(String(60))
    """``Actor.label``: no personal datum; ``system:operator`` for commands on the server."""
    viewer_account_id: Mapped[int | None] = mapped_column(BigInteger)
    """Of the account room, which stands above: no foreign key, and the look outlives the account."""
    office: Mapped[Any] = mapped_column(BoundedJSON(16_384), nullable=True)
    """Post and department as they were called then: ``{"post": {…}, "department": {…}}``, translated."""
    on_behalf_of: Mapped[str] = mapped_column(String(32), default="")
    purpose: Mapped[str] = mapped_column(String(80))
    reason: Mapped[str] = mapped_column(String(300), default="")
    thing: Mapped[str] = mapped_column(String(120), default="")
    route: Mapped[str] = mapped_column(String(200), default="")
    columns: Mapped[Any] = mapped_column(BoundedJSON(16_384))
    """``table.column`` of everything that was read or searched by, sorted."""
    request_id: Mapped[str] = mapped_column(String(64), default="")
    hidden_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    """A lawful delay: until then the persons do not see it; auditors do."""
    mac: Mapped[str] = mapped_column(String(64))
    """Code of authentication over the look and its persons; the same code stands in the audit chain."""

    subjects: Mapped[list[LookSubject]] = relationship(back_populates="look", lazy="raise", order_by="LookSubject.id")


class LookSubject(CoreBase):
    """One row that a look was at, and the account of the person when there is one."""

    __tablename__ = "core_look_subject"
    __table_args__ = (
        Index("ix_core_look_subject_account", "account_id", "look_id"),
        Index("ix_core_look_subject_row", "table_name", "row_key", "look_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    look_id: Mapped[int] = mapped_column(ForeignKey(Look.id, ondelete="CASCADE"), index=True)
    account_id: Mapped[int | None] = mapped_column(BigInteger)
    table_name: Mapped[str] = mapped_column(String(80))
    row_key: Mapped[str] = mapped_column(String(120))
    columns: Mapped[Any] = mapped_column(BoundedJSON(4_000))

    look: Mapped[Look] = relationship(back_populates="subjects", lazy="raise")


__all__ = ["Look", "LookSubject"]
