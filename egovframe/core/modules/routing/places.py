"""From a point on the map to the areas that routing decides by."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from egovframe.core.modules.areas import Area, ancestors, locate
from egovframe.core.modules.routing.values import AreaRef


def areas_at(session: Session, latitude: float | None, longitude: float | None) -> tuple[AreaRef, ...]:
    """Return the areas that contain a point, wide to narrow; none for "no place" and outside of every area."""
    if latitude is None or longitude is None:
        return ()
    return area_refs(session, locate(session, latitude, longitude))


def area_refs(session: Session, areas: Sequence[Area]) -> tuple[AreaRef, ...]:
    """Return areas as routing knows them, with the ids of the areas around each."""
    return tuple(
        AreaRef(area.layer.code, area.id, area.code, area.name, tuple(one.id for one in ancestors(session, area)))
        for area in areas
    )
