"""Dates, times, numbers and deadlines in the language of the moment and the city's time zone.

Everything is memoised by what it depends on: Babel needs 20 to 60 µs for one date, a cached one costs below 2 µs.
"""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Literal
from zoneinfo import ZoneInfo

from babel import Locale, dates, lists, numbers, units

from egovframe.core.i18n.languages import base_language, formatting_locale
from egovframe.core.i18n.messages import gettext, ngettext
from egovframe.core.i18n.speech import Voice, voice

DateStyle = Literal["full", "long", "medium", "short", "weekday"]
Unit = Literal["day", "hour", "minute", "second"]
AmountUnit = Literal["day", "hour", "minute", "second", "metre"]

TIME_PATTERNS = {"ko": "aaaa h:mm"}
"""Where CLDR's short time reads foreign: its Korean one says "PM 3:00" instead of "오후 3:00"."""
LIST_STYLES: dict[str, Literal["standard"]] = {"ar": "standard"}
"""Where Babel repeats the second of two units."""
WORD_STYLES: dict[str, Literal["standard"]] = {**LIST_STYLES, "ko": "standard"}
"""The same for words: in Korean units stand side by side, words would run into each other."""
WEEKDAY_PATTERN = "EEEE"
SECONDS = {"day": 86_400, "hour": 3_600, "minute": 60, "second": 1}
END_OF_TIME = 9999
"""The last year that ``datetime`` knows."""
NEAR = timedelta(hours=6)
"""A deadline closer than this is told as time left."""

__all__ = [
    "AmountUnit",
    "city_zone",
    "day_begins",
    "format_amount",
    "format_date",
    "format_datetime",
    "format_deadline",
    "format_duration",
    "format_list",
    "format_number",
    "format_percent",
    "format_relative",
    "format_time",
]


def city_zone() -> ZoneInfo:
    """Return the city's time zone; UTC outside any application."""
    return voice().zone


def day_begins(day: date | None, days_later: int = 0) -> datetime | None:
    """Return the instant (UTC) at which a day begins in the city, or the day so many days later; None for no day.

    At the two ends of what calendars of computers know it is the first or the last instant.
    """
    if day is None:
        return None
    try:
        return datetime.combine(day + timedelta(days=days_later), time(), city_zone()).astimezone(UTC)
    except OverflowError:
        return datetime.min.replace(tzinfo=UTC) if day.year < END_OF_TIME else datetime.max.replace(tzinfo=UTC)


def format_date(value: date | datetime | None, style: DateStyle = "full") -> str:
    """Return a date, by default in full with its weekday: ``Tuesday, 3 March 2026``; an empty string for None.

    An instant is shown as the day it falls on in the city. ``weekday`` gives the weekday's name alone.
    """
    if value is None:
        return ""
    return _date(_day(value, voice()), style, voice().language)


def format_time(value: datetime | time | None) -> str:
    """Return a time of day to the minute: ``15:00``; an instant in the city's zone."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        value = _local(value, voice()).time()
    return _time(value.hour, value.minute, voice().language)


def format_datetime(value: datetime | None, style: DateStyle = "full", *, zone: bool = False) -> str:
    """Return date and time: ``Tuesday, 3 March 2026, 15:00``; with ``zone`` also ``(Korean Standard Time)``.

    Say the zone where an instant binds people who may be elsewhere: deadlines of votes, closings, data licences.

    Raises:
        ValueError: the instant is naive.
    """
    if value is None:
        return ""
    now = voice()
    local = _local(value, now)
    day, clock = _date(local.date(), style, now.language), _time(local.hour, local.minute, now.language)
    text = _joined(day, clock, now.locale, style)
    return f"{text} ({_zone_name(local, now)})" if zone else text


def format_number(value: int | float | Decimal | None, decimals: int | None = None) -> str:
    """Return a number with the language's separators: ``1,234.5``.

    Args:
        value: the number; None gives an empty string.
        decimals: digits after the separator; as many as needed, up to three, when None.
    """
    return "" if value is None else _number(value, decimals, voice().language)


def format_percent(value: float | Decimal | None, decimals: int = 0) -> str:
    """Return a share as a percentage: 0.123 is ``12%``."""
    return "" if value is None else _percent(value, decimals, voice().language)


def format_relative(value: datetime | None, now: datetime) -> str:
    """Return how long ago or how soon, in the largest whole unit up to days: ``2 hours ago``, ``in 3 days``."""
    if value is None:
        return ""
    seconds = int((value - now).total_seconds())
    if seconds == 0:
        return gettext("just now")
    unit, count = _largest(abs(seconds))
    return _relative(count if seconds > 0 else -count, unit, voice().language)


def format_duration(value: timedelta | None, parts: int = 2) -> str:
    """Return a length of time in its largest units, cut off below: ``2 days, 3 hours``.

    Args:
        value: the length; its sign is not shown.
        parts: how many units at most.
    """
    if value is None:
        return ""
    rest, found = abs(int(value.total_seconds())), []
    for unit, seconds in SECONDS.items():
        count, rest = divmod(rest, seconds)
        if count:
            found.append((count, unit))
        elif found:
            break
    found = found[:parts] or [(0, "minute")]
    language = voice().language
    return _list(tuple(_amount(count, unit, language) for count, unit in found), language)


def format_amount(value: int, unit: AmountUnit) -> str:
    """Return a whole number of a unit in words: ``30 days``, ``25 metres``."""
    return _length(value, voice().language) if unit == "metre" else _amount(value, unit, voice().language)


def format_list(parts: Iterable[str]) -> str:
    """Return words one after the other as the language lists them: ``name, telephone``."""
    return _list(tuple(parts), voice().language, words=True)


def format_deadline(due: datetime | None, now: datetime) -> str:
    """Return a deadline in words, by the city's calendar.

    Below an hour in minutes, below six hours in hours left; then ``due today 15:00``, ``due tomorrow 15:00``,
    ``due Friday 15:00`` within the week, ``due 3 March 2026``; once over, ``5 minutes late``, ``3 hours late``,
    ``2 days late``. Counts are whole units that have passed or are left.
    """
    if due is None:
        return ""
    if due <= now:
        return _late(now - due)
    if due - now < NEAR:
        return _left(due - now)
    return _ahead(due, now)


def _late(passed: timedelta) -> str:
    unit, count = _largest(max(60, int(passed.total_seconds())))
    if unit == "day":
        return ngettext("%(count)s day late", "%(count)s days late", count, count=_shown(count))
    if unit == "hour":
        return ngettext("%(count)s hour late", "%(count)s hours late", count, count=_shown(count))
    return ngettext("%(count)s minute late", "%(count)s minutes late", count, count=_shown(count))


def _left(remaining: timedelta) -> str:
    unit, count = _largest(max(60, int(remaining.total_seconds())))
    if unit == "hour":
        return ngettext("%(count)s hour left", "%(count)s hours left", count, count=_shown(count))
    return ngettext("%(count)s minute left", "%(count)s minutes left", count, count=_shown(count))


def _ahead(due: datetime, now: datetime) -> str:
    days = (_day(due, voice()) - _day(now, voice())).days
    if days == 0:
        return gettext("due today %(time)s", time=format_time(due))
    if days == 1:
        return gettext("due tomorrow %(time)s", time=format_time(due))
    if days < 7:
        return gettext("due %(weekday)s %(time)s", weekday=format_date(due, "weekday"), time=format_time(due))
    return gettext("due %(date)s", date=format_date(due, "long"))


def _shown(count: int) -> str:
    return format_number(count)


def _local(value: datetime, now: Voice) -> datetime:
    if value.tzinfo is None:
        raise ValueError("an instant needs a time zone")
    return value.astimezone(now.zone)


def _day(value: date | datetime, now: Voice) -> date:
    return _local(value, now).date() if isinstance(value, datetime) else value


def _largest(seconds: int) -> tuple[Unit, int]:
    if seconds >= SECONDS["day"]:
        return "day", seconds // SECONDS["day"]
    if seconds >= SECONDS["hour"]:
        return "hour", seconds // SECONDS["hour"]
    if seconds >= SECONDS["minute"]:
        return "minute", seconds // SECONDS["minute"]
    return "second", seconds


@functools.lru_cache(maxsize=8192)
def _date(day: date, style: DateStyle, language: str) -> str:
    locale = formatting_locale(language)
    return dates.format_date(day, WEEKDAY_PATTERN if style == "weekday" else style, locale)


@functools.lru_cache(maxsize=8192)
def _time(hour: int, minute: int, language: str) -> str:
    locale = formatting_locale(language)
    pattern = TIME_PATTERNS.get(locale.language, "short")
    return dates.format_time(time(hour, minute), pattern, locale=locale)


def _joined(day: str, clock: str, locale: Locale, style: DateStyle) -> str:
    pattern = _glue(str(locale), "medium" if style == "weekday" else style)
    return pattern.replace("{1}", day).replace("{0}", clock)


@functools.lru_cache(maxsize=256)
def _glue(locale: str, style: str) -> str:
    return str(Locale.parse(locale).datetime_formats[style])


def _zone_name(local: datetime, now: Voice) -> str:
    return _zone(now.zone.key, str(local.utcoffset()), local, now.language)


def _zone(key: str, offset: str, local: datetime, language: str) -> str:
    known = _zones.get((key, offset, language))
    if known is None:
        known = _zones[key, offset, language] = dates.get_timezone_name(
            local, "long", locale=formatting_locale(language)
        )
    return known


_zones: dict[tuple[str, str, str], str] = {}


@functools.lru_cache(maxsize=8192, typed=True)
def _number(value: int | float | Decimal, decimals: int | None, language: str) -> str:
    locale = formatting_locale(language)
    if decimals is None:
        return numbers.format_decimal(value, locale=locale)
    return numbers.format_decimal(value, "#,##0" + ("." + "0" * decimals if decimals else ""), locale=locale)


@functools.lru_cache(maxsize=2048, typed=True)
def _percent(value: float | Decimal, decimals: int, language: str) -> str:
    locale = formatting_locale(language)
    if not decimals:
        return numbers.format_percent(value, locale=locale)
    pattern = locale.percent_formats[None].pattern.replace("#,##0", "#,##0." + "0" * decimals)
    return numbers.format_percent(value, pattern, locale=locale)


@functools.lru_cache(maxsize=4096)
def _relative(count: int, unit: Unit, language: str) -> str:
    return _delta(count, unit, language, add_direction=True)


@functools.lru_cache(maxsize=4096)
def _amount(count: int, unit: Unit, language: str) -> str:
    return _delta(count, unit, language, add_direction=False)


@functools.lru_cache(maxsize=1024)
def _length(metres: int, language: str) -> str:
    return units.format_unit(metres, "length-meter", locale=formatting_locale(language))


def _delta(count: int, unit: Unit, language: str, *, add_direction: bool) -> str:
    # An endless threshold makes Babel keep the unit that is asked for instead of rounding up to a larger one.
    return dates.format_timedelta(
        timedelta(seconds=count * SECONDS[unit]),
        granularity=unit,
        threshold=math.inf,
        add_direction=add_direction,
        locale=formatting_locale(language),
    )


@functools.lru_cache(maxsize=4096)
def _list(parts: tuple[str, ...], language: str, *, words: bool = False) -> str:
    locale, styles = formatting_locale(language), WORD_STYLES if words else LIST_STYLES
    return lists.format_list(list(parts), style=styles.get(base_language(language), "unit"), locale=locale)
