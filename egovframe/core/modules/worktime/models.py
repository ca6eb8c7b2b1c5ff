"""Calendars of working time, their dated exceptions, and which department follows which."""

from __future__ import annotations

from datetime import date

from sqlalchemy import Date, ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.i18n import Translated, translated_column
from egovframe.core.persistence import BigId, BoundedJSON, CoreBase, new_public_id


class WorkCalendar(CoreBase):
    """Weekly hours of a city or of some departments, in one time zone."""

    __tablename__ = "core_work_calendar"
    __table_args__ = (
        # At most one default: a partial unique index, which both databases have.
        Index(
            "uq_core_work_calendar_default",
            "is_default",
            unique=True,
            sqlite_where=text("is_default"),
            postgresql_where=text("is_default"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(60), unique=True)
    title: Mapped[Translated] = translated_column(200)
    timezone: Mapped[str] = mapped_column(String(64))
    week: Mapped[list[list[list[int]]]] = mapped_column(BoundedJSON(8_000))
    """Seven lists, Monday first, of (opens, closes) in minutes after local midnight."""
    is_default: Mapped[bool] = mapped_column(default=False)
    stamp: Mapped[str] = mapped_column(String(32), default=new_public_id)
    """A new random text at every change, holidays too: what is kept in memory is kept under it."""


class Holiday(CoreBase):
    """A date on which other hours than the weekly ones hold."""

    __tablename__ = "core_holiday"
    __table_args__ = (UniqueConstraint("calendar_id", "day"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    calendar_id: Mapped[int] = mapped_column(ForeignKey(WorkCalendar.id, ondelete="CASCADE"), index=True)
    day: Mapped[date] = mapped_column(Date)
    title: Mapped[Translated] = translated_column(200)
    hours: Mapped[list[list[int]]] = mapped_column(BoundedJSON(2_000), default=list)
    """(opens, closes) in minutes after local midnight; empty is closed, half a day is ``[[540, 780]]``."""


class CalendarAssignment(CoreBase):
    """The calendar that a department, and those below it, follow instead of the city's."""

    __tablename__ = "core_calendar_assignment"

    department_id: Mapped[int] = mapped_column(
        ForeignKey("core_department.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    calendar_id: Mapped[int] = mapped_column(ForeignKey(WorkCalendar.id), index=True)
