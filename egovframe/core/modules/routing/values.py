"""What routing is asked and what it answers: plain values that survive in a database row as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, tzinfo
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from egovframe.core.i18n import Translated, city_zone

Content = Translated | Mapping[str, Any] | str
"""Translated content, also as stored (``{"source": "en", "text": {"en": …}, "stale": []}``), or text as it is."""


class Rule(Protocol):
    """What routing needs of a rule: one that is stored, or a draft that is tried out."""

    @property
    def public_id(self) -> str:
        """How explanations refer to it."""

    @property
    def title(self) -> Translated:
        """What explanations call it."""

    @property
    def conditions(self) -> Mapping[str, Any]:
        """All of which must hold (``conditions.holds``)."""

    @property
    def department_id(self) -> int:
        """The office that gets the matter."""

    @property
    def post_id(self) -> int | None:
        """The post in that office, where it names one."""


@dataclass(frozen=True, slots=True)
class AreaRef:
    """An area that contains the place, with the ids of its ancestors from the nearest upwards."""

    layer: str
    id: int
    code: str
    name: Content
    parent_ids: tuple[int, ...] = ()
    parent_layers: tuple[str, ...] = ()
    """The layers of those ancestors, in the same order."""

    @property
    def key(self) -> str:
        """``LAYER:CODE``, as forms and programs name it."""
        return f"{self.layer}:{self.code}"


@dataclass(frozen=True, slots=True)
class BorderChoice:
    """What a reporter said of a place beside a border: where it lies, what else it might be, and how near that is.

    Args:
        area: where the place lies, as the reporter said; of a place outside of every area the nearest.
        other: the area on the other side of the border; None beside the outer border of the city.
        metres: from the place to the border, at least 1.
        as_mapped: whether the map says the same as the reporter; else it says ``other``.
    """

    area: AreaRef
    other: AreaRef | None
    metres: int
    as_mapped: bool = False


@dataclass(frozen=True, slots=True)
class Matter:
    """What somebody must take care of: the only input of a routing decision besides the city's own tables.

    Args:
        subject: what it is about, such as the code of a complaint category.
        parents: ancestors of the subject in its tree, the nearest first.
        areas: the areas that contain the place, in layer order (wide to narrow).
        at: the instant to decide for; aware.
        channel: ``web``, ``phone``, ``api``, ``open311`` …
        answers: the reporter's answers to the category's own questions.
        titles: translated titles by subject, so that the explanation reads like people speak.
        default_department_id: who owns the subject in the whole city when nothing else says so.
        timezone: IANA zone in which rules name weekdays and hours; the city's own when empty.
        border: on which side of a border the reporter put the place (``areas`` follow it), for the explanation.
    """

    subject: str
    parents: tuple[str, ...] = ()
    areas: tuple[AreaRef, ...] = ()
    at: datetime = field(kw_only=True)
    channel: str = "web"
    answers: Mapping[str, Any] = field(default_factory=dict)
    titles: Mapping[str, Content] = field(default_factory=dict)
    default_department_id: int | None = None
    timezone: str = ""
    border: BorderChoice | None = None

    @property
    def subjects(self) -> tuple[str, ...]:
        """The subject and its ancestors, the nearest first."""
        return (self.subject, *self.parents)

    @property
    def zone(self) -> tzinfo:
        """The zone of weekdays, hours and dates."""
        return ZoneInfo(self.timezone) if self.timezone else city_zone()


@dataclass(frozen=True, slots=True)
class Step:
    """One sentence of an explanation: a code and its parameters, rendered by ``explain``."""

    code: str
    params: Mapping[str, Any]

    def as_data(self) -> dict[str, Any]:
        """Return the JSON shape that cases keep."""
        return {"code": self.code, "params": {name: stored(value) for name, value in self.params.items()}}


def stored(value: Any) -> Any:
    """Return translated content in its stored form, anything else as it is."""
    return value.to_json() if isinstance(value, Translated) else value


@dataclass(frozen=True, slots=True)
class Decision:
    """Who takes the matter and why. ``triage`` means that nobody was found and a person must decide."""

    department_id: int | None
    post_id: int | None
    account_id: int | None
    triage: bool
    steps: tuple[Step, ...]

    def explanation(self) -> list[dict[str, Any]]:
        """Return the steps as JSON data."""
        return [step.as_data() for step in self.steps]
