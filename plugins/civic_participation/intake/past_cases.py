"""One line of another system's export as a past case, or the reason why it cannot be one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from civic_participation.intake.tables import Line

FORMATS = (
    "%Y-%m-%d %H:%M:%S",
    "%Y-%m-%dT%H:%M:%S",
    "%m/%d/%Y %I:%M:%S %p",
    "%m/%d/%Y %H:%M:%S",
    "%m/%d/%Y %H:%M",
    "%Y-%m-%d %H:%M",
    "%Y-%m-%d",
    "%m/%d/%Y",
    "%Y/%m/%d %H:%M:%S",
    "%Y.%m.%d %H:%M",
)
CLOSED_WORDS = frozenset({"closed", "resolved", "complete", "completed", "done", "fixed", "rejected", "cancelled"})
OPEN_WORDS = frozenset(
    {"open", "new", "in progress", "assigned", "pending", "started", "unspecified", "submitted", "received"}
)
CHANNELS = (
    (("app", "mobile"), "mobile"),
    (("call", "phone", "tele"), "phone"),
    (("self service", "web", "online", "internet"), "web"),
    (("mail",), "email"),
    (("twitter", "social", "facebook"), "social"),
    (("walk", "counter", "person"), "counter"),
)
EARLIEST_YEAR = 1980


class Unusable(ValueError):
    """The line cannot become a case; the text says why."""


@dataclass(frozen=True, slots=True)
class PastCase:
    """A case of another system, with instants in UTC-comparable aware form; empty text for what it does not say."""

    line: int
    source_id: str
    opened: datetime
    due: datetime | None
    closed: datetime | None
    is_closed: bool
    category: str
    category_group: str
    title: str
    resolution: str
    description: str
    department: str
    department_name: str
    area: str
    address: str
    latitude: float | None
    longitude: float | None
    channel: str


def parse_line(line: Line, columns: Mapping[str, str], zone: ZoneInfo) -> PastCase:
    """Return the past case of one line.

    Args:
        line: the cells.
        columns: field → heading.
        zone: the zone of instants that carry none.

    Raises:
        Unusable: no id or category, or an instant or coordinate that cannot be read.
    """
    cell = {field: line.cells.get(heading, "").replace("\x00", "") for field, heading in columns.items()}
    get = cell.get
    if line.surplus:
        raise Unusable("the line has more cells than the heading has columns")
    source_id, category = get("id", "")[:80], get("category", "")[:200]
    if not source_id:
        raise Unusable("it has no id")
    if not category:
        raise Unusable("it has no category")
    opened = _instant(get("opened", ""), "opening", zone)
    if opened is None:
        raise Unusable("it has no opening date")
    closed = _instant(get("closed", ""), "closing", zone)
    if closed is not None and closed < opened:
        raise Unusable("it was closed before it was opened")
    latitude, longitude = _place(get("latitude", ""), get("longitude", ""))
    return PastCase(
        line=line.number,
        source_id=source_id,
        opened=opened,
        due=_instant(get("due", ""), "due", zone),
        closed=closed,
        is_closed=_is_closed(get("status", ""), closed),
        category=category,
        category_group=get("category_group", "")[:200],
        title=(get("title", "") or category)[:200],
        resolution=get("resolution", "")[:4000],
        description=get("description", "")[:4000],
        department=get("department", "")[:64],
        department_name=get("department_name", "")[:200],
        area=get("area", "")[:200],
        address=get("address", "")[:300],
        latitude=latitude,
        longitude=longitude,
        channel=channel_of(get("channel", "")),
    )


def channel_of(text: str) -> str:
    """Return our channel for another system's words; ``other`` when they are unknown, ``import`` when empty."""
    words = text.lower()
    if not words:
        return "import"
    return next((channel for needles, channel in CHANNELS if any(needle in words for needle in needles)), "other")


def _is_closed(status: str, closed: datetime | None) -> bool:
    word = status.strip().lower()
    if word in CLOSED_WORDS:
        return True
    if word in OPEN_WORDS:
        return False
    if word and closed is None:
        raise Unusable(f"its status {status!r} is unknown")
    return closed is not None


def _instant(text: str, name: str, zone: ZoneInfo) -> datetime | None:
    if not text:
        return None
    value = _parsed(text)
    if value is None:
        raise Unusable(f"its {name} date {text!r} cannot be read")
    if value.tzinfo is None:
        value = value.replace(tzinfo=zone)
    if not EARLIEST_YEAR <= value.year <= 2200:
        raise Unusable(f"its {name} date {text!r} is not believable")
    return value


def _parsed(text: str) -> datetime | None:
    if len(text) > 40 or not text.isascii():
        return None
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        pass
    # New York prints 05/31/2022 11:59:00 PM, sometimes with a fraction of a second.
    text = re.sub(r"\.\d{1,6}(?=$| )", "", text)
    for pattern in FORMATS:
        try:
            return datetime.strptime(text, pattern)  # noqa: DTZ007 - the city's zone is added by the caller
        except ValueError:
            continue
    return None


def _place(latitude: str, longitude: str) -> tuple[float | None, float | None]:
    if not latitude and not longitude:
        return None, None
    try:
        north, east = float(latitude), float(longitude)
    except ValueError as error:
        raise Unusable(f"its place {latitude!r}, {longitude!r} cannot be read") from error
    if not (-90 <= north <= 90 and -180 <= east <= 180):
        raise Unusable(f"its place {latitude}, {longitude} is not on Earth")
    if north == 0 and east == 0:
        return None, None  # Exports write 0, 0 for "unknown".
    return north, east
