"""Laws of nearness: the metres are shapely's on the same plane and the ellipsoid's within 0.1 %; neighbours only."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import shapely
from flask import Flask
from flask.testing import FlaskClient
from helpers.districts import square
from hypothesis import assume, given
from hypothesis import strategies as st

from egovframe.core.modules.areas import areas_beside, import_geojson
from egovframe.core.modules.areas.geometry import Shape
from egovframe.core.modules.areas.index import AreaIndex, Place
from egovframe.core.modules.areas.nearness import scale_at
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.queries import count_queries

DATA = Path(__file__).parents[4] / "shared" / "data"
AT = datetime(2026, 11, 21, tzinfo=UTC)
grid = st.integers(-60, 60).map(lambda number: number / 20_000)
"""Degrees in steps of 5 m around the equator's zero, so that edges run flat, upright and through the point."""


def as_index(*geometries: dict[str, Any], layers: tuple[int, ...] = ()) -> AreaIndex:
    numbered = enumerate(geometries)
    return AreaIndex([Place(n, layers[n] if layers else 1, None, None, Shape(one)) for n, one in numbered])


@st.composite
def shapes(draw: st.DrawFn) -> dict[str, Any]:
    """A triangle or quadrangle on the grid, or a square with a square hole."""
    if draw(st.integers(0, 3)) == 0:
        west, south = draw(grid), draw(grid)
        outer, hole = square(west, south, 0.002), square(west + 0.0005, south + 0.0005, 0.001)
        return {"type": "Polygon", "coordinates": [*outer["coordinates"], hole["coordinates"][0][::-1]]}
    points = draw(st.lists(st.tuples(grid, grid), min_size=3, max_size=4, unique=True))
    found = {"type": "Polygon", "coordinates": [[*points, points[0]]]}
    assume(shapely.geometry.shape(found).is_valid)
    return found


@given(st.lists(shapes(), min_size=1, max_size=6), grid, grid, st.floats(0.5, 400), st.sampled_from([0.0, 37.5, -62.0]))
def test_neighbours_and_metres_are_shapelys(
    geometries: list[dict[str, Any]], lon: float, lat: float, metres: float, south: float
) -> None:
    lat += south
    moved = [
        {"type": "Polygon", "coordinates": [[(x, y + south) for x, y in ring] for ring in one["coordinates"]]}
        for one in geometries
    ]
    index, scale = as_index(*moved, layers=tuple(range(len(moved)))), scale_at(lat)
    found = index.beside(lat, lon, metres)
    inside = set(index.locate(lat, lon))
    expected = {}
    for number, one in enumerate(moved):
        plane = shapely.transform(shapely.geometry.shape(one), lambda points: points * [scale.east, scale.north])
        away = plane.boundary.distance(shapely.Point(lon * scale.east, lat * scale.north))
        if number not in inside and abs(away - metres) > 1e-3:
            expected[number] = away
    assert [away for _number, away in found] == sorted(away for _number, away in found)
    for number, away in found:
        assert number not in inside
        assert away <= metres
        assert away == pytest.approx(expected.get(number, metres), abs=2e-3)
    assert {number for number, away in expected.items() if away < metres} <= {number for number, _away in found}


@pytest.mark.parametrize(
    ("lat", "east", "north"),
    [
        (0, 111_320, 110_574),
        (15, 107_550, 110_649),
        (45, 78_847, 111_132),
        (60, 55_800, 111_412),
        (75, 28_902, 111_618),
    ],
)
def test_degrees_are_as_long_as_the_tables_say(lat: float, east: float, north: float) -> None:
    """The lengths of a degree on WGS 84 as published; metres within 0.1 %."""
    scale = scale_at(lat)
    assert scale.east == pytest.approx(east, rel=1e-3)
    assert scale.north == pytest.approx(north, rel=1e-3)


def test_at_a_corner_the_three_others_are_beside() -> None:
    index = as_index(*(square(x, y, 0.01) for x in (0.0, 0.01) for y in (0.0, 0.01)))
    lat, lon = 0.01 + 20 / 110_574, 0.01 + 10 / 111_320
    assert index.locate(lat, lon) == [3]
    found = index.beside(lat, lon, 25)
    assert [number for number, _away in found] == [1, 2, 0]
    assert [away for _number, away in found] == pytest.approx([10, 20, math.hypot(10, 20)], rel=1e-3)
    assert [number for number, _away in index.beside(lat, lon, 15)] == [1]
    assert index.beside(lat, lon, 0) == []
    on_the_line = index.beside(0.005, 0.01, 1)
    assert (index.locate(0.005, 0.01), on_the_line) == ([2], [(0, 0.0)])


def test_the_city_has_neighbours_outside_too() -> None:
    index = as_index(square(0, 0, 0.01))
    assert index.locate(0.005, -0.0001) == []
    assert index.beside(0.005, -0.0001, 25) == [(0, pytest.approx(11.13, abs=0.01))]
    assert index.beside(0.005, -0.0003, 25) == []
    assert index.beside(5.0, 5.0, 1000) == []
    assert as_index().beside(0.0, 0.0, 1000) == []


def test_an_area_that_has_ended_is_nobodys_neighbour() -> None:
    ended = Place(1, 1, None, AT, Shape(square(0.01, 0, 0.01)))
    index = AreaIndex([Place(0, 1, None, None, Shape(square(0, 0, 0.01))), ended])
    assert [number for number, _away in index.beside(0.005, 0.00999, 25, AT - timedelta(days=1))] == [1]
    assert index.beside(0.005, 0.00999, 25, AT) == []


def test_who_asks_for_neighbours_gets_them(city: Flask, client: FlaskClient) -> None:
    point = "/api/v1/areas/locate?lat=0.5&lon=0.9999&lang=ko"
    plain = client.get(point).json
    assert plain == {"areas": [{"layer": "district", "code": "W", "name": "서구"}]}
    near = client.get(f"{point}&near=25").json
    assert near == {**plain, "beside": [{"layer": "district", "code": "E", "name": "동구", "metres": 11.1}]}
    assert client.get(f"{point}&near=5").json == {**plain, "beside": []}


@pytest.mark.parametrize("near", ["0", "-1", "1001", "x", "1e3", ""])
def test_how_near_is_bounded(city: Flask, client: FlaskClient, near: str) -> None:
    assert client.get(f"/api/v1/areas/locate?lat=0.5&lon=0.5&near={near}").status_code == 422


def test_the_plain_question_costs_no_more_than_before(city: Flask, client: FlaskClient) -> None:
    database = runtime(city).database
    client.get("/api/v1/areas/locate?lat=0.5&lon=0.9999")
    with count_queries(database) as plain:
        client.get("/api/v1/areas/locate?lat=0.5&lon=0.9999")
    with count_queries(database) as near:
        client.get("/api/v1/areas/locate?lat=0.5&lon=0.9999&near=25")
    assert (len(plain), len(near)) == (2, 4), str(near)


def test_the_city_hall_of_seoul(database: Database) -> None:
    files = {"district": DATA / "seoul_districts.geojson", "neighbourhood": DATA / "seoul_neighbourhoods.geojson"}
    if not all(path.exists() for path in files.values()):
        pytest.skip(f"{files['district']} is absent: real borders are tried only where it lies beside the checkout")
    for layer, path in files.items():
        import_geojson(database, path, layer=layer, name_field={"ko": "name", "en": "name_eng"})
    with database.reading() as session:
        found = [(area.name.pick("en").text, round(away)) for area, away in areas_beside(session, 37.5665, 126.978, 25)]
        assert ("Jung-gu", 7) in found
        assert not {"Jongno-gu", "Sajik-dong"} & {name for name, _away in found}
        assert areas_beside(session, 37.5665, math.nan, 25) == []
        assert areas_beside(session, 37.5665, 126.978, 0) == []
