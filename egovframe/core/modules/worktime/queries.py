"""Reads: the calendar that a department follows, as a value that needs no database."""

from __future__ import annotations

import threading
from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.i18n import city_zone
from egovframe.core.modules.organisation import departments_above
from egovframe.core.modules.worktime.calendar import Calendar
from egovframe.core.modules.worktime.models import CalendarAssignment, Holiday, WorkCalendar
from egovframe.core.persistence import unit_of

MAX_KEPT = 200


class _Kept:
    """The calendars of one database in memory, under their stamps."""

    def __init__(self) -> None:
        self.calendars: dict[tuple[int, str], Calendar] = {}
        self.lock = threading.Lock()


def calendar_for(session: Session, department_id: int | None) -> Calendar:
    """Return the calendar of a department: its own, else that of the nearest one above, else the city's default.

    A city that has stored none works Monday to Friday, 09:00 to 18:00, in its time zone.
    """
    found = _assigned(session, department_id) if department_id is not None else None
    found = found or default_calendar(session)
    return value_of(session, found) if found else Calendar(str(city_zone()))


def default_calendar(session: Session) -> WorkCalendar | None:
    """Return the city's default calendar, or None."""
    return session.scalars(select(WorkCalendar).where(WorkCalendar.is_default)).one_or_none()


def calendar_by_code(session: Session, code: str) -> WorkCalendar | None:
    """Return the calendar of that code, or None."""
    return session.scalars(select(WorkCalendar).where(WorkCalendar.code == code)).one_or_none()


def holidays_of(session: Session, calendar: WorkCalendar) -> Sequence[Holiday]:
    """Return a calendar's dated exceptions in order."""
    return session.scalars(select(Holiday).where(Holiday.calendar_id == calendar.id).order_by(Holiday.day)).all()


def value_of(session: Session, calendar: WorkCalendar) -> Calendar:
    """Return a stored calendar as a value; kept in memory until its stamp changes."""
    kept = unit_of(session).database.service(_Kept)
    key = (calendar.id, calendar.stamp)
    value = kept.calendars.get(key)
    if value is None:
        value = _built(session, calendar)
        with kept.lock:
            if len(kept.calendars) >= MAX_KEPT:
                kept.calendars.clear()
            kept.calendars[key] = value
    return value


def _built(session: Session, calendar: WorkCalendar) -> Calendar:
    return Calendar(
        calendar.timezone,
        tuple(tuple((opens, closes) for opens, closes in hours) for hours in calendar.week),
        {
            holiday.day: tuple((opens, closes) for opens, closes in holiday.hours)
            for holiday in holidays_of(session, calendar)
        },
    )


def _assigned(session: Session, department_id: int) -> WorkCalendar | None:
    if session.scalar(select(CalendarAssignment.department_id).limit(1)) is None:
        return None
    line = departments_above(session, department_id)
    rows = session.execute(
        select(CalendarAssignment.department_id, WorkCalendar)
        .join(WorkCalendar, WorkCalendar.id == CalendarAssignment.calendar_id)
        .where(CalendarAssignment.department_id.in_(line))
    )
    by_department = {row[0]: row[1] for row in rows}
    return next((by_department[above] for above in line if above in by_department), None)
