"""Point in polygon in pure Python, for the web processes, which must not load shapely (30 MB).

Method: even-odd ray casting towards east with half-open edges (W. R. Franklin, PNPOLY), edges sorted into bands of
latitude so that only a few are looked at.

**A point on a border** belongs to the area east of the border, or north of it where the border runs along a parallel;
so of areas that tile a city exactly one answers. The crossing is computed from the edge's southern end whichever way
the ring runs, hence two neighbours compute the same number. On the outer border, which has no area on its
other side, the area that it encloses answers (`touches`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import Any

Edge = tuple[float, float, float, float]
"""(south x, south y, north x, north y)"""
TOUCH = 1e-9
"""Degrees within which a point counts as lying on an outer border: about 0.1 mm."""
EDGES_A_BAND = 6
MAX_BANDS = 512
CELLS = 48
"""Cells of the look-up grid in each direction."""


@dataclass(frozen=True, slots=True)
class Box:
    """A bounding box in degrees, borders included."""

    west: float
    south: float
    east: float
    north: float

    def holds(self, lon: float, lat: float, margin: float = 0.0) -> bool:
        """Whether the point lies in the box or on its border."""
        return self.west - margin <= lon <= self.east + margin and self.south - margin <= lat <= self.north + margin


def rings_of(geometry: dict[str, Any]) -> Iterator[Sequence[Sequence[float]]]:
    """Yield every ring, outer ones and holes, of a GeoJSON Polygon or MultiPolygon."""
    polygons = geometry["coordinates"] if geometry["type"] == "MultiPolygon" else [geometry["coordinates"]]
    for polygon in polygons:
        yield from polygon


def box_of(geometry: dict[str, Any]) -> Box:
    """Return the bounding box of a GeoJSON Polygon or MultiPolygon."""
    points = [point for ring in rings_of(geometry) for point in ring]
    return Box(
        min(point[0] for point in points),
        min(point[1] for point in points),
        max(point[0] for point in points),
        max(point[1] for point in points),
    )


class Shape:
    """A polygon or multipolygon with holes, prepared for many questions.

    Args:
        geometry: GeoJSON Polygon or MultiPolygon in WGS 84, valid (rings do not cross).
    """

    __slots__ = ("_bands", "_flat", "_height", "box")

    def __init__(self, geometry: dict[str, Any]) -> None:
        self.box = box_of(geometry)
        rising, self._flat = _edges(geometry)
        count = max(1, min(MAX_BANDS, len(rising) // EDGES_A_BAND))
        self._height = (self.box.north - self.box.south) / count or 1.0
        bands: list[list[Edge]] = [[] for _ in range(count)]
        for edge in rising:
            for number in range(self._band(edge[1], count), self._band(edge[3], count) + 1):
                bands[number].append(edge)
        self._bands = [tuple(band) for band in bands]

    def _band(self, lat: float, count: int) -> int:
        return min(count - 1, max(0, int((lat - self.box.south) / self._height)))

    def contains(self, lon: float, lat: float) -> bool:
        """Whether the point lies inside; on a border by the rule at the top of this file."""
        if not self.box.holds(lon, lat):
            return False
        inside = False
        for x1, y1, x2, y2 in self._bands[self._band(lat, len(self._bands))]:
            if y1 <= lat < y2 and lon < x1 + (lat - y1) * (x2 - x1) / (y2 - y1):
                inside = not inside
        return inside

    def touches(self, lon: float, lat: float) -> bool:
        """Whether the point lies on the border, within 0.1 mm."""
        if not self.box.holds(lon, lat, TOUCH):
            return False
        band = self._bands[self._band(lat, len(self._bands))]
        return any(_near(edge, lon, lat) for edge in (*band, *self._flat))

    def edges_near(self, lon: float, lat: float, wide: float, high: float) -> Iterator[Edge]:
        """Yield the edges whose boxes reach into the box of so many degrees around a point, some of them twice."""
        west, east, south, north = lon - wide, lon + wide, lat - high, lat + high
        count = len(self._bands)
        bands = self._bands[self._band(south, count) : self._band(north, count) + 1]
        for edge in chain(*bands, self._flat):
            x1, y1, x2, y2 = edge
            if y1 <= north and y2 >= south and min(x1, x2) <= east and max(x1, x2) >= west:
                yield edge


def _edges(geometry: dict[str, Any]) -> tuple[list[Edge], tuple[Edge, ...]]:
    rising: list[Edge] = []
    flat: list[Edge] = []
    for ring in rings_of(geometry):
        for (x1, y1), (x2, y2) in pairwise(ring):
            if y1 == y2:
                flat.append((x1, y1, x2, y2))
            else:
                rising.append((x1, y1, x2, y2) if y1 < y2 else (x2, y2, x1, y1))
    return rising, tuple(flat)


def _near(edge: Edge, lon: float, lat: float) -> bool:
    x1, y1, x2, y2 = edge
    dx, dy = x2 - x1, y2 - y1
    length = dx * dx + dy * dy
    along = ((lon - x1) * dx + (lat - y1) * dy) / length if length else 0.0
    along = min(1.0, max(0.0, along))
    return bool(abs(lon - x1 - along * dx) <= TOUCH and abs(lat - y1 - along * dy) <= TOUCH)


class Grid:
    """Which boxes may hold a point: an even grid over all of them, each cell with the boxes that reach into it."""

    __slots__ = ("_cells", "_height", "_width", "box")

    def __init__(self, boxes: Sequence[Box]) -> None:
        self.box = _around(boxes)
        self._width = (self.box.east - self.box.west) / CELLS or 1.0
        self._height = (self.box.north - self.box.south) / CELLS or 1.0
        cells: dict[tuple[int, int], list[int]] = {}
        for number, box in enumerate(boxes):
            west, south = self._cell(box.west - TOUCH, box.south - TOUCH)
            east, north = self._cell(box.east + TOUCH, box.north + TOUCH)
            for x in range(west, east + 1):
                for y in range(south, north + 1):
                    cells.setdefault((x, y), []).append(number)
        self._cells = {cell: tuple(numbers) for cell, numbers in cells.items()}

    def _cell(self, lon: float, lat: float) -> tuple[int, int]:
        x = int((lon - self.box.west) / self._width)
        y = int((lat - self.box.south) / self._height)
        return min(CELLS - 1, max(0, x)), min(CELLS - 1, max(0, y))

    def around(self, lon: float, lat: float, wide: float, high: float) -> list[int]:
        """Return the numbers of the boxes that may reach into the box of so many degrees around a point, ascending."""
        if not (self.box.holds(lon, self.box.south, wide) and self.box.holds(self.box.west, lat, high)):
            return []
        west, south = self._cell(lon - wide, lat - high)
        east, north = self._cell(lon + wide, lat + high)
        cells = (self._cells.get((x, y), ()) for x in range(west, east + 1) for y in range(south, north + 1))
        return sorted(set(chain.from_iterable(cells)))

    def at(self, lon: float, lat: float) -> tuple[int, ...]:
        """Return the numbers of the boxes that may hold the point, ascending."""
        if not self.box.holds(lon, lat, TOUCH):
            return ()
        return self._cells.get(self._cell(lon, lat), ())


def _around(boxes: Iterable[Box]) -> Box:
    listed = list(boxes) or [Box(0.0, 0.0, 0.0, 0.0)]
    return Box(
        min(box.west for box in listed),
        min(box.south for box in listed),
        max(box.east for box in listed),
        max(box.north for box in listed),
    )
