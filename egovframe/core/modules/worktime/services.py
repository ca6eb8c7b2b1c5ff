"""Verbs: put calendars, holidays, and which department follows which."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from zoneinfo import ZoneInfoNotFoundError

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.organisation import Department
from egovframe.core.modules.worktime.calendar import MONDAY_TO_FRIDAY, Calendar, Hours, check_hours
from egovframe.core.modules.worktime.ics import HolidayReport, holidays_in
from egovframe.core.modules.worktime.models import CalendarAssignment, Holiday, WorkCalendar
from egovframe.core.modules.worktime.permissions import MANAGE_CALENDARS
from egovframe.core.modules.worktime.queries import calendar_by_code
from egovframe.core.persistence import new_public_id, now
from egovframe.errors import Forbidden, Invalid

Outcome = str
"""``created``, ``updated`` or ``unchanged``."""


def put_calendar(
    session: Session,
    actor: Actor,
    *,
    code: str,
    title: Translated,
    timezone: str,
    week: Sequence[Hours] = MONDAY_TO_FRIDAY,
    is_default: bool = False,
) -> WorkCalendar:
    """Make a calendar, or bring the one of that code to this state; a new default takes the place of the old one.

    Args:
        week: seven days from Monday, each of (opens, closes) in minutes after local midnight.

    Raises:
        Forbidden: the actor may not change calendars.
        Invalid: no such time zone, or the hours are none.
    """
    _allow(session, actor)
    try:
        value = Calendar(timezone, tuple(tuple((opens, closes) for opens, closes in hours) for hours in week))
    except ZoneInfoNotFoundError as error:
        raise Invalid(errors={"timezone": [_("There is no such time zone: write one such as Asia/Seoul.")]}) from error
    except (ValueError, TypeError) as error:
        raise Invalid(errors={"week": [_("Give seven days of opening hours that ascend and do not touch.")]}) from error
    known = calendar_by_code(session, code)
    before = _facts(known) if known else None
    if is_default:
        others = update(WorkCalendar).where(WorkCalendar.is_default, WorkCalendar.code != code)
        session.execute(others.values(is_default=False), execution_options={"synchronize_session": "fetch"})
    row = known or WorkCalendar(code=code)
    row.title, row.timezone, row.is_default = title, timezone, is_default
    row.week = [[list(span) for span in hours] for hours in value.week]
    if before != _facts(row):
        row.stamp = new_public_id()
        session.add(row)
        session.flush()
        audit(session, actor, "worktime:calendar:put", f"calendar:{code}", before=before, after=_facts(row))
    return row


def put_holiday(
    session: Session,
    actor: Actor,
    calendar: WorkCalendar,
    day: date,
    title: Translated,
    hours: Hours = (),
) -> Outcome:
    """Make a date an exception: closed, or open at other hours (half a day is ``((540, 780),)``).

    Returns:
        ``created``, ``updated`` or ``unchanged``.

    Raises:
        Forbidden: the actor may not change calendars.
        Invalid: the hours are none.
    """
    _allow(session, actor)
    try:
        check_hours(hours)
    except (ValueError, TypeError) as error:
        raise Invalid(errors={"hours": [_("Opening hours must ascend within one day and not touch.")]}) from error
    found = select(Holiday).where(Holiday.calendar_id == calendar.id, Holiday.day == day)
    known = session.scalars(found).one_or_none()
    wanted = known.title.with_texts(title.text) if known else title
    spans = [list(span) for span in hours]
    if known and (known.title, known.hours) == (wanted, spans):
        return "unchanged"
    before = {"title": known.title.to_json(), "hours": known.hours} if known else None
    row = known or Holiday(calendar_id=calendar.id, day=day)
    row.title, row.hours = wanted, spans
    session.add(row)
    _changed(session, calendar)
    after = {"title": wanted.to_json(), "hours": spans}
    audit(session, actor, "worktime:holiday:put", f"holiday:{calendar.code}:{day}", before=before, after=after)
    return "updated" if known else "created"


def remove_holiday(session: Session, actor: Actor, calendar: WorkCalendar, day: date) -> bool:
    """Make a date an ordinary one again; tell whether it was an exception.

    Raises:
        Forbidden: the actor may not change calendars.
    """
    _allow(session, actor)
    found = select(Holiday).where(Holiday.calendar_id == calendar.id, Holiday.day == day)
    known = session.scalars(found).one_or_none()
    if known is None:
        return False
    before = {"title": known.title.to_json(), "hours": known.hours}
    session.delete(known)
    _changed(session, calendar)
    audit(session, actor, "worktime:holiday:remove", f"holiday:{calendar.code}:{day}", before=before)
    return True


def assign_calendar(session: Session, actor: Actor, department: Department, calendar: WorkCalendar | None) -> None:
    """Let a department, and those below it without their own, follow a calendar; None is the one above again.

    Raises:
        Forbidden: the actor may not change calendars.
    """
    _allow(session, actor)
    known = session.get(CalendarAssignment, department.id)
    before, after = (known.calendar_id if known else None), (calendar.id if calendar else None)
    if before == after:
        return
    if calendar is None:
        session.delete(known)
    elif known is None:
        session.add(CalendarAssignment(department_id=department.id, calendar_id=calendar.id))
    else:
        known.calendar_id = calendar.id
    session.flush()
    thing = f"department:{department.code}"
    audit(
        session, actor, "worktime:calendar:assign", thing, before={"calendar_id": before}, after={"calendar_id": after}
    )


def import_holidays(
    session: Session, actor: Actor, calendar: WorkCalendar, text: str, language: str = "en"
) -> HolidayReport:
    """Take the whole-day events of an iCalendar file as holidays; the same file again changes nothing.

    Yearly events are taken from the year before the present one for twelve years. Events that are no whole days are
    listed as refused, the others are stored.

    Args:
        text: the file's text (RFC 5545), at most 2 MB.
        language: of the events' titles.

    Raises:
        Forbidden: the actor may not change calendars.
        Invalid: it is no iCalendar file, or too large.
    """
    _allow(session, actor)
    days, report = holidays_in(text, now(session).year)
    for day, title in sorted(days.items()):
        report.count(put_holiday(session, actor, calendar, day, Translated.from_texts(language, {language: title})))
    return report


def _allow(session: Session, actor: Actor) -> None:
    if not can(actor, MANAGE_CALENDARS, at=now(session)):
        raise Forbidden


def _changed(session: Session, calendar: WorkCalendar) -> None:
    calendar.stamp = new_public_id()
    session.flush()


def _facts(row: WorkCalendar) -> dict[str, Any]:
    return {
        "title": row.title.to_json(),
        "timezone": row.timezone,
        "week": row.week,
        "is_default": row.is_default,
    }
