"""Dates, numbers and deadlines as readers of English, Korean and Arabic see them, in the city's zone."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from egovframe.core.i18n import (
    I18n,
    direction,
    format_date,
    format_datetime,
    format_deadline,
    format_duration,
    format_list,
    format_number,
    format_percent,
    format_relative,
    format_time,
    language_name,
    negotiate,
    use_language,
)

NOW = datetime(2026, 3, 3, 1, 0, tzinfo=UTC)
"""10:00 on a Tuesday in Seoul."""


def at(hours: float = 0, **more: float) -> datetime:
    return NOW + timedelta(hours=hours, **more)


@pytest.fixture(autouse=True, scope="module")
def city() -> Iterator[None]:
    app = Flask("city")
    place = SimpleNamespace(timezone="Asia/Seoul", languages=("en", "ko", "ar"), default_language="en")
    I18n(app, SimpleNamespace(city=place))
    with app.app_context():
        yield


def said(function: object, *args: object, **kwargs: object) -> list[str]:
    texts = []
    for language in ("en", "ko", "ar"):
        with use_language(language):
            texts.append(function(*args, **kwargs))  # type: ignore[operator]
    return texts


def test_dates_are_full_and_fall_on_the_citys_day() -> None:
    late = datetime(2026, 3, 3, 15, 30, tzinfo=UTC)
    assert said(format_date, late) == ["Wednesday, 4 March 2026", "2026년 3월 4일 수요일", "الأربعاء، 4 مارس 2026"]
    assert said(format_date, date(2026, 3, 3), "weekday") == ["Tuesday", "화요일", "الثلاثاء"]
    assert said(format_time, late) == ["00:30", "오전 12:30", "12:30 ص"]
    assert format_time(time(9, 5)) == "09:05"


def test_the_zone_is_named_where_asked() -> None:
    assert said(format_datetime, NOW, zone=True) == [
        "Tuesday, 3 March 2026, 10:00 (Korean Standard Time)",
        "2026년 3월 3일 화요일 오전 10:00 (대한민국 표준시)",
        "الثلاثاء، 3 مارس 2026، 10:00 ص (توقيت كوريا الرسمي)",
    ]


def test_summer_and_winter_time_have_their_own_names() -> None:
    app = Flask("berlin")
    place = SimpleNamespace(timezone="Europe/Berlin", languages=("en",), default_language="en")
    I18n(app, SimpleNamespace(city=place))
    with app.app_context():
        winter = format_datetime(datetime(2026, 1, 1, 12, tzinfo=UTC), "short", zone=True)
        summer = format_datetime(datetime(2026, 7, 1, 12, tzinfo=UTC), "short", zone=True)
    assert winter == "01/01/2026, 13:00 (Central European Standard Time)"
    assert summer == "01/07/2026, 14:00 (Central European Summer Time)"


def test_a_naive_instant_is_refused() -> None:
    for function in (format_date, format_time, format_datetime):
        with pytest.raises(ValueError, match="time zone"):
            function(datetime(2026, 3, 3, 12))


def test_nothing_is_shown_for_nothing() -> None:
    shown = [
        *(function(None) for function in (format_date, format_time, format_datetime, format_number, format_percent)),
        format_duration(None),
        format_relative(None, NOW),
        format_deadline(None, NOW),
    ]
    assert set(shown) == {""}


def test_numbers() -> None:
    assert said(format_number, 1234567.5) == ["1,234,567.5"] * 3
    assert (format_number(2, 2), format_number(True + 1), format_number(0)) == ("2.00", "2", "0")
    assert (format_percent(0.123), format_percent(0.123, 1)) == ("12%", "12.3%")


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (at(-2), ["2 hours ago", "2시간 전", "قبل ساعتين"]),
        (at(72), ["in 3 days", "3일 후", "خلال 3 أيام"]),
        (at(-23.9), ["23 hours ago", "23시간 전", "قبل 23 ساعة"]),
        (NOW, ["just now", "방금", "الآن"]),
    ],
)
def test_relative(value: datetime, expected: list[str]) -> None:
    assert said(format_relative, value, NOW) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (timedelta(days=2, hours=3, minutes=59), ["2 days, 3 hours", "2일 3시간", "يومان و3 ساعات"]),
        (timedelta(hours=1), ["1 hour", "1시간", "ساعة"]),
        (timedelta(days=1, minutes=5), ["1 day", "1일", "يوم"]),
        (timedelta(0), ["0 minutes", "0분", "0 دقيقة"]),
    ],
)
def test_durations(value: timedelta, expected: list[str]) -> None:
    assert said(format_duration, value) == expected


@pytest.mark.parametrize(
    ("due", "expected"),
    [
        (at(minutes=20), ["20 minutes left", "20분 남음", "بقيت 20 دقيقة"]),
        (at(seconds=5), ["1 minute left", "1분 남음", "بقيت دقيقة واحدة"]),
        (at(2.5), ["2 hours left", "2시간 남음", "بقيت ساعتان"]),
        (at(5), ["5 hours left", "5시간 남음", "بقيت 5 ساعات"]),
        (at(7), ["due today 17:00", "오늘 오후 5:00까지", "الموعد اليوم 5:00 م"]),
        (at(29), ["due tomorrow 15:00", "내일 오후 3:00까지", "الموعد غدًا 3:00 م"]),
        (at(77), ["due Friday 15:00", "금요일 오후 3:00까지", "الموعد الجمعة 3:00 م"]),
        (at(24 * 30), ["due 2 April 2026", "2026년 4월 2일까지", "الموعد 2 أبريل 2026"]),
        (NOW, ["1 minute late", "1분 지남", "متأخر دقيقة واحدة"]),
        (at(minutes=-59), ["59 minutes late", "59분 지남", "متأخر 59 دقيقة"]),
        (at(-3), ["3 hours late", "3시간 지남", "متأخر 3 ساعات"]),
        (at(-24), ["1 day late", "1일 지남", "متأخر يومًا واحدًا"]),
        (at(-48), ["2 days late", "2일 지남", "متأخر يومين"]),
        (at(-24 * 7), ["7 days late", "7일 지남", "متأخر 7 أيام"]),
        (at(-24 * 11), ["11 days late", "11일 지남", "متأخر 11 يومًا"]),
        (at(-24 * 100), ["100 days late", "100일 지남", "متأخر 100 يوم"]),
    ],
)
def test_deadlines_in_words(due: datetime, expected: list[str]) -> None:
    assert said(format_deadline, due, NOW) == expected


def test_tomorrow_is_the_citys_tomorrow() -> None:
    evening = datetime(2026, 3, 3, 20, tzinfo=ZoneInfo("Asia/Seoul"))
    assert format_deadline(evening + timedelta(hours=7), evening) == "due tomorrow 03:00"
    assert evening.astimezone(UTC).date() == (evening + timedelta(hours=7)).astimezone(UTC).date()


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.timedeltas(timedelta(days=-800), timedelta(days=800)), st.sampled_from(["en", "ko", "ar"]))
def test_a_deadline_is_late_exactly_when_it_has_passed(distance: timedelta, language: str) -> None:
    with use_language("en"):
        assert ("late" in format_deadline(NOW + distance, NOW)) == (distance <= timedelta(0))
    with use_language(language):
        assert "%" not in format_deadline(NOW + distance, NOW)


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("ko", "ko"),
        ("ko-KR,ko;q=0.9,en;q=0.8", "ko"),
        ("fr, en;q=0.5, ar;q=0.7", "ar"),
        ("EN-us", "en"),
        ("pt-PT", "pt-BR"),
        ("zh-Hant-TW", "zh-Hant"),
        ("fr", "ar"),
        ("ko;q=0, fr", "ar"),
        ("*", "ar"),
        ("", "ar"),
        (None, "ar"),
        (";;;,,q=x", "ar"),
        ("x" * 100_000, "ar"),
    ],
)
def test_negotiation(header: str | None, expected: str) -> None:
    assert negotiate(header, ("en", "ko", "ar", "pt-BR", "zh-Hant"), "ar") == expected


@given(st.text(max_size=80))
def test_any_header_gives_an_offered_language(header: str) -> None:
    assert negotiate(header, ("en", "ko"), "ko") in ("en", "ko")


def test_languages_are_named_in_themselves() -> None:
    names = [language_name(tag) for tag in ("en", "ko", "ar", "fr", "zh-Hant", "xx")]
    assert names == ["English", "한국어", "العربية", "Français", "中文 (繁體)", "xx"]
    assert [direction(tag) for tag in ("en", "ar", "fa", "he", "ko", "xx")] == [
        "ltr",
        "rtl",
        "rtl",
        "rtl",
        "ltr",
        "ltr",
    ]


def test_words_of_a_list_do_not_run_into_each_other() -> None:
    assert said(format_list, ["name", "address", "phone"])[:2] == ["name, address, phone", "name, address 및 phone"]
    assert all("name address" not in listed for listed in said(format_list, ["name", "address", "phone"]))
