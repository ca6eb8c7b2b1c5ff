"""The areas of a place, in the shape that routing asks for."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from egovframe.core.modules.areas import Area, ancestors, locate
from egovframe.core.modules.routing.values import AreaRef


def areas_at(
    session: Session, latitude: float | None, longitude: float | None, at: datetime | None = None
) -> tuple[AreaRef, ...]:
    """Return the areas that contain a point in WGS 84, wide before narrow; none without a point or outside the city."""
    if latitude is None or longitude is None:
        return ()
    return area_refs(session, locate(session, latitude, longitude, at))


def area_refs(session: Session, areas: Iterable[Area]) -> tuple[AreaRef, ...]:
    """Return areas as references with their ancestors, in the order given (wide before narrow)."""
    return tuple(
        AreaRef(area.layer.code, area.id, area.code, area.name, tuple(above.id for above in ancestors(session, area)))
        for area in areas
    )
