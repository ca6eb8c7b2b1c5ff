"""The areas of a place, in the shape that routing asks for; and what they become when it lies beyond a border."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from egovframe.core.modules.areas import Area, ancestors, areas_beside, locate
from egovframe.core.modules.routing.values import AreaRef


@dataclass(frozen=True, slots=True)
class Neighbour:
    """An area that does not contain a place, and how many metres its border lies away."""

    area: AreaRef
    metres: float


def areas_at(
    session: Session, latitude: float | None, longitude: float | None, at: datetime | None = None
) -> tuple[AreaRef, ...]:
    """Return the areas that contain a point in WGS 84, wide before narrow; none without a point or outside the city."""
    if latitude is None or longitude is None:
        return ()
    return area_refs(session, locate(session, latitude, longitude, at))


def neighbours_at(
    session: Session, latitude: float | None, longitude: float | None, metres: float, at: datetime | None = None
) -> tuple[Neighbour, ...]:
    """Return the areas beside a point in WGS 84 within so many metres, the nearest first; none without a point."""
    if latitude is None or longitude is None:
        return ()
    found = areas_beside(session, latitude, longitude, metres, at)
    refs = area_refs(session, [area for area, _metres in found])
    return tuple(Neighbour(ref, away) for ref, (_area, away) in zip(refs, found, strict=True))


def area_refs(session: Session, areas: Iterable[Area]) -> tuple[AreaRef, ...]:
    """Return areas as references with their ancestors, in the order given (wide before narrow)."""
    return tuple(_ref(area, ancestors(session, area)) for area in areas)


def _ref(area: Area, above: Sequence[Area]) -> AreaRef:
    ids, layers = tuple(one.id for one in above), tuple(one.layer.code for one in above)
    return AreaRef(area.layer.code, area.id, area.code, area.name, ids, layers)


def moved_to(chosen: AreaRef, areas: Sequence[AreaRef], beside: Sequence[Neighbour]) -> tuple[AreaRef, ...]:
    """Return the areas of a place that lies in ``chosen`` although the map says otherwise.

    ``chosen`` takes the place of its layer's areas. An area of another layer stays when it lies around or within
    ``chosen``, or when its layer has nothing to do with that of ``chosen`` (a school zone, beside a district). Else the
    nearest neighbour of its layer that does lie so takes its place; without one that layer says nothing.

    Args:
        chosen: where the place lies.
        areas: what the map says, wide before narrow.
        beside: what lies beside the place, the nearest first.
    """
    found: list[AreaRef] = []
    for area in areas:
        instead = _instead(area, chosen, beside)
        if instead is not None and instead not in found:
            found.append(instead)
    return tuple(found)


def nearest_to(beside: Sequence[Neighbour]) -> tuple[AreaRef, ...]:
    """Return the areas of a place that lies in none, but beside some: the nearest, and those of other layers with it.

    Of each other layer the nearest is taken that lies around or within the first, or whose layer has nothing to do
    with it; wide before narrow.

    Args:
        beside: what lies beside the place, the nearest first.
    """
    if not beside:
        return ()
    by_layer: dict[str, AreaRef] = {}
    for one in beside:
        by_layer.setdefault(one.area.layer, one.area)
    return tuple(
        sorted(moved_to(beside[0].area, tuple(by_layer.values()), beside), key=lambda area: len(area.parent_ids))
    )


def _instead(area: AreaRef, chosen: AreaRef, beside: Sequence[Neighbour]) -> AreaRef | None:
    if area.layer == chosen.layer:
        return chosen
    if _nested(area, chosen) or not _tied(area, chosen):
        return area
    nearest = (one.area for one in beside if one.area.layer == area.layer and _nested(one.area, chosen))
    return next(nearest, None)


def _nested(one: AreaRef, other: AreaRef) -> bool:
    return one.id in other.parent_ids or other.id in one.parent_ids


def _tied(one: AreaRef, other: AreaRef) -> bool:
    """Whether areas of one's layer lie within areas of the other's."""
    return one.layer in other.parent_layers or other.layer in one.parent_layers
