"""The areas of the city in memory: built once from the database, kept as long as no layer's stamp changes."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from egovframe.core.modules.areas.geometry import Grid, Shape
from egovframe.core.modules.areas.models import Area, Layer
from egovframe.core.modules.areas.nearness import metres_from, scale_at
from egovframe.core.persistence import kept, quick_rows, unit_of

Stamps = tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class Place:
    """What is known of one area without asking the database."""

    area_id: int
    layer_id: int
    valid_from: datetime | None
    valid_until: datetime | None
    shape: Shape

    def holds(self, at: datetime) -> bool:
        """Whether the area exists at the instant."""
        return (self.valid_from is None or self.valid_from <= at) and (
            self.valid_until is None or at < self.valid_until
        )


class AreaIndex:
    """Every area with its border, in the order in which areas answer: layer by layer, by code within one."""

    def __init__(self, places: Sequence[Place]) -> None:
        self._places = tuple(places)
        self._grid = Grid([place.shape.box for place in self._places])
        self.dated = any(place.valid_from or place.valid_until for place in self._places)
        """Whether any area begins or ends, so that the instant matters."""

    def __len__(self) -> int:
        return len(self._places)

    def locate(self, lat: float, lon: float, at: datetime | None = None) -> list[int]:
        """Return the ids of the areas in which a point lies; on borders by the rule of ``geometry``.

        Args:
            lat: degrees north, WGS 84.
            lon: degrees east, WGS 84.
            at: only areas that exist at this instant; None takes all.
        """
        places = [self._places[number] for number in self._grid.at(lon, lat)]
        if at is not None:
            places = [place for place in places if place.holds(at)]
        found = [place for place in places if place.shape.contains(lon, lat)]
        answered = {place.layer_id for place in found}
        for place in places:
            if place.layer_id not in answered and place.shape.touches(lon, lat):
                answered.add(place.layer_id)
                found.append(place)
        if len(found) > len(answered) or len(answered) > 1:
            order = {place.area_id: number for number, place in enumerate(places)}
            found.sort(key=lambda place: order[place.area_id])
        return [place.area_id for place in found]

    def beside(self, lat: float, lon: float, metres: float, at: datetime | None = None) -> list[tuple[int, float]]:
        """Return (id, metres to its border) of the areas close by in which a point does not lie, the nearest first.

        Args:
            lat: degrees north, WGS 84.
            lon: degrees east, WGS 84.
            metres: how far a border may lie away; nothing lies beside a point within 0.
            at: only areas that exist at this instant; None takes all.
        """
        if metres <= 0:
            return []
        scale, inside = scale_at(lat), frozenset(self.locate(lat, lon, at))
        wide, high = metres / scale.east, metres / scale.north
        found: list[tuple[float, int, int]] = []
        for number in self._grid.around(lon, lat, wide, high):
            place = self._places[number]
            if place.area_id in inside or (at is not None and not place.holds(at)):
                continue
            away = metres_from(place.shape.edges_near(lon, lat, wide, high), lon, lat, scale)
            if away <= metres:
                found.append((away, number, place.area_id))
        return [(area_id, away) for away, _number, area_id in sorted(found)]


class _Kept:
    """The index of one database, under the stamps it was made at."""

    def __init__(self) -> None:
        self.made: tuple[Stamps, AreaIndex] | None = None
        self.building = threading.Lock()


def stamps_of(session: Session) -> Stamps:
    """Return the present stamp of every layer: one statement over a handful of rows."""
    return tuple((row.id, row.stamp) for row in quick_rows(session, _stamps()))


@kept
def _stamps() -> Select[int, str]:
    return select(Layer.id, Layer.stamp).order_by(Layer.id)


def index_of(session: Session) -> AreaIndex:
    """Return the index for the areas as the session sees them.

    Stamps are random, so an index made in a unit that is rolled back is never taken for a later state.
    """
    memory, stamps = unit_of(session).database.service(_Kept), stamps_of(session)
    made = memory.made
    if made is not None and made[0] == stamps:
        return made[1]
    with memory.building:
        made = memory.made
        if made is None or made[0] != stamps:
            made = memory.made = (stamps, _built(session))
    return made[1]


def _built(session: Session) -> AreaIndex:
    columns = (Layer.position, Layer.code, Area.code, Area.id, Area.layer_id, Area.valid_from, Area.valid_until)
    rows = session.execute(
        select(*columns, Area.geometry).join(Layer, Layer.id == Area.layer_id).where(Area.geometry.is_not(None))
    )
    # Sorted here: the two databases order text differently, and the order decides who answers on an outer border.
    ordered = sorted(rows, key=lambda row: tuple(row[:4]))
    return AreaIndex([Place(row[3], row[4], row[5], row[6], Shape(row[7])) for row in ordered])
