"""Laws of working time, in zones with and without changing clocks."""

from __future__ import annotations

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovframe.core.modules.worktime import (
    Calendar,
    NeverOpen,
    add_working_days,
    deadline,
    remaining,
    worked_between,
    working_days_between,
)

ZONES = ("UTC", "Asia/Seoul", "America/New_York", "Europe/Berlin", "Australia/Lord_Howe", "America/Santiago")
ALL_DAY = (((0, 1440),),) * 7
NINE_TO_SIX = 9 * 60, 18 * 60
SEOUL = ZoneInfo("Asia/Seoul")


@st.composite
def hours(draw: st.DrawFn, least: int = 0) -> tuple[tuple[int, int], ...]:
    """Spans of one day that ascend and do not touch."""
    edges = draw(st.lists(st.integers(0, 1440), min_size=least * 2, max_size=6, unique=True).map(sorted))
    return tuple((edges[n], edges[n + 1]) for n in range(0, len(edges) - 1, 2))


@st.composite
def calendars(draw: st.DrawFn) -> Calendar:
    """Calendars that open at least once a week in years around clock changes, with holidays and half days."""
    week = [draw(hours()) for _ in range(6)]
    week.insert(draw(st.integers(0, 6)), draw(hours(least=1).filter(any)))
    days = st.dates(date(2023, 12, 1), date(2025, 3, 31))
    exceptions = draw(st.dictionaries(days, hours(), max_size=20))
    return Calendar(draw(st.sampled_from(ZONES)), tuple(week), exceptions)


instants = st.datetimes(datetime(2024, 1, 1), datetime(2024, 12, 31), timezones=st.just(UTC))
amounts = st.timedeltas(timedelta(), timedelta(hours=60))
modes = st.sampled_from(["calendar", "working"])


@given(calendars(), instants, amounts, modes)
def test_the_deadline_has_exactly_the_amount_before_it(
    calendar: Calendar, start: datetime, amount: timedelta, mode: str
) -> None:
    assert worked_between(calendar, start, deadline(calendar, start, amount, mode), mode) == amount


@given(calendars(), instants, amounts, amounts, modes)
def test_more_time_is_never_earlier(
    calendar: Calendar, start: datetime, one: timedelta, other: timedelta, mode: str
) -> None:
    less, more = sorted([one, other])
    assert deadline(calendar, start, less, mode) <= deadline(calendar, start, more, mode)


@given(calendars(), instants, instants, amounts)
def test_a_later_start_is_never_due_earlier(
    calendar: Calendar, one: datetime, other: datetime, amount: timedelta
) -> None:
    first, second = sorted([one, other])
    assert deadline(calendar, first, amount, "working") <= deadline(calendar, second, amount, "working")


@given(calendars(), instants, amounts)
def test_nothing_is_due_outside_working_hours(calendar: Calendar, start: datetime, amount: timedelta) -> None:
    due = deadline(calendar, start, amount, "working")
    day = calendar.local_date(due)
    near = [span for n in (-1, 0, 1) for span in calendar.spans_of(day + timedelta(days=n))]
    assert any(span.start <= due <= span.end for span in near)


@given(calendars(), st.lists(instants, min_size=3, max_size=3), modes)
def test_time_adds_up_and_runs_backwards(calendar: Calendar, three: list[datetime], mode: str) -> None:
    first, second, third = sorted(three)
    parts = worked_between(calendar, first, second, mode) + worked_between(calendar, second, third, mode)
    assert parts == worked_between(calendar, first, third, mode)
    assert worked_between(calendar, third, first, mode) == -worked_between(calendar, first, third, mode)


@given(calendars(), instants, amounts, amounts, modes)
def test_a_paused_clock_keeps_what_was_left(
    calendar: Calendar, start: datetime, amount: timedelta, pause: timedelta, mode: str
) -> None:
    due = deadline(calendar, start, amount, mode)
    paused_at = start + (due - start) / 2
    left = remaining(calendar, paused_at, due, mode)
    resumed_at = paused_at + pause
    again = deadline(calendar, resumed_at, left, mode)
    assert (
        worked_between(calendar, start, paused_at, mode) + worked_between(calendar, resumed_at, again, mode) == amount
    )


@given(instants, amounts, st.sampled_from(ZONES))
def test_an_office_that_never_closes_counts_every_second(start: datetime, amount: timedelta, zone: str) -> None:
    assert deadline(Calendar(zone, ALL_DAY), start, amount, "working") == start + amount


@pytest.mark.parametrize(
    ("zone", "day", "worked"),
    [
        ("Europe/Berlin", date(2026, 3, 29), 23),
        ("Europe/Berlin", date(2026, 10, 25), 25),
        ("America/New_York", date(2026, 3, 8), 23),
        ("Australia/Lord_Howe", date(2026, 10, 4), 23.5),
        ("Asia/Seoul", date(2026, 3, 29), 24),
    ],
)
def test_days_on_which_the_clocks_change_have_their_own_length(zone: str, day: date, worked: float) -> None:
    calendar = Calendar(zone, ALL_DAY)
    spans = calendar.spans_of(day)
    assert sum((span.end - span.start for span in spans), timedelta()) == timedelta(hours=worked)


def test_a_date_that_a_zone_left_out_is_not_counted_twice() -> None:
    # Samoa went from 29 to 31 December 2011 when it crossed the date line.
    calendar = Calendar("Pacific/Apia", (((540, 1020),),) * 7)
    begin, end = (datetime(2011, 12, day, tzinfo=ZoneInfo("Pacific/Apia")) for day in (29, 31))
    assert worked_between(calendar, begin, end + timedelta(days=1), "working") == timedelta(hours=16)


def test_the_leap_day_is_a_day() -> None:
    calendar = Calendar("Asia/Seoul")
    due = deadline(calendar, datetime(2028, 2, 28, 17, tzinfo=SEOUL), 2, "working")
    assert due == datetime(2028, 2, 29, 10, tzinfo=SEOUL)
    assert deadline(calendar, datetime(2028, 2, 28, 17, tzinfo=SEOUL), 24) == datetime(2028, 2, 29, 17, tzinfo=SEOUL)


def test_friday_evening_goes_to_the_next_open_day() -> None:
    monday = date(2026, 11, 23)
    calendar = Calendar("Asia/Seoul", exceptions={monday: (), date(2026, 11, 24): ((540, 780),)})
    friday = datetime(2026, 11, 20, 17, tzinfo=SEOUL)
    assert deadline(calendar, friday, 1, "working") == datetime(2026, 11, 20, 18, tzinfo=SEOUL)
    assert deadline(calendar, friday, 2, "working") == datetime(2026, 11, 24, 10, tzinfo=SEOUL)
    assert deadline(calendar, friday, 5.5, "working") == datetime(2026, 11, 25, 9, 30, tzinfo=SEOUL)
    assert add_working_days(calendar, friday, 1) == datetime(2026, 11, 24, 13, tzinfo=SEOUL)
    assert add_working_days(calendar, friday, 0) == datetime(2026, 11, 20, 18, tzinfo=SEOUL)
    assert add_working_days(calendar, datetime(2026, 11, 21, 8, tzinfo=SEOUL), 0) == datetime(
        2026, 11, 24, 13, tzinfo=SEOUL
    )
    assert working_days_between(calendar, friday, datetime(2026, 11, 25, 9, tzinfo=SEOUL)) == 2
    assert working_days_between(calendar, datetime(2026, 11, 25, 9, tzinfo=SEOUL), friday) == -2
    assert working_days_between(calendar, friday, friday) == 0


@pytest.mark.parametrize("amount", [-1, float("nan"), float("inf"), 1e12, timedelta(days=4000)])
def test_impossible_amounts_are_refused(amount: float | timedelta) -> None:
    with pytest.raises(ValueError):
        deadline(Calendar("UTC"), datetime(2026, 1, 1, tzinfo=UTC), amount, "working")


def test_a_calendar_that_never_opens_has_no_deadline() -> None:
    closed = Calendar("UTC", ((),) * 7)
    begun = time.perf_counter()
    with pytest.raises(NeverOpen):
        deadline(closed, datetime(2026, 1, 1, tzinfo=UTC), 1, "working")
    with pytest.raises(NeverOpen):
        add_working_days(closed, datetime(2026, 1, 1, tzinfo=UTC), 1)
    assert (
        worked_between(closed, datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 2, 1, tzinfo=UTC), "working")
        == timedelta()
    )
    assert time.perf_counter() - begun < 2


@pytest.mark.parametrize(
    "week",
    [
        ((),) * 6,
        (((600, 540),), *((),) * 6),
        (((0, 60), (60, 120)), *((),) * 6),
        (((-1, 60),), *((),) * 6),
        (((0, 1441),), *((),) * 6),
    ],
)
def test_hours_that_are_none_are_refused(week: tuple[tuple[tuple[int, int], ...], ...]) -> None:
    with pytest.raises(ValueError):
        Calendar("UTC", week)


def test_naive_instants_are_refused() -> None:
    with pytest.raises(ValueError):
        deadline(Calendar("UTC"), datetime(2026, 1, 1), 1)


def test_thirty_days_cost_less_than_a_millisecond() -> None:
    calendar = Calendar("Asia/Seoul", (((540, 720), (780, 1080)),) * 5 + ((),) * 2)
    start = datetime(2026, 1, 1, tzinfo=UTC)
    deadline(calendar, start, 30 * 8, "working")
    begun = time.perf_counter()
    for _ in range(20):
        deadline(calendar, start, 30 * 8, "working")
    assert (time.perf_counter() - begun) / 20 < 0.001
