"""Holidays out of an iCalendar file (RFC 5545)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from egovframe.core.i18n import lazy_gettext as _
from egovframe.errors import Invalid
from egovframe.fields import FieldError, clean_text

MAX_BYTES = 2_000_000
MAX_EVENTS = 5_000
MAX_DAYS = 60
"""Longest single holiday."""
MAX_REPEATING = 100
RULE_PARTS = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "BYMONTH", "BYMONTHDAY", "BYDAY", "BYSETPOS", "WKST"})
"""Parts of a yearly rule that can name a holiday; hours and seconds would make a day repeat 86,400 times."""
FIRST_YEAR = 1900
YEARS_BACK, YEARS_AHEAD = 1, 10
MAX_TITLE = 200
ONE_DAY = timedelta(days=1)


class _Refused(Exception):
    """An event that is no holiday; the text is the reason."""


@dataclass(slots=True)
class HolidayReport:
    """What an import of holidays did.

    Attributes:
        created, updated, unchanged: numbers of dates.
        refused: (title of the event, reason).
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: list[tuple[str, str]] = field(default_factory=list)

    def count(self, outcome: str) -> None:
        """Count one date."""
        setattr(self, outcome, getattr(self, outcome) + 1)


def holidays_in(text: str, year: int) -> tuple[dict[date, str], HolidayReport]:
    """Return the dates of all whole-day events with their titles, and a report that holds what was refused.

    Args:
        text: of the file.
        year: the present one; yearly events are taken from one year before to ten years after it.

    Raises:
        Invalid: it is no iCalendar file, or too large.
    """
    days: dict[date, str] = {}
    report = HolidayReport()
    repeating = 0
    for number, event in enumerate(_events(text)):
        repeating += "RRULE" in event
        if number >= MAX_EVENTS or repeating > MAX_REPEATING:
            raise Invalid(_("The file holds too many events: split it."))
        title = _title(event)
        try:
            for day in _days(event, year):
                days.setdefault(day, title)
        except _Refused as error:
            report.refused.append((title, str(error)))
    return days, report


def _events(text: str) -> Iterator[Any]:
    import icalendar  # noqa: PLC0415 - heavy; needed by imports of holidays only

    if len(text.encode("utf-8", "replace")) > MAX_BYTES:
        raise Invalid(_("The file is larger than 2 MB: split it."))
    try:
        calendar = icalendar.Calendar.from_ical(text)
        events = list(calendar.walk("VEVENT"))
    except (ValueError, IndexError, AttributeError, RecursionError) as error:
        raise Invalid(_("This is no iCalendar file (.ics): export the holidays once more.")) from error
    if calendar.name != "VCALENDAR" or not events:
        raise Invalid(_("This iCalendar file holds no event."))
    yield from events


def _title(event: Any) -> str:
    try:
        title = " ".join(clean_text(str(event.get("SUMMARY", ""))).split())
    except FieldError:
        title = ""
    return title[:MAX_TITLE] or "Holiday"


def _days(event: Any, year: int) -> Iterator[date]:
    first = _date(event, "DTSTART")
    if first is None:
        raise _Refused("it has no first day")
    last = _date(event, "DTEND") or first + ONE_DAY
    length = max(1, (last - first).days)
    if length > MAX_DAYS:
        raise _Refused(f"it is longer than {MAX_DAYS} days")
    for start in _starts(event, first, year):
        for offset in range(length):
            yield start + timedelta(days=offset)


def _date(event: Any, name: str) -> date | None:
    value = getattr(event.get(name), "dt", None)
    if value is None:
        return None
    if isinstance(value, datetime) or not isinstance(value, date):
        raise _Refused("it is no whole day: holidays have dates without a time")
    return value


def _starts(event: Any, first: date, year: int) -> list[date]:
    """Return the first days of an event that repeats every year, or its only one."""
    rule = event.get("RRULE")
    if rule is None:
        return [first]
    yearly = not isinstance(rule, list) and [str(part) for part in rule.get("FREQ", [])] == ["YEARLY"]
    if not yearly or not {str(part).upper() for part in rule} <= RULE_PARTS or first.year < FIRST_YEAR:
        raise _Refused("it repeats, and not once every year: give its dates one by one")
    from dateutil.rrule import rrulestr  # type: ignore[import-untyped]  # noqa: PLC0415 - as icalendar

    begin = datetime(first.year, first.month, first.day)  # noqa: DTZ001 - a date, for a rule about dates
    window = datetime(year - YEARS_BACK, 1, 1), datetime(year + YEARS_AHEAD, 12, 31)  # noqa: DTZ001 - as above
    try:
        found = rrulestr(rule.to_ical().decode(), dtstart=begin, ignoretz=True).between(*window, inc=True)
    except (ValueError, TypeError) as error:
        raise _Refused("its rule of repetition cannot be read") from error
    if len(found) > YEARS_BACK + YEARS_AHEAD + 1:
        raise _Refused("it repeats more than once a year: give its dates one by one")
    return [start.date() for start in found]
