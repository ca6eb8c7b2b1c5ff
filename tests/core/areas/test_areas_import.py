"""Importing borders: what is stored, what is refused and why, and that nothing is half-done."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from sqlalchemy import func, select

from egovframe.actor import ANONYMOUS, SYSTEM
from egovframe.core.auth import parse_scope
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import (
    Area,
    AreaFileError,
    ancestors,
    area_by_code,
    areas_of,
    areas_within,
    import_geojson,
    layers,
    locate,
    map_geojson,
    prepare,
    store,
)
from egovframe.core.persistence import Database
from egovframe.errors import BadRequest, Conflict, Forbidden, NotFound

Files = Callable[..., Path]
EAST, NORTH = 127.0, 37.0


def square(x: float, y: float, side: float = 1.0) -> dict[str, Any]:
    x, y, side = EAST + x / 10, NORTH + y / 10, side / 10
    ring = [[x, y], [x + side, y], [x + side, y + side], [x, y + side], [x, y]]
    return {"type": "Polygon", "coordinates": [ring]}


def feature(code: Any, geometry: Any, **names: Any) -> dict[str, Any]:
    return {"type": "Feature", "properties": {"code": code, "name": f"Area {code}", **names}, "geometry": geometry}


def collection(*features: Any, **more: Any) -> dict[str, Any]:
    return {"type": "FeatureCollection", "features": list(features), **more}


QUARTERS = [
    feature("A", square(0, 0)),
    feature("B", square(1, 0)),
    feature("C", square(0, 1)),
    feature("D", square(1, 1)),
]
BOWTIE = {"type": "Polygon", "coordinates": [[[127, 37], [127.2, 37.2], [127.2, 37], [127, 37.2], [127, 37]]]}


@pytest.fixture
def file(tmp_path: Path) -> Files:
    def write(content: Any, name: str = "areas.geojson") -> Path:
        path = tmp_path / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content), encoding="utf-8")
        return path

    return write


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Area)) or 0


def test_a_file_becomes_a_layer_and_again_changes_nothing(database: Database, file: Files) -> None:
    path = file(collection(*QUARTERS))
    first = import_geojson(database, path, layer="quarter")
    assert (first.created, first.updated, first.unchanged, first.refused, first.applied) == (4, 0, 0, (), True)
    again = import_geojson(database, path, layer="quarter")
    assert (again.created, again.updated, again.unchanged) == (0, 0, 4)
    with database.reading() as session:
        (layer,) = layers(session)
        stamp = layer.stamp
        assert str(layer.title) == "Quarter"
        assert [area.code for area in locate(session, 37.05, 127.15)] == ["B"]
        assert locate(session, 36.0, 127.05) == locate(session, float("nan"), 127.0) == []
        area = area_by_code(session, "quarter", "B")
        assert area is not None
        assert (area.west, area.north) == (127.1, 37.1)
        assert area.geometry["type"] == "MultiPolygon"
    import_geojson(database, path, layer="quarter")
    with database.reading() as session:
        assert layers(session)[0].stamp == stamp


def test_a_changed_border_answers_at_once(database: Database, file: Files) -> None:
    import_geojson(database, file(collection(feature("A", square(0, 0)))), layer="quarter")
    with database.reading() as session:
        assert locate(session, 37.15, 127.15) == []
    report = import_geojson(database, file(collection(feature("A", square(0, 0, 2)))), layer="quarter")
    assert report.updated == 1
    with database.reading() as session:
        assert [area.code for area in locate(session, 37.15, 127.15)] == ["A"]


def test_a_trial_stores_nothing(database: Database, file: Files) -> None:
    report = import_geojson(database, file(collection(*QUARTERS)), layer="quarter", dry_run=True)
    assert (report.created, report.applied, count(database)) == (4, False, 0)


def test_names_come_in_languages_and_stay(database: Database, file: Files) -> None:
    names = {"ko": "name", "en": "name_eng"}
    area = feature("A", square(0, 0), name="중구", name_eng="Jung-gu")
    import_geojson(database, file(collection(area)), layer="district", name_field=names)
    only_korean = feature("A", square(0, 0), name="중구")
    report = import_geojson(database, file(collection(only_korean)), layer="district", name_language="ko")
    assert report.unchanged == 1
    with database.reading() as session:
        stored = area_by_code(session, "district", "A")
        assert stored is not None
        assert (stored.name.source, dict(stored.name.text)) == ("ko", {"ko": "중구", "en": "Jung-gu"})


def test_layers_answer_from_large_to_small_and_know_their_parents(database: Database, file: Files) -> None:
    small = [feature("a1", square(0, 0, 0.5)), feature("b1", square(1.2, 0.2, 0.5)), feature("x", square(5, 5))]
    import_geojson(database, file(collection(*QUARTERS)), layer="quarter")
    report = import_geojson(database, file(collection(*small)), layer="block", parent_layer="quarter")
    assert report.homeless == ("x",)
    with database.reading() as session:
        found = locate(session, 37.03, 127.15)
        assert [(area.layer.code, area.code) for area in found] == [("quarter", "B"), ("block", "b1")]
        assert ancestors(session, found[1]) == [found[0]]
        assert areas_within(session, found[0].id) == {found[0].id, found[1].id}
        assert parse_scope(session, "area=quarter:B") == ("area", found[0].id)
        with pytest.raises(NotFound):
            parse_scope(session, "area=quarter:Z")
        with pytest.raises(BadRequest):
            parse_scope(session, "area=quarter")


def test_replacing_ends_what_is_gone(database: Database, file: Files) -> None:
    import_geojson(database, file(collection(*QUARTERS)), layer="quarter")
    report = import_geojson(database, file(collection(*QUARTERS[:3])), layer="quarter", replace=True)
    assert (report.retired, report.unchanged) == (1, 3)
    with database.reading() as session:
        assert locate(session, 37.15, 127.15) == []
        assert [area.code for area in areas_of(session, "quarter")] == ["A", "B", "C"]
        gone = area_by_code(session, "quarter", "D")
        assert gone is not None
        assert gone.valid_until is not None
        before = gone.valid_until - timedelta(seconds=1)
        assert [area.code for area in locate(session, 37.15, 127.15, before)] == ["D"]
    back = import_geojson(database, file(collection(*QUARTERS)), layer="quarter", replace=True)
    assert (back.updated, back.unchanged) == (1, 3)
    with database.reading() as session:
        assert [area.code for area in locate(session, 37.15, 127.15)] == ["D"]


def test_a_rolled_back_import_leaves_nothing_in_memory(database: Database) -> None:
    prepared = prepare(collection(*QUARTERS))

    def lost() -> None:
        with database.writing() as session:
            store(session, SYSTEM, "quarter", prepared)
            assert len(locate(session, 37.05, 127.05)) == 1
            raise LookupError

    with pytest.raises(LookupError):
        lost()
    with database.reading() as session:
        assert locate(session, 37.05, 127.05) == []


def test_imports_at_the_same_time_make_one_layer(database: Database, file: Files) -> None:
    path, ready = file(collection(*QUARTERS)), threading.Barrier(4)

    def attempt(_number: int) -> str:
        ready.wait()
        try:
            return "created" if import_geojson(database, path, layer="quarter").created else "unchanged"
        except Conflict:
            return "conflict"

    with ThreadPoolExecutor(4) as pool:
        outcomes = list(pool.map(attempt, range(4)))
    assert outcomes.count("created") == 1
    assert count(database) == 4


def test_only_those_with_the_right_import(database: Database) -> None:
    with database.writing() as session, pytest.raises(Forbidden):
        store(session, ANONYMOUS, "quarter", prepare(collection(*QUARTERS)))
    assert count(database) == 0


POLYGON = "Polygon"
REFUSED: list[tuple[Any, str]] = [
    (feature("X", BOWTIE), "crosses itself near 127.1"),
    (feature("X", None), "no geometry"),
    (feature("X", {"type": "Point", "coordinates": [127, 37]}), "'Point'"),
    (feature("X", {"type": POLYGON, "coordinates": []}), "lists of positions"),
    (feature("X", {"type": POLYGON, "coordinates": [[[127, 37], [127.1, 37], [127, 37]]]}), "fewer than four"),
    (
        feature("X", {"type": POLYGON, "coordinates": [[[127, 37], [127.1, 37], [127.1, 37.1], [127, 37.1]]]}),
        "not closed",
    ),
    (feature("X", {"type": POLYGON, "coordinates": [[["127", 37]] * 5]}), "no number"),
    (feature("X", {"type": POLYGON, "coordinates": [[[True, 37]] * 5]}), "no number"),
    (feature("X", {"type": POLYGON, "coordinates": [[127, 37]] * 5}), "lists of positions"),
    (feature("X", {"type": POLYGON, "coordinates": {"a": 1}}), "lists of positions"),
    (
        feature("X", {"type": POLYGON, "coordinates": [[[127, 37], [127.1, 37], [127.2, 37], [127, 37]]]}),
        "crosses itself near 127.1",
    ),
    (feature("A", square(3, 3)), "stands already at feature 1"),
    (feature(None, square(3, 3)), "missing or no code"),
    (feature(True, square(3, 3)), "missing or no code"),
    (feature("", square(3, 3)), "empty"),
    (feature("x" * 61, square(3, 3)), "longer than 60"),
    (feature("a\x00b", square(3, 3)), "unusual"),
    (feature(10**70, square(3, 3)), "empty"),
    (feature("X", square(3, 3), name=None), "missing or no text"),
    (feature("X", square(3, 3), name=7), "missing or no text"),
    (feature("X", square(3, 3), name="\x00"), "cannot be stored"),
    (feature("X", square(3, 3), name="n" * 201), "longer than 200"),
    ({"type": "Feature", "properties": None, "geometry": square(3, 3)}, "no properties"),
    ("text", "no GeoJSON Feature"),
    (None, "no GeoJSON Feature"),
]


@pytest.mark.parametrize(("bad", "reason"), REFUSED, ids=[reason for _bad, reason in REFUSED])
def test_a_bad_feature_is_named_with_its_reason(bad: Any, reason: str) -> None:
    prepared = prepare(json.loads(json.dumps(collection(QUARTERS[0], bad, QUARTERS[1]))))
    assert [(one.index, reason in one.reason, "\n" in one.reason) for one in prepared.refused] == [(2, True, False)]
    assert [one.code for one, _drawn in prepared.features] == ["A", "B"]


def test_nothing_is_stored_when_something_is_refused(database: Database, file: Files) -> None:
    report = import_geojson(database, file(collection(*QUARTERS, feature("X", BOWTIE))), layer="quarter")
    assert (len(report.refused), report.created, report.applied, count(database)) == (1, 4, False, 0)


def test_the_good_ones_are_stored_when_asked(database: Database, file: Files) -> None:
    path = file(collection(QUARTERS[0], feature("X", BOWTIE), QUARTERS[1]))
    report = import_geojson(database, path, layer="quarter", skip_bad=True)
    assert (report.created, len(report.refused), report.applied, count(database)) == (2, 1, True, 2)


KOREAN_METRES = {
    "type": POLYGON,
    "coordinates": [[[953901, 1952044], [953999, 1952044], [953999, 1952100], [953901, 1952044]]],
}
SWAPPED = {"type": POLYGON, "coordinates": [[[37, 127], [37.1, 127], [37.1, 127.1], [37, 127]]]}
UNUSABLE: list[tuple[Any, str]] = [
    (b"", "not complete JSON"),
    (b'{"type": "FeatureCollection", "features": [', "not complete JSON"),
    (b"\xff\xfe{}", "not UTF-8"),
    ("중구".encode("cp949"), "not UTF-8"),
    ("[" * 200_000, "nested far too deeply"),
    ('{"a": NaN}', "the number NaN"),
    ('{"a": ' + "9" * 5000 + "}", "far too long"),
    ("[]", "FeatureCollection is expected"),
    ({"type": "Topology"}, "FeatureCollection is expected"),
    ({"type": "FeatureCollection", "features": {}}, "FeatureCollection is expected"),
    (collection(), "no feature"),
    (collection(*QUARTERS, crs={"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::5179"}}), "EPSG::5179"),
    (collection(*QUARTERS, crs="EPSG:3857"), "EPSG:4326"),
    (collection(feature("A", KOREAN_METRES)), "953901"),
    (collection(feature("A", SWAPPED)), "swapped"),
    (collection({"type": "Feature", "properties": {"id": 1}, "geometry": square(0, 0)}), "--code-field"),
    (collection({"type": "Feature", "properties": {"code": 1}, "geometry": square(0, 0)}), "--name-field"),
]


UNTOUCHED = cast(Database, object())
"""Stands for a database that must not even be asked."""


@pytest.mark.parametrize(("content", "reason"), UNUSABLE, ids=[reason for _content, reason in UNUSABLE])
def test_an_unusable_file_is_refused_in_one_line(file: Files, content: Any, reason: str) -> None:
    path = file(content)
    begun = time.perf_counter()
    with pytest.raises(AreaFileError) as refused:
        import_geojson(UNTOUCHED, path, layer="quarter")
    assert reason in str(refused.value)
    assert len(str(refused.value).splitlines()) == 1
    assert time.perf_counter() - begun < 2


def test_projections_by_another_name_are_taken() -> None:
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:OGC:1.3:CRS84"}}
    assert len(prepare(collection(*QUARTERS, crs=crs)).features) == 4


def test_a_missing_or_huge_file_is_refused_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(AreaFileError, match="cannot be read"):
        import_geojson(UNTOUCHED, tmp_path / "none.geojson", layer="quarter")
    with pytest.raises(AreaFileError, match="cannot be read"):
        import_geojson(UNTOUCHED, tmp_path, layer="quarter")
    huge = tmp_path / "huge.geojson"
    with huge.open("wb") as stream:
        stream.truncate(65 * 1024 * 1024)
    with pytest.raises(AreaFileError, match="larger than 64 MB"):
        import_geojson(UNTOUCHED, huge, layer="quarter")


@pytest.mark.parametrize(
    "arguments",
    [{"layer": "No Code"}, {"layer": "x", "parent_layer": "none"}, {"layer": "x", "name_language": "qqq-zz-1"}],
)
def test_wrong_arguments_are_refused_in_one_line(database: Database, file: Files, arguments: dict[str, str]) -> None:
    path = file(collection(*QUARTERS))
    with pytest.raises(AreaFileError) as refused:
        import_geojson(database, path, **arguments)  # type: ignore[arg-type]
    assert len(str(refused.value).splitlines()) == 1
    assert count(database) == 0


def test_maps_are_simplified_and_neighbours_keep_their_common_border(database: Database, file: Files) -> None:
    wave = [[127.0 + 0.1 + (0.000001 if n % 2 else 0), 37.0 + n * 0.001] for n in range(101)]
    left = [[127.0, 37.0], *wave, [127.0, 37.1], [127.0, 37.0]]
    right = [[127.2, 37.0], [127.2, 37.1], *wave[::-1], [127.2, 37.0]]
    both = [feature(code, {"type": POLYGON, "coordinates": [ring]}) for code, ring in (("L", left), ("R", right))]
    import_geojson(database, file(collection(*both)), layer="half", title=Translated.of("ko", ko="반쪽"))
    with database.reading() as session:
        exact, fine = (json.loads(map_geojson(session, "half", tolerance).body) for tolerance in (0.0, 0.0001))
        drawn = [set(map(tuple, one["geometry"]["coordinates"][0][0])) for one in fine["features"]]
        assert len(exact["features"][0]["geometry"]["coordinates"][0][0]) == 104
        assert len(drawn[0]) < 20
        border = [{point for point in points if 127.05 < point[0] < 127.15} for points in drawn]
        assert border[0] == border[1] != set()
        first = map_geojson(session, "half")
        assert map_geojson(session, "half") is first
        with pytest.raises(NotFound):
            map_geojson(session, "none")
    import_geojson(database, file(collection(feature("L", square(0, 0)))), layer="half")
    with database.reading() as session:
        assert map_geojson(session, "half").etag != first.etag
