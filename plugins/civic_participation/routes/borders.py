"""Asking on which side of a border a place lies, on the citizen's page and on the desk's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from civic_participation.models import Category
from civic_participation.services.filing import matter_of
from civic_participation.services.places import BorderQuestion, Place, areas_in_city, border_question
from egovframe.core.i18n import Text, format_number
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import plugin_settings
from egovframe.errors import Invalid

PLUGIN = "civic_participation"


def border_metres() -> int:
    """Return how close a border must lie for the question, by the city's setting; 0 for never."""
    metres: int = plugin_settings(PLUGIN)["border_metres"]
    return metres


def question_about(
    session: Session, category: Category | None, lat: float | None, lon: float | None, *, channel: str = "web"
) -> BorderQuestion | None:
    """Return what must be asked about a place, or None where the answer changes nothing.

    Raises:
        Invalid: the place lies outside the city.
    """
    areas = areas_in_city(session, lat, lon, border_metres())
    if category is None or not areas or not border_metres():
        return None
    matter = matter_of(session, category, Place(areas), channel=channel)
    return border_question(session, matter, lat, lon, border_metres())


def question_again(
    session: Session, category: Category | None, values: Mapping[str, Any], *, channel: str = "web"
) -> BorderQuestion | None:
    """Return the question of a page that is shown again with what was typed; nothing when that is no place."""
    at = point_of(values)
    try:
        return question_about(session, category, at["lat"], at["lon"], channel=channel) if at else None
    except Invalid:
        return None


def point_of(values: Mapping[str, Any]) -> dict[str, float] | None:
    """Return the point that was typed or stored, for the map and the question; None when it is none."""
    try:
        return {name: float(str(values.get(name))) for name in ("lat", "lon")}
    except ValueError:
        return None


def answers_to(question: BorderQuestion) -> list[tuple[str, Any, Any]]:
    """Return the options of the question: value, area, second line; what the map says comes first."""
    says = _("According to the map") if question.metres is None else _away(question.metres)
    others = [(one.area.key, one.area.name, _away(one.metres)) for one in question.others]
    return [(question.mapped.key, question.mapped.name, says), *others]


def _away(metres: float) -> Text:
    return _("%(metres)s m away", metres=format_number(max(1, round(metres))))


def unanswered(asked: bool, chosen: str) -> dict[str, list[Any]] | None:
    """Return the message for a page on which the question stood and was left out; asking it first is no reproach."""
    return {"area": [_("Choose one of these.")]} if asked and not chosen else None
