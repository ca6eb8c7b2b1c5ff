"""Twelve districts that tile the demo city without gap or overlap, drawn from a fixed seed; no third-party data."""

from __future__ import annotations

import itertools
import random
from dataclasses import dataclass
from typing import Any

CENTRE = (37.5665, 126.9780)
"""Latitude and longitude of the middle of the first district, degrees."""
COLUMNS, ROWS = 4, 3
CELL_WIDTH, CELL_HEIGHT = 0.062, 0.048
"""Degrees: about 5.5 by 5.3 km at this latitude."""
JITTER = 0.28
WIGGLES = 3
"""Each border is halved so many times, each new point moved aside: 7 points between two corners."""

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class DistrictName:
    """A district's code and names."""

    code: str
    en: str
    ko: str
    ar: str


DISTRICTS = (
    DistrictName("haneul", "Haneul", "하늘구", "هانول"),
    DistrictName("bada", "Bada", "바다구", "بادا"),
    DistrictName("deul", "Deul", "들구", "دول"),
    DistrictName("byeol", "Byeol", "별구", "بيول"),
    DistrictName("sup", "Sup", "숲구", "سوب"),
    DistrictName("gang", "Gang", "강구", "غانغ"),
    DistrictName("baram", "Baram", "바람구", "بارام"),
    DistrictName("kkot", "Kkot", "꽃구", "كوت"),
    DistrictName("noeul", "Noeul", "노을구", "نوئول"),
    DistrictName("isul", "Isul", "이슬구", "إيسول"),
    DistrictName("namu", "Namu", "나무구", "نامو"),
    DistrictName("saem", "Saem", "샘구", "سيم"),
)
"""In the order in which grid cells get them: the first one holds the centre."""

CELLS = ((1, 1), (0, 1), (2, 1), (1, 2), (1, 0), (2, 0), (2, 2), (0, 2), (0, 0), (3, 1), (3, 2), (3, 0))


def district_collection(seed: int = 2026) -> dict[str, Any]:
    """Return the districts as a GeoJSON FeatureCollection (WGS 84) with code, name, name_ko, name_ar."""
    chance = random.Random(seed)  # noqa: S311 - a drawing, not a secret
    corners = {(x, y): _corner(x, y, chance) for x in range(COLUMNS + 1) for y in range(ROWS + 1)}
    edges: dict[tuple[tuple[int, int], tuple[int, int]], list[Point]] = {}
    for (x, y), start in corners.items():
        for neighbour in ((x + 1, y), (x, y + 1)):
            if neighbour in corners:
                edges[(x, y), neighbour] = _wiggly(start, corners[neighbour], WIGGLES, chance)
    features = [_feature(name, _ring(cell, edges)) for name, cell in zip(DISTRICTS, CELLS, strict=True)]
    return {"type": "FeatureCollection", "features": features}


def random_point(ring: list[Point], chance: random.Random) -> Point:
    """Return a point (longitude, latitude) inside a ring."""
    xs, ys = [p[0] for p in ring], [p[1] for p in ring]
    while True:
        point = (chance.uniform(min(xs), max(xs)), chance.uniform(min(ys), max(ys)))
        if _inside(point, ring):
            return round(point[0], 5), round(point[1], 5)


def _corner(x: int, y: int, chance: random.Random) -> Point:
    # The cell (1, 1) is centred on CENTRE; corners are moved by up to JITTER of a cell.
    longitude = CENTRE[1] + (x - 1.5 + chance.uniform(-JITTER, JITTER)) * CELL_WIDTH
    latitude = CENTRE[0] + (y - 1.5 + chance.uniform(-JITTER, JITTER)) * CELL_HEIGHT
    return round(longitude, 6), round(latitude, 6)


def _wiggly(start: Point, end: Point, times: int, chance: random.Random) -> list[Point]:
    """Return the points from start to end, both included: midpoint displacement."""
    points = [start, end]
    for _time in range(times):
        finer = [points[0]]
        for a, b in itertools.pairwise(points):
            aside = chance.uniform(-0.11, 0.11)
            middle = (
                round((a[0] + b[0]) / 2 - (b[1] - a[1]) * aside, 6),
                round((a[1] + b[1]) / 2 + (b[0] - a[0]) * aside, 6),
            )
            finer += [middle, b]
        points = finer
    return points


def _ring(cell: tuple[int, int], edges: dict[tuple[tuple[int, int], tuple[int, int]], list[Point]]) -> list[Point]:
    """Return the closed ring of a cell, counter-clockwise as RFC 7946 wants it."""
    x, y = cell
    south, east = edges[(x, y), (x + 1, y)], edges[(x + 1, y), (x + 1, y + 1)]
    north, west = edges[(x, y + 1), (x + 1, y + 1)], edges[(x, y), (x, y + 1)]
    return [*south[:-1], *east[:-1], *north[:0:-1], *west[:0:-1], south[0]]


def _feature(name: DistrictName, ring: list[Point]) -> dict[str, Any]:
    return {
        "type": "Feature",
        "properties": {"code": name.code, "name": name.en, "name_ko": name.ko, "name_ar": name.ar},
        "geometry": {"type": "Polygon", "coordinates": [[list(point) for point in ring]]},
    }


def _inside(point: Point, ring: list[Point]) -> bool:
    inside = False
    for (x1, y1), (x2, y2) in itertools.pairwise(ring):
        if (y1 > point[1]) != (y2 > point[1]) and point[0] < (x2 - x1) * (point[1] - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside
