"""Laws of point in polygon: it agrees with shapely, and tiles answer exactly once, borders included."""

from __future__ import annotations

import math
import subprocess
import sys
from itertools import product
from typing import Any

import pytest
import shapely
from hypothesis import assume, given
from hypothesis import strategies as st

from egovframe.core.modules.areas.geometry import Shape
from egovframe.core.modules.areas.index import AreaIndex, Place

coordinates = st.floats(-10, 10).map(lambda value: round(value, 3))
CITY_SIDE = 4


@st.composite
def stars(draw: st.DrawFn, least: float = 0.5, most: float = 3.0) -> list[tuple[float, float]]:
    """A closed ring around the origin: never crosses itself."""
    count = draw(st.integers(3, 14))
    turns = sorted(draw(st.lists(st.floats(0, 0.999), min_size=count, max_size=count, unique=True)))
    radii = draw(st.lists(st.floats(least, most), min_size=count, max_size=count))
    points = [(math.cos(2 * math.pi * t) * r, math.sin(2 * math.pi * t) * r) for t, r in zip(turns, radii, strict=True)]
    return [*points, points[0]]


@st.composite
def polygons(draw: st.DrawFn) -> dict[str, Any]:
    """A multipolygon of one or two parts, the first with a hole around its middle where that fits."""
    outer = draw(stars(1.5, 3.0))
    rings = [outer]
    if draw(st.booleans()):
        rings.append([(x / 4, y / 4) for x, y in reversed(outer)])
    parts = [rings]
    if draw(st.booleans()):
        parts.append([[(x + 7, y) for x, y in draw(stars())]])
    found = {"type": "MultiPolygon", "coordinates": parts}
    assume(shapely.geometry.shape(found).is_valid)
    return found


@given(polygons(), st.lists(st.tuples(coordinates, coordinates), min_size=1, max_size=30))
def test_the_answer_is_shapelys(geometry: dict[str, Any], points: list[tuple[float, float]]) -> None:
    ours, theirs = Shape(geometry), shapely.geometry.shape(geometry)
    for lon, lat in points:
        point = shapely.Point(lon, lat)
        if theirs.boundary.distance(point) > 1e-7:
            assert ours.contains(lon, lat) == theirs.contains(point)
            assert not ours.touches(lon, lat)


@given(polygons(), st.integers(0, 50), st.floats(0, 1))
def test_every_point_of_the_border_touches(geometry: dict[str, Any], number: int, share: float) -> None:
    ring = geometry["coordinates"][0][0]
    (x1, y1), (x2, y2) = ring[number % (len(ring) - 1)], ring[number % (len(ring) - 1) + 1]
    assert Shape(geometry).touches(x1 + (x2 - x1) * share, y1 + (y2 - y1) * share)


def square(x: float, y: float, side: float = 1.0, *, turned: bool = False) -> dict[str, Any]:
    ring = [(x, y), (x + side, y), (x + side, y + side), (x, y + side), (x, y)]
    return {"type": "Polygon", "coordinates": [ring[::-1] if turned else ring]}


def index_over(*geometries: dict[str, Any]) -> AreaIndex:
    return AreaIndex([Place(number, 1, None, None, Shape(geometry)) for number, geometry in enumerate(geometries)])


def tiles() -> AreaIndex:
    cells = product(range(CITY_SIDE), range(CITY_SIDE))
    return index_over(*(square(x, y, turned=(x + y) % 2 == 0) for x, y in cells))


inside = st.integers(0, CITY_SIDE * 8).map(lambda eighths: eighths / 8) | st.floats(0, CITY_SIDE)


@given(inside, inside)
def test_tiles_answer_exactly_once(lon: float, lat: float) -> None:
    assert len(tiles().locate(lat, lon)) == 1


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3), st.lists(inside, min_size=10, max_size=10))
def test_slanting_borders_answer_exactly_once_too(slants: list[float], shares: list[float]) -> None:
    def strip(left: float, right: float, n: int) -> dict[str, Any]:
        corners = [(n + left, 0.0), (n + 1 + right, 0.0), (n + 1 - right, 3.0), (n - left, 3.0), (n + left, 0.0)]
        return {"type": "Polygon", "coordinates": [corners]}

    edges = [0.0, *(slant / 3 for slant in slants)]
    index = index_over(*(strip(edges[n], edges[n + 1], n) for n in range(3)))
    for share in shares:
        lat = share / CITY_SIDE * 3
        for n in (1, 2):
            lon = n + edges[n] * (1 - 2 * lat / 3)
            assert len(index.locate(lat, lon)) == 1


def test_a_border_belongs_to_the_east_and_the_north() -> None:
    index = index_over(square(0, 0), square(1, 0), square(0, 1), square(1, 1))
    assert index.locate(0.5, 1.0) == [1]
    assert index.locate(1.0, 0.5) == [2]
    assert index.locate(1.0, 1.0) == [3]
    assert [index.locate(2.0, 2.0), index.locate(0.5, 2.0), index.locate(2.0, 0.5)] == [[3], [1], [2]]
    assert index.locate(0.5, 2.0000001) == []


def test_a_hole_belongs_to_whoever_fills_it() -> None:
    ring = square(0, 0, 3)
    ring["coordinates"].append([(1, 1), (1, 2), (2, 2), (2, 1), (1, 1)])
    index = index_over(ring, square(1, 1))
    assert index.locate(1.5, 1.5) == [1]
    assert index.locate(0.5, 0.5) == [0]
    for lat, lon in product((1.0, 1.5, 2.0), (1.0, 1.5, 2.0)):
        assert len(index.locate(lat, lon)) == 1
    assert index_over(ring).locate(1.5, 1.5) == []
    assert index_over(ring).locate(1.5, 1.0) == [0]


def test_overlapping_areas_all_answer() -> None:
    assert index_over(square(0, 0, 2), square(1, 1, 2)).locate(1.5, 1.5) == [0, 1]


def test_an_empty_city_has_no_areas() -> None:
    assert index_over().locate(0.0, 0.0) == []


def test_web_processes_do_not_load_shapely() -> None:
    code = (
        "import sys, egovframe.core.modules.areas.hooks; sys.exit('shapely' in sys.modules or 'numpy' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("point", [(math.nan, 0.0), (0.0, math.inf), (1e300, 1e300)])
def test_numbers_that_are_no_place_are_in_no_area(point: tuple[float, float]) -> None:
    assert not Shape(square(0, 0)).contains(*point)
