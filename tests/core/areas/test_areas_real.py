"""Real borders: the districts and neighbourhoods of Seoul, where they lie beside the checkout."""

from __future__ import annotations

from pathlib import Path

import pytest

from egovframe.core.modules.areas import ancestors, area_by_code, import_geojson, locate
from egovframe.core.persistence import Database

DATA = Path(__file__).parents[4] / "shared" / "data"
JUNG_GU_OFFICE = [("district", "Jung-gu"), ("neighbourhood", "Euljirodong")]
NAMES = {"ko": "name", "en": "name_eng"}


def file(name: str) -> Path:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"{path} is absent: real borders are tried only where ../shared/data lies beside the checkout")
    return path


def test_the_heart_of_seoul(database: Database) -> None:
    districts, neighbourhoods = file("seoul_districts.geojson"), file("seoul_neighbourhoods.geojson")
    first = import_geojson(database, districts, layer="district", name_field=NAMES)
    second = import_geojson(database, neighbourhoods, layer="neighbourhood", name_field=NAMES, parent_layer="district")
    assert (first.created, first.refused, first.applied) == (25, (), True)
    assert (second.created, second.refused, second.homeless) == (423, (), ())
    with database.reading() as session:
        found = locate(session, 37.5636, 126.9976)
        assert [(area.layer.code, area.name.pick("en").text) for area in found] == JUNG_GU_OFFICE
        assert found[0].name.pick("ko").text == "중구"
        assert ancestors(session, found[1]) == [found[0]]
        assert area_by_code(session, "district", found[0].code) is found[0]
        # City Hall stands in Jung-gu, but these borders are so simplified that its usual coordinates fall 7 m north
        # of the line, into Jongno-gu. We answer what the file says, never what we think it meant.
        assert [area.name.pick("en").text for area in locate(session, 37.5665, 126.9780)] == ["Jongno-gu", "Sajik-dong"]
        assert locate(session, 37.5660, 126.9784)[0].name.pick("en").text == "Jung-gu"
    again = import_geojson(database, districts, layer="district", name_field=NAMES)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 25)
