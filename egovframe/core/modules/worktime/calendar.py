"""Working time as pure values: which instants count, deadlines, and what is left of them.

Every sum is made over instants, never over wall-clock readings, so that a day on which the clocks change counts the
hours that really pass (23 or 25 for a round-the-clock office). Rules for local times that a change of clocks makes
special: a time that does not exist is read with the offset before the change, a time that exists twice is its first
occurrence (PEP 495, ``fold=0``); spans that would overlap because of it are joined.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

Mode = Literal["calendar", "working"]
Hours = tuple[tuple[int, int], ...]
"""Open spans of one day in minutes after midnight, ascending, not touching: ``((540, 1080),)`` is 09:00 to 18:00."""

MINUTES_A_DAY = 24 * 60
MONDAY_TO_FRIDAY: tuple[Hours, ...] = (((9 * 60, 18 * 60),),) * 5 + ((),) * 2
"""The week of a city that has not stored its own calendar yet."""
MAX_AMOUNT = timedelta(days=3660)
"""Longest deadline or stretch of working days that is computed (about ten years)."""
MAX_LOOK_AHEAD = timedelta(days=366 * 60)
"""How far working hours are looked for before a calendar is called closed for good."""
ONE_DAY = timedelta(days=1)
NOTHING = timedelta()


class NeverOpen(ValueError):
    """The calendar has too little working time for what is asked: no deadline exists."""


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of working time, half-open, in UTC."""

    start: datetime
    end: datetime


@dataclass(frozen=True)
class Calendar:
    """Weekly hours and dated exceptions in one time zone; an immutable value without a database.

    Args:
        timezone: IANA name, such as ``Asia/Seoul``.
        week: open spans for Monday to Sunday.
        exceptions: open spans of single dates that replace the weekly ones; ``()`` is closed all day.

    Raises:
        ValueError: the spans are not ascending minutes of one day, or the week has not seven days.
        zoneinfo.ZoneInfoNotFoundError: no such time zone.
    """

    timezone: str
    week: tuple[Hours, ...] = MONDAY_TO_FRIDAY
    exceptions: Mapping[date, Hours] = field(default_factory=dict)
    _days: dict[date, tuple[Span, ...]] = field(default_factory=dict, init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        ZoneInfo(self.timezone)
        if len(self.week) != 7:
            raise ValueError(f"a week has seven days, not {len(self.week)}")
        for hours in (*self.week, *self.exceptions.values()):
            check_hours(hours)

    @property
    def zone(self) -> ZoneInfo:
        """The time zone."""
        return ZoneInfo(self.timezone)

    def hours_of(self, day: date) -> Hours:
        """Return the open spans of a date in minutes after local midnight; empty when closed."""
        special = self.exceptions.get(day)
        return self.week[day.weekday()] if special is None else special

    def is_working_day(self, day: date) -> bool:
        """Whether any working time falls on the date."""
        return bool(self.spans_of(day))

    def spans_of(self, day: date) -> tuple[Span, ...]:
        """Return the date's working time as instants; remembered, since deadlines ask again and again."""
        known = self._days.get(day)
        if known is None:
            known = self._days[day] = tuple(self._spans(day))
        return known

    def _spans(self, day: date) -> Iterator[Span]:
        for opens, closes in self.hours_of(day):
            start, end = self._instant(day, opens), self._instant(day, closes)
            if start < end:
                yield Span(start, end)

    def _instant(self, day: date, minutes: int) -> datetime:
        midnight = datetime.combine(day, time())
        return (midnight + timedelta(minutes=minutes)).replace(tzinfo=self.zone).astimezone(UTC)

    def local_date(self, instant: datetime) -> date:
        """Return the date on the wall at the instant."""
        return instant.astimezone(self.zone).date()

    def spans_from(self, start: datetime) -> Iterator[Span]:
        """Yield working time that ends after the instant, in order and without overlap, clipped to begin at it."""
        edge = _utc(start)
        # A day before: clocks that jump over midnight may move that day's last span behind this date's begin.
        day = self.local_date(edge) - ONE_DAY
        last = day + MAX_LOOK_AHEAD
        while day <= last:
            for span in self.spans_of(day):
                if span.end > edge:
                    yield Span(max(span.start, edge), span.end)
                    edge = span.end
            day += ONE_DAY


def check_hours(hours: Sequence[tuple[int, int]]) -> None:
    """Raise ValueError unless the spans ascend within one day without touching."""
    edge = -1
    for opens, closes in hours:
        if not edge < opens < closes <= MINUTES_A_DAY:
            raise ValueError(f"opening hours must ascend within one day and not touch: {list(hours)}")
        edge = closes


def deadline(calendar: Calendar, start: datetime, amount: float | timedelta, mode: Mode = "calendar") -> datetime:
    """Return the instant (UTC) at which the amount of time has passed since the start.

    In working mode only open hours count; the answer lies within working time or at its end edge, so nothing is ever
    due on a holiday. Zero working hours from a closed office is the next opening.

    Args:
        calendar: whose hours count; ignored in calendar mode.
        start: aware instant.
        amount: hours, or a timedelta; from 0 to about ten years.
        mode: ``calendar`` is exact elapsed time, ``working`` counts open hours only.

    Raises:
        ValueError: the amount is negative, too long or no number.
        NeverOpen: the calendar has not so much working time.
    """
    left = _duration(amount)
    if mode == "calendar":
        return _utc(start) + left
    for span in calendar.spans_from(start):
        if left <= span.end - span.start:
            return span.start + left
        left -= span.end - span.start
    raise NeverOpen("this calendar has too little working time: check its weekly hours and holidays")


def worked_between(calendar: Calendar, start: datetime, end: datetime, mode: Mode = "calendar") -> timedelta:
    """Return how much time counts between two instants; negative when the end lies before the start.

    Law: ``worked_between(c, start, deadline(c, start, amount, mode), mode)`` equals the amount.
    """
    if mode == "calendar":
        return _utc(end) - _utc(start)
    if end < start:
        return -worked_between(calendar, end, start, mode)
    total = NOTHING
    for span in calendar.spans_from(start):
        if span.start >= end:
            break
        total += min(span.end, _utc(end)) - span.start
    return total


def remaining(calendar: Calendar, at: datetime, due: datetime, mode: Mode = "calendar") -> timedelta:
    """Return what is left until the deadline, negative when it has passed.

    To pause a clock keep this value; to go on, ``deadline(calendar, resumed_at, kept, mode)`` is the new due instant
    (an overdue clock keeps its old one).
    """
    return worked_between(calendar, at, due, mode)


def add_working_days(calendar: Calendar, start: datetime, days: int) -> datetime:
    """Return the closing instant of the n-th working day after the start's date, which itself is not counted.

    Zero is the closing of the start's own date, or of the next working day when the office is closed on it.

    Raises:
        ValueError: the number is negative or over ten years.
        NeverOpen: the calendar has not so many working days.
    """
    if not 0 <= days <= MAX_AMOUNT.days:
        raise ValueError(f"working days must be between 0 and {MAX_AMOUNT.days}")
    first = calendar.local_date(start) + (ONE_DAY if days else NOTHING)
    wanted = max(days, 1)
    for offset in range(MAX_LOOK_AHEAD.days):
        spans = calendar.spans_of(first + timedelta(days=offset))
        wanted -= bool(spans)
        if not wanted:
            return spans[-1].end
    raise NeverOpen("this calendar has too few working days: check its weekly hours and holidays")


def working_days_between(calendar: Calendar, start: datetime, end: datetime) -> int:
    """Return the number of working dates after the start's date up to the end's date; negative when it has passed.

    This is the number in "due in 2 working days": 0 means today.
    """
    first, last = calendar.local_date(start), calendar.local_date(end)
    if last < first:
        return -working_days_between(calendar, end, start)
    return sum(calendar.is_working_day(first + timedelta(days=n)) for n in range(1, (last - first).days + 1))


def _duration(amount: float | timedelta) -> timedelta:
    try:
        length = amount if isinstance(amount, timedelta) else timedelta(hours=amount)
    except (OverflowError, TypeError) as error:
        raise ValueError(f"{amount!r} is no number of hours") from error
    if not NOTHING <= length <= MAX_AMOUNT:
        raise ValueError(f"a deadline must be between 0 and {MAX_AMOUNT.days} days away, not {amount}")
    return length


def _utc(instant: datetime) -> datetime:
    if instant.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return instant.astimezone(UTC)
