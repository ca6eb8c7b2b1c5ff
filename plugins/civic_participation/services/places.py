"""Where a complaint lies: what the map says and, beside a border, what the person who knows says.

Borders are simplified and coordinates rounded: close to a border no rule of ours says which side is meant. Where the
answer decides who gets the complaint, the reporter is asked (docs/decisions/0004).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.areas import has_boundaries
from egovframe.core.modules.routing import (
    AreaRef,
    BorderChoice,
    Decision,
    Matter,
    Neighbour,
    areas_at,
    decide_each,
    moved_to,
    nearest_to,
    neighbours_at,
)
from egovframe.errors import Invalid

MOST_NEIGHBOURS = 4
"""Areas of one layer that are offered beside what the map says, the nearest: at a corner three others meet."""


@dataclass(frozen=True, slots=True)
class Place:
    """The areas of a place and, where a reporter chose among areas beside a border, that choice."""

    areas: tuple[AreaRef, ...]
    border: BorderChoice | None = None


@dataclass(frozen=True, slots=True)
class BorderQuestion:
    """What a reporter is asked: ``mapped`` (the map's answer) or one of ``others``, the nearest first.

    Attributes:
        metres: how far away ``mapped`` is, for a place that lies in no area; None for one inside of it.
    """

    mapped: AreaRef
    others: tuple[Neighbour, ...]
    metres: float | None = None

    def fitting(self, area: str) -> str:
        """Return the chosen ``LAYER:CODE`` when it is one of the answers, else an empty text."""
        return area if area in {self.mapped.key, *(one.area.key for one in self.others)} else ""


def areas_in_city(
    session: Session, latitude: float | None, longitude: float | None, border_metres: float
) -> tuple[AreaRef, ...]:
    """Return the areas of a place as the map says; those beside a place that lies just outside of the city's border.

    Raises:
        Invalid: the city has borders and the place lies farther outside than ``border_metres``.
    """
    return _mapped(session, latitude, longitude, border_metres)[0]


def _mapped(
    session: Session, latitude: float | None, longitude: float | None, border_metres: float
) -> tuple[tuple[AreaRef, ...], tuple[Neighbour, ...]]:
    """Return the areas of a place and, when it lies in none of them, what lies beside it."""
    areas = areas_at(session, latitude, longitude)
    if latitude is None or areas or not has_boundaries(session):
        return areas, ()
    beside = neighbours_at(session, latitude, longitude, border_metres)
    if not beside:
        outside = _("This place is outside our city. Move the point, or continue without a place.")
        raise Invalid(outside, errors={"lat": [outside]})
    return nearest_to(beside), beside


def place_of(
    session: Session, latitude: float | None, longitude: float | None, area: str, border_metres: float
) -> Place:
    """Return the areas of a place, following the reporter's choice where one was made.

    Args:
        latitude: degrees north in WGS 84, with longitude; None for "no place".
        longitude: see latitude.
        area: ``LAYER:CODE`` of the area that the reporter named; empty for what the map says.
        border_metres: how far away the border of the named area may lie.

    Raises:
        Invalid: the place lies outside the city, or the area named neither contains it nor lies beside it.
    """
    areas, outside = _mapped(session, latitude, longitude, border_metres)
    if outside:
        return _place_outside(areas, outside, area)
    if not area:
        return Place(areas)
    beside = neighbours_at(session, latitude, longitude, border_metres)
    mapped = next((one for one in areas if one.key == area), None)
    if mapped is not None:
        nearest = next((one for one in beside if one.area.layer == mapped.layer), None)
        return Place(areas, _choice(mapped, nearest.area, nearest.metres, as_mapped=True) if nearest else None)
    chosen = next((one for one in beside if one.area.key == area), None)
    other = _only(areas, chosen.area.layer) if chosen else None
    if chosen is None or other is None:
        raise _far()
    return Place(moved_to(chosen.area, areas, beside), _choice(chosen.area, other, chosen.metres))


def _place_outside(areas: tuple[AreaRef, ...], beside: Sequence[Neighbour], area: str) -> Place:
    """Return a place just outside of the city's border: in the nearest areas, or in the one that was named."""
    wanted = area or areas[0].key
    chosen = next((one for one in beside if one.area.key == wanted), None)
    if chosen is None or _only(areas, chosen.area.layer) is None:
        raise _far()
    return Place(moved_to(chosen.area, areas, beside), _choice(chosen.area, None, chosen.metres))


def _far() -> Invalid:
    far = _("This area is not beside the place. Please look at the place again.")
    return Invalid(far, errors={"area": [far]})


def border_question(
    session: Session, matter: Matter, latitude: float | None, longitude: float | None, border_metres: float
) -> BorderQuestion | None:
    """Return what the reporter must be asked, or None where no border is near or both sides have the same office.

    The widest layer counts in which one of the neighbours would lead to another department or post. Layers whose areas
    overlap at the place, or that say nothing there, are never asked about.

    Args:
        session: reading or writing; nothing is written.
        matter: the complaint in the areas that the map says.
        latitude: of the place.
        longitude: of the place.
        border_metres: how close a border must lie; 0 asks never.
    """
    beside = neighbours_at(session, latitude, longitude, border_metres) if matter.areas else ()
    offered = {area.layer: (area, near) for area in matter.areas if (near := _offered(area, matter.areas, beside))}
    if not offered:
        return None
    candidates = [one for _mapped, near in offered.values() for one in near]
    moved = [replace(matter, areas=moved_to(one.area, matter.areas, beside)) for one in candidates]
    usual, *others = [_office(decision) for decision in decide_each(session, [matter, *moved])]
    differing = {one.area.layer for one, office in zip(candidates, others, strict=True) if office != usual}
    away = {one.area.key: one.metres for one in beside}
    questions = (BorderQuestion(mapped, near, away.get(mapped.key)) for mapped, near in offered.values())
    return next((question for question in questions if question.mapped.layer in differing), None)


def _offered(mapped: AreaRef, areas: Sequence[AreaRef], beside: Sequence[Neighbour]) -> tuple[Neighbour, ...]:
    if _only(areas, mapped.layer) is None:
        return ()
    others = (one for one in beside if one.area.layer == mapped.layer and one.area.key != mapped.key)
    return tuple(others)[:MOST_NEIGHBOURS]


def _only(areas: Sequence[AreaRef], layer: str) -> AreaRef | None:
    """Return the one area of a layer; None where there is none, or where several overlap."""
    found = [area for area in areas if area.layer == layer]
    return found[0] if len(found) == 1 else None


def _office(decision: Decision) -> tuple[int | None, int | None]:
    return decision.department_id, decision.post_id


def _choice(area: AreaRef, other: AreaRef | None, metres: float, *, as_mapped: bool = False) -> BorderChoice:
    return BorderChoice(area, other, max(1, round(metres)), as_mapped)
