"""Stored calendars: which department follows which, holidays by hand and from a file."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest

from egovframe.actor import ANONYMOUS, SYSTEM
from egovframe.core.i18n import Translated
from egovframe.core.modules.organisation import put_department
from egovframe.core.modules.worktime import (
    WorkCalendar,
    assign_calendar,
    calendar_for,
    deadline,
    holidays_of,
    import_holidays,
    put_calendar,
    put_holiday,
    remove_holiday,
)
from egovframe.core.persistence import Database
from egovframe.errors import Forbidden, Invalid

SEOUL = ZoneInfo("Asia/Seoul")
NIGHTS = (((0, 1440),),) * 7


def words(text: str) -> Translated:
    return Translated.of("en", en=text)


def city(session: object, **values: object) -> WorkCalendar:
    return put_calendar(
        session, SYSTEM, code="city", title=words("City"), timezone="Asia/Seoul", is_default=True, **values
    )  # type: ignore[arg-type]


def test_a_department_follows_the_nearest_calendar(database: Database) -> None:
    with database.writing() as session:
        city(session)
        night = put_calendar(session, SYSTEM, code="nights", title=words("Nights"), timezone="Asia/Seoul", week=NIGHTS)
        above = put_department(session, SYSTEM, code="SAFETY", name=words("Safety")).row
        below = put_department(session, SYSTEM, code="FIRE", name=words("Fire"), parent=above).row
        other = put_department(session, SYSTEM, code="ROADS", name=words("Roads")).row
        assert calendar_for(session, below.id).week != NIGHTS
        assign_calendar(session, SYSTEM, above, night)
        assert calendar_for(session, below.id).week == NIGHTS
        assert calendar_for(session, other.id).week != NIGHTS
        assert calendar_for(session, None).timezone == "Asia/Seoul"
        assign_calendar(session, SYSTEM, above, None)
        assert calendar_for(session, below.id).week != NIGHTS


def test_a_city_without_calendars_works_on_weekdays(database: Database) -> None:
    with database.reading() as session:
        calendar = calendar_for(session, None)
        assert calendar.is_working_day(date(2026, 11, 20))
        assert not calendar.is_working_day(date(2026, 11, 21))


def test_a_holiday_moves_the_deadline_at_once_and_only_when_it_is_stored(database: Database) -> None:
    friday = datetime(2026, 11, 20, 17, tzinfo=SEOUL)

    def due() -> datetime:
        with database.reading() as session:
            return deadline(calendar_for(session, None), friday, 2, "working")

    with database.writing() as session:
        calendar = city(session)
    monday, tuesday = datetime(2026, 11, 23, 10, tzinfo=SEOUL), datetime(2026, 11, 24, 10, tzinfo=SEOUL)
    assert due() == monday

    def lost() -> None:
        with database.writing() as session:
            stored = session.get_one(WorkCalendar, calendar.id)
            put_holiday(session, SYSTEM, stored, monday.date(), words("Holiday"))
            assert deadline(calendar_for(session, None), friday, 2, "working") == tuesday
            raise LookupError

    with pytest.raises(LookupError):
        lost()
    assert due() == monday
    with database.writing() as session:
        stored = session.get_one(WorkCalendar, calendar.id)
        assert put_holiday(session, SYSTEM, stored, monday.date(), words("Holiday")) == "created"
        assert put_holiday(session, SYSTEM, stored, monday.date(), words("Holiday")) == "unchanged"
    assert due() == tuesday
    with database.writing() as session:
        assert remove_holiday(session, SYSTEM, session.get_one(WorkCalendar, calendar.id), monday.date())
    assert due() == monday


def test_there_is_one_default(database: Database) -> None:
    with database.writing() as session:
        first = city(session)
        second = put_calendar(session, SYSTEM, code="new", title=words("New"), timezone="UTC", is_default=True)
        assert (first.is_default, second.is_default) == (False, True)
        assert calendar_for(session, None).timezone == "UTC"


def test_calendars_need_the_right_and_sound_values(database: Database) -> None:
    with database.writing() as session:
        with pytest.raises(Forbidden):
            put_calendar(session, ANONYMOUS, code="x", title=words("x"), timezone="UTC")
        with pytest.raises(Invalid, match=r"^$|") as zone:
            put_calendar(session, SYSTEM, code="x", title=words("x"), timezone="Mars/Base")
        assert "timezone" in zone.value.errors
        with pytest.raises(Invalid) as week:
            put_calendar(session, SYSTEM, code="x", title=words("x"), timezone="UTC", week=(((600, 540),),) * 7)
        assert "week" in week.value.errors


def ics(*events: str) -> str:
    body = "".join(f"BEGIN:VEVENT\r\nUID:{n}\r\n{event}\r\nEND:VEVENT\r\n" for n, event in enumerate(events))
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//t//t//EN\r\n{body}END:VCALENDAR\r\n"


def test_holidays_come_from_an_ics_file(database: Database) -> None:
    text = ics(
        "SUMMARY:설날\r\nDTSTART;VALUE=DATE:20260216\r\nDTEND;VALUE=DATE:20260219",
        "SUMMARY:Christmas\r\nDTSTART;VALUE=DATE:20001225\r\nRRULE:FREQ=YEARLY",
        "SUMMARY:Thanksgiving\r\nDTSTART;VALUE=DATE:20201126\r\nRRULE:FREQ=YEARLY;BYMONTH=11;BYDAY=4TH",
        "SUMMARY:Meeting\r\nDTSTART:20260301T090000Z\r\nDTEND:20260301T100000Z",
        "SUMMARY:Weekly\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=WEEKLY",
        "SUMMARY:Bomb\r\nDTSTART;VALUE=DATE:20260101\r\nRRULE:FREQ=YEARLY;BYSECOND=0,1,2,3",
        "SUMMARY:Era\r\nDTSTART;VALUE=DATE:20260101\r\nDTEND;VALUE=DATE:20290101",
        "SUMMARY:Nothing",
    )
    with database.writing() as session:
        calendar = city(session)
        report = import_holidays(session, SYSTEM, calendar, text, "ko")
        refused = dict(report.refused)
        assert refused.keys() == {"Meeting", "Weekly", "Bomb", "Era", "Nothing"}
        assert "whole day" in refused["Meeting"]
        days = {holiday.day: str(holiday.title) for holiday in holidays_of(session, calendar)}
        assert [day for day, title in days.items() if title == "설날"] == [date(2026, 2, n) for n in (16, 17, 18)]
        this_year = max(day.year for day in days) - 10
        assert days[date(this_year, 12, 25)] == "Christmas"
        again = import_holidays(session, SYSTEM, calendar, text, "ko")
        assert (again.created, again.updated) == (0, 0)
        assert again.unchanged == report.created > 20
        assert not calendar_for(session, None).is_working_day(date(2026, 2, 17))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "hello",
        "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
        "BEGIN:VEVENT",
        "BEGIN:VCALENDAR\r\n" * 3000,
        "x" * 2_000_001,
    ],
)
def test_what_is_no_calendar_file_is_refused_in_one_line(database: Database, text: str) -> None:
    with database.writing() as session:
        calendar = city(session)
        with pytest.raises(Invalid) as refused:
            import_holidays(session, SYSTEM, calendar, text)
        assert len(str(refused.value).splitlines()) == 1
        assert holidays_of(session, calendar) == []
