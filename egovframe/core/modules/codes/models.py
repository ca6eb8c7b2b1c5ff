"""Code tables: lists of terms that a city or a law keeps; hierarchical, dated, translated, in an order of their own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from egovframe.core.i18n import Translated, translated_column
from egovframe.core.persistence import CoreBase, Keyed

TITLE_LENGTH = 300


class CodeTable(Keyed, CoreBase):
    """One list of codes, such as ``road_type``."""

    __tablename__ = "core_code_table"

    code: Mapped[str] = mapped_column(String(64), unique=True)
    title: Mapped[Translated] = translated_column(TITLE_LENGTH)


class Code(Keyed, CoreBase):
    """One term of a table; in force from ``valid_from`` until before ``valid_until`` (either may be open)."""

    __tablename__ = "core_code"
    __table_args__ = (
        UniqueConstraint("table_id", "code"),
        Index("ix_core_code_place", "table_id", "position"),
        CheckConstraint("valid_from IS NULL OR valid_until IS NULL OR valid_from <= valid_until", name="valid"),
        CheckConstraint("parent_id IS NULL OR parent_id <> id", name="parent"),
    )

    table_id: Mapped[int] = mapped_column(ForeignKey(CodeTable.id))
    code: Mapped[str] = mapped_column(String(64))
    title: Mapped[Translated] = translated_column(TITLE_LENGTH)
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("core_code.id"), index=True)
    position: Mapped[int] = mapped_column(default=0)
    """Smaller comes first among the codes below one parent."""
    valid_from: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    table: Mapped[CodeTable] = relationship(lazy="raise")

    def holds(self, at: datetime) -> bool:
        """Whether the code itself is in force at the instant."""
        begun = self.valid_from is None or self.valid_from <= at
        return begun and (self.valid_until is None or at < self.valid_until)


__all__ = ["TITLE_LENGTH", "Code", "CodeTable"]
