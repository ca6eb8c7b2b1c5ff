"""A place beside a border: whoever knows is asked, where the answer decides who gets the complaint."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
from civic_participation.models import Draft
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, SHARED, WEST
from sqlalchemy import func, select

from egovframe.actor import SYSTEM
from egovframe.core.auth import set_password
from egovframe.core.modules.areas import Area, area_by_code, import_geojson
from egovframe.core.modules.cases import Case, CaseArea
from egovframe.core.modules.organisation import import_organisation, rows_of
from egovframe.core.modules.routing import explain
from egovframe.core.persistence import Database
from egovframe.testing.queries import count_queries
from egovframe.testing.visits import signed_in, submit

from .conftest import HASHED, the_account

BESIDE = {"lat": 37.55, "lon": 126.9999}
"""9 m west of the line between the two districts."""
QUESTION = "Your place lies on a border. Where is it?"
CITY_HALL = {"lat": 37.5665, "lon": 126.9780}
COMPLAINT: dict[str, Any] = {"category": "pothole", **BESIDE, "description": "A deep hole."}


def form_values(place: dict[str, float], **more: str) -> dict[str, str]:
    return {"address": "Lotus Lane 12", **{name: str(value) for name, value in place.items()}, **more}


def add_rows(db: Database, **rows: Any) -> None:
    with db.writing() as session:
        assert not import_organisation(session, SYSTEM, list(rows_of(rows))).refused


def cases(db: Database) -> int:
    with db.reading() as session:
        return session.scalar(select(func.count()).select_from(Case)) or 0


def only_case(db: Database) -> tuple[Case, list[str]]:
    """Return the one case and the codes of its areas."""
    with db.reading() as session:
        case = session.scalars(select(Case)).one()
        codes = session.scalars(select(Area.code).join(CaseArea, CaseArea.area_id == Area.id))
        return case, sorted(codes)


@pytest.fixture
def divided(db: Database) -> Database:
    """The city in which holes in the road have an official in the west, and the department elsewhere."""
    add_rows(db, jurisdictions=[{"post": "roads.west", "subject": "pothole", "area": "district:west"}])
    return db


def step_where(visitor: FlaskClient, category: str = "pothole") -> str:
    location: str = submit(visitor, "/en/complaints/new", category=category).location
    return location


def asked(answer: Any) -> bool:
    return answer.status_code == 422 and QUESTION in answer.text


def checked(page: str) -> list[str]:
    return re.findall(r'type="radio"[^>]*name="area" value="([^"]+)" checked', page)


def test_the_reporters_answer_decides(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    answer = submit(visitor, where, **form_values(BESIDE))
    assert asked(answer)
    assert "Lotus Lane 12" in answer.text
    assert re.findall(r'name="area" value="([^"]+)"', answer.text) == ["district:west", "district:east"]
    assert answer.text.index("According to the map") < answer.text.index("9 m away")
    assert checked(answer.text) == []
    assert 'role="alert"' not in answer.text, "a question is no mistake"

    details = submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1"))
    assert details.status_code == 303
    assert checked(visitor.get(where).text) == ["district:east"]
    page = visitor.get(details.location).text
    assert "Eastside, as the reporter said" in page
    assert "<strong>Roads</strong>" in page
    check = submit(visitor, details.location, description="A deep hole.").location
    assert "Eastside" in visitor.get(check).text
    done = visitor.get(submit(visitor, check).location).text
    said = "Eastside, as the reporter said: the place lies 9 m from the border with Westside (the map says Westside)."
    assert said in done
    case, areas = only_case(divided)
    assert (areas, case.post_id, case.longitude) == (["east"], None, BESIDE["lon"])
    assert explain(case.routing, "ko")[0].startswith("동구")
    assert "9" in explain(case.routing, "ar", "staff")[0]


def test_the_map_may_be_right(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    details = submit(visitor, where, **form_values(BESIDE, area="district:west", asked="1")).location
    check = submit(visitor, details, description="A deep hole.").location
    page = visitor.get(submit(visitor, check).location).text
    assert "Westside, as the map and the reporter say: the place lies 9 m from the border with Eastside." in page
    assert only_case(divided)[1] == ["west"]


def test_without_an_answer_nobody_goes_on(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    assert asked(submit(visitor, where, **form_values(BESIDE)))
    assert asked(submit(visitor, where, **form_values(BESIDE))), "sent twice by a nervous finger"
    again = submit(visitor, where, **form_values(BESIDE, asked="1"))
    assert asked(again)
    assert 'role="alert"' in again.text
    assert visitor.get(where.replace("/where", "/check")).location.endswith("/where")
    assert asked(submit(visitor, where, **form_values(BESIDE, area="district:north", asked="1")))
    with divided.reading() as session:
        assert session.scalar(select(func.count()).select_from(Draft)) == 1


def test_sending_the_answer_twice_is_one_complaint(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    for _click in range(2):
        details = submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1")).location
    check = submit(visitor, details, description="A deep hole.").location
    done = {submit(visitor, check).location, visitor.get(check).location}
    assert len(done) == 1
    assert only_case(divided)[1] == ["east"]


def test_a_mistake_elsewhere_keeps_the_answer(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    refused = submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1", address="x" * 400))
    assert refused.status_code == 422
    assert checked(refused.text) == ["district:east"]


def test_moving_the_point_clears_an_answer_that_no_longer_fits(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1"))
    details = submit(visitor, where, **form_values(WEST, area="district:east", asked="1"))
    assert details.status_code == 303
    assert QUESTION not in visitor.get(where).text
    check = submit(visitor, details.location, description="A deep hole.").location
    submit(visitor, check)
    assert only_case(divided)[1] == ["west"]


def test_no_place_is_on_no_border(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1"))
    details = submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1", no_place="1"))
    check = submit(visitor, details.location, description="A deep hole.").location
    submit(visitor, check)
    assert only_case(divided)[1] == []


@pytest.mark.parametrize(
    ("category", "place"),
    [("noise", BESIDE), ("street-light", BESIDE), ("pothole", WEST), ("pothole", {"lat": 37.55, "lon": 126.9995})],
    ids=["one office for both sides", "the same person stands in", "far from the border", "44 m from it"],
)
def test_nobody_is_asked_what_changes_nothing(
    visitor: FlaskClient, divided: Database, category: str, place: dict[str, float]
) -> None:
    assert submit(visitor, step_where(visitor, category), **form_values(place)).status_code == 303


def test_the_question_costs_a_bounded_number_of_statements(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    visitor.get(where)
    with count_queries(divided) as far:
        assert visitor.get(where).status_code == 200
    submit(visitor, where, **form_values(BESIDE))
    with count_queries(divided) as near:
        assert QUESTION in visitor.get(where).text
    assert len(near) <= len(far) + 12, str(near)


def quarter(code: str, west: float, south: float) -> dict[str, Any]:
    corners = [(0.0, 0.0), (0.1, 0.0), (0.1, 0.05), (0.0, 0.05), (0.0, 0.0)]
    ring = [[round(west + x, 6), round(south + y, 6)] for x, y in corners]
    geometry = {"type": "Polygon", "coordinates": [ring]}
    return {"type": "Feature", "properties": {"code": code, "name": code.upper()}, "geometry": geometry}


@pytest.fixture
def quartered(db: Database, city: Flask, tmp_path: Path) -> Database:
    """Four quarters meet at 37.55, 127.0; holes in the road have a post in each western one."""
    places = {"nw": (126.9, 37.55), "sw": (126.9, 37.5), "ne": (127.0, 37.55), "se": (127.0, 37.5)}
    file = tmp_path / "quarters.geojson"
    features = [quarter(code, *corner) for code, corner in places.items()]
    file.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    with city.app_context():
        report = import_geojson(db, file, layer="quarter", name_field={"en": "name"}, parent_layer="district")
    assert (report.created, report.homeless) == (4, ())
    posts = {"nw": "roads.west", "sw": "roads.head"}
    rows = [{"post": post, "subject": "pothole", "area": f"quarter:{code}"} for code, post in posts.items()]
    add_rows(db, jurisdictions=rows)
    return db


@pytest.mark.parametrize(
    ("place", "offered", "chosen", "expected"),
    [
        ({"lat": 37.5501, "lon": 126.95}, ["quarter:nw", "quarter:sw"], "quarter:sw", ["sw", "west"]),
        ({"lat": 37.5501, "lon": 126.9999}, ["district:west", "district:east"], "district:east", ["east", "ne"]),
        ({"lat": 37.5499, "lon": 127.0001}, ["district:east", "district:west"], "district:west", ["sw", "west"]),
    ],
    ids=["a quarter's border", "a corner, from the west", "a corner, from the east"],
)
def test_only_the_widest_layer_that_matters_is_asked(
    visitor: FlaskClient, quartered: Database, place: dict[str, float], offered: list[str], chosen: str, expected: Any
) -> None:
    where = step_where(visitor)
    page = submit(visitor, where, **form_values(place)).text
    assert re.findall(r'name="area" value="([^"]+)"', page) == offered
    details = submit(visitor, where, **form_values(place, area=chosen, asked="1")).location
    submit(visitor, submit(visitor, details, description="A deep hole.").location)
    assert only_case(quartered)[1] == expected


def test_a_border_of_quarters_with_one_office_is_not_asked_about(visitor: FlaskClient, quartered: Database) -> None:
    assert submit(visitor, step_where(visitor), **form_values({"lat": 37.5501, "lon": 127.05})).status_code == 303


class TestWhenTheCityNeverAsks:
    """0 metres switches it off."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"plugin": {"civic_participation": {"border_metres": 0}}}

    def test_the_map_decides(self, visitor: FlaskClient, divided: Database) -> None:
        where = step_where(visitor)
        assert submit(visitor, where, **form_values(BESIDE)).status_code == 303
        assert QUESTION not in visitor.get(where).text
        refused = visitor.post("/api/v1/complaints", json={**COMPLAINT, "area": "district:east"})
        assert (refused.status_code, list(refused.json["errors"])) == (422, ["area"])
        assert visitor.post("/api/v1/complaints", json=COMPLAINT).json["official_post"]["code"] == "roads.west"


class TestWhenTheCityAsksFromFarther:
    """The distance is the city's."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"plugin": {"civic_participation": {"border_metres": 50}}}

    def test_forty_four_metres(self, visitor: FlaskClient, divided: Database) -> None:
        assert asked(submit(visitor, step_where(visitor), **form_values({"lat": 37.55, "lon": 126.9995})))


def test_programs_name_the_area(visitor: FlaskClient, divided: Database) -> None:
    located = visitor.get("/api/v1/areas/locate", query_string={**BESIDE, "near": 25, "lang": "en"}).json
    assert [area["code"] for area in located["areas"]] == ["west"]
    assert located["beside"] == [{"layer": "district", "code": "east", "name": "Eastside", "metres": 8.8}]
    filed = visitor.post("/api/v1/complaints", json={**COMPLAINT, "area": "district:east"})
    assert filed.status_code == 201, filed.text
    assert (filed.json["department"]["code"], filed.json["official_post"]) == ("roads", None)
    assert "as the reporter said" in filed.json["routing"][0]
    assert only_case(divided)[1] == ["east"]


def test_programs_that_name_none_get_what_the_map_says(visitor: FlaskClient, divided: Database) -> None:
    filed = visitor.post("/api/v1/complaints", json=COMPLAINT).json
    assert filed["official_post"]["code"] == "roads.west"
    assert not any("border" in line for line in filed["routing"])


@pytest.mark.parametrize(
    "change",
    [
        {**WEST, "area": "district:east"},
        {"area": "district:north"},
        {"area": "nonsense"},
        {"area": "district:" + "x" * 200},
        {"lat": None, "lon": None, "area": "district:east"},
        {"area": 5},
    ],
)
def test_an_area_that_is_not_beside_the_place_is_refused(
    visitor: FlaskClient, divided: Database, change: dict[str, Any]
) -> None:
    refused = visitor.post("/api/v1/complaints", json={**COMPLAINT, **change})
    assert refused.status_code == 422, refused.text
    assert list(refused.json["errors"]) == ["area"]
    assert cases(divided) == 0


def test_the_area_of_the_map_may_be_named_anywhere(visitor: FlaskClient, divided: Database) -> None:
    filed = visitor.post("/api/v1/complaints", json={**COMPLAINT, **WEST, "area": "district:west"})
    assert filed.status_code == 201
    assert not any("border" in line for line in filed.json["routing"])


def test_an_answer_that_the_city_no_longer_takes_is_said_before_sending(
    visitor: FlaskClient, divided: Database, city: Flask
) -> None:
    where = step_where(visitor)
    details = submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1")).location
    check = submit(visitor, details, description="A deep hole.").location
    with divided.writing() as session:
        east = area_by_code(session, "district", "east")
        assert east is not None
        east.valid_until = session.scalar(select(func.max(Draft.updated_at)))
        east.layer.stamp = "changed"
    refused = submit(visitor, check)
    assert refused.status_code == 422
    assert "not beside the place" in refused.text
    assert cases(divided) == 0
    assert submit(visitor, where, **form_values(BESIDE, area="district:east", asked="1")).status_code == 303
    assert submit(visitor, check).location.endswith("/done")
    assert only_case(divided)[1] == ["west"]


def test_the_desk_asks_the_caller_too(agent: FlaskClient, divided: Database) -> None:
    said = {"channel": "phone", "category": "pothole", "description": "A deep hole.", "language": "ko", "name": "Mina"}
    path, point = "/en/desk/complaints/new", {name: str(value) for name, value in BESIDE.items()}
    assert "border" not in agent.get(path).text
    first = submit(agent, path, **said, **point)
    assert first.status_code == 422
    assert "The place lies on a border. Where is it?" in first.text
    assert "A deep hole." in first.text
    assert 'role="alert"' not in first.text
    assert 'role="alert"' in submit(agent, path, **said, **point, asked="1").text
    wrong = submit(agent, path, **{**said, "email": "nobody"}, **point, asked="1", area="district:east")
    assert checked(wrong.text) == ["district:east"]
    assert submit(agent, path, **{**said, "category": "a\x00b"}, **point, asked="1").status_code == 422
    assert submit(agent, path, **said, lat="nan", lon="1e999", asked="1", area="x\x00").status_code == 422
    assert cases(divided) == 0
    filed = submit(agent, path, **said, **point, asked="1", area="district:east")
    assert filed.status_code == 303
    assert "Eastside, as the reporter said" in agent.get(filed.location).text
    assert only_case(divided)[1] == ["east"]


def test_the_desk_asks_nothing_far_from_borders(agent: FlaskClient, divided: Database) -> None:
    said = {"channel": "phone", "category": "pothole", "description": "A deep hole.", "language": "ko", "name": "Mina"}
    point = {name: str(value) for name, value in WEST.items()}
    assert submit(agent, "/en/desk/complaints/new", **said, **point, area="district:east").status_code == 303
    assert only_case(divided)[1] == ["west"]


SEOUL: dict[str, Any] = {
    "posts": [
        {"code": "roads.11010", "department": "roads", "title": {"en": "Roads, Jongno-gu", "ko": "도로 종로구"}},
        {"code": "roads.11020", "department": "roads", "title": {"en": "Roads, Jung-gu", "ko": "도로 중구"}},
    ],
    "officials": [
        {"post": "roads.11010", "email": "jongno@city.example", "name": "Jo Jongno", "role": "officer"},
        {"post": "roads.11020", "email": "junggu@city.example", "name": "Ju Junggu", "role": "officer"},
    ],
    "jurisdictions": [
        {"post": "roads.11010", "subject": "street-light", "area": "district:11010"},
        {"post": "roads.11020", "subject": "street-light", "area": "district:11020"},
    ],
}


@pytest.fixture
def seoul(db: Database, city: Flask) -> Database:
    """The real districts and neighbourhoods of Seoul, with an official for lamps in Jongno-gu and one in Jung-gu."""
    files = [SHARED / name for name in ("seoul_districts.geojson", "seoul_neighbourhoods.geojson")]
    if not all(path.exists() for path in files):
        pytest.skip(f"{files[0]} is absent: real borders are tried only where ../shared/data lies beside the checkout")
    names = {"ko": "name", "en": "name_eng"}
    with city.app_context():
        import_geojson(db, files[0], layer="district", name_field=names, replace=True)
        import_geojson(db, files[1], layer="neighbourhood", name_field=names, parent_layer="district")
    add_rows(db, **SEOUL)
    with db.writing() as session:
        set_password(session, SYSTEM, the_account(session, "junggu@city.example"), HASHED)
    return db


def test_the_city_hall_of_seoul(visitor: FlaskClient, seoul: Database, city: Flask) -> None:
    """A citizen files at 37.5665, 126.9780, where the simplified borders say Jongno-gu and everybody says Jung-gu."""
    where = submit(visitor, "/ko/complaints/new", category="street-light").location
    answer = submit(visitor, where, **form_values(CITY_HALL))
    assert answer.status_code == 422
    assert re.findall(r'name="area" value="([^"]+)"', answer.text) == ["district:11010", "district:11020"]
    assert "장소가 경계에 있어요. 어느 쪽인가요?" in answer.text
    labels = re.findall(r'class="choice-label">([^<]+)</span><span class="meta">([^<]+)<', answer.text)
    assert labels == [("종로구", "지도에 따르면 여기예요"), ("중구", "7 m 거리")]
    details = submit(visitor, where, **form_values(CITY_HALL, area="district:11020", asked="1")).location
    assert "도로 중구" in visitor.get(details).text
    check = submit(visitor, details, description="가로등이 꺼져 있어요.").location
    done = visitor.get(submit(visitor, check).location).text
    assert "도로 중구" in done
    assert "중구 – 신고한 분의 말씀을 따랐어요: 장소는 종로구 경계에서 7 m 거리에 있어요(지도상으로는 종로구)." in done
    case, areas = only_case(seoul)
    assert "11020" in areas
    assert "11010" not in areas
    with seoul.reading() as session:
        parents = set(session.scalars(select(Area.parent_id).where(Area.code.in_(areas), Area.parent_id.is_not(None))))
        jung_gu = area_by_code(session, "district", "11020")
        assert jung_gu is not None
        assert parents <= {jung_gu.id}
    official = signed_in(city, "junggu@city.example", PASSWORD)
    assert case.reference in official.get("/ko/desk").text
    why = official.get(f"/en/desk/cases/{case.reference}").text
    assert "Jung-gu, as the reporter said: the place lies 7 m from the border with Jongno-gu" in why
    assert "(the map says Jongno-gu)" in why
    assert "Ju Junggu holds the post." in why


QUAY = {"lat": 37.55, "lon": 126.8999}
"""9 m west of the western district, which is the end of the city there."""
FAR_OUT = {"lat": 37.55, "lon": 126.8995}
"""44 m outside."""
OUTER_CORNER = {"lat": 37.60009, "lon": 126.9999}
"""10 m north of the city, where its two districts meet."""


def test_a_place_just_outside_of_the_city_counts_as_the_nearest_area(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    details = submit(visitor, where, **form_values(QUAY))
    assert details.status_code == 303, "one area is near: nothing is asked"
    assert "Westside is the nearest" in visitor.get(details.location).text
    check = submit(visitor, details.location, description="A deep hole.").location
    done = visitor.get(submit(visitor, check).location).text
    assert "Westside is the nearest: the place lies 9 m outside of the city" in done
    case, areas = only_case(divided)
    assert (areas, case.longitude) == (["west"], QUAY["lon"])
    assert explain(case.routing, "ko")[0].startswith("서구")


def test_farther_out_it_is_outside_of_the_city(visitor: FlaskClient, divided: Database) -> None:
    refused = submit(visitor, step_where(visitor), **form_values(FAR_OUT))
    assert (refused.status_code, "outside our city" in refused.text) == (422, True)
    api = visitor.post("/api/v1/complaints", json={**COMPLAINT, **FAR_OUT})
    assert (api.status_code, cases(divided)) == (422, 0)


def test_outside_beside_two_districts_the_reporter_is_asked(visitor: FlaskClient, divided: Database) -> None:
    where = step_where(visitor)
    answer = submit(visitor, where, **form_values(OUTER_CORNER))
    assert asked(answer)
    assert sorted(re.findall(r'name="area" value="([^"]+)"', answer.text)) == ["district:east", "district:west"]
    assert answer.text.count(" m away") == 2, "the map says neither"
    assert "According to the map" not in answer.text
    details = submit(visitor, where, **form_values(OUTER_CORNER, area="district:east", asked="1"))
    check = submit(visitor, details.location, description="A deep hole.").location
    assert submit(visitor, check).status_code == 303
    assert only_case(divided)[1] == ["east"]


@pytest.mark.parametrize(("area", "status"), [("", 201), ("district:west", 201), ("district:east", 422), ("x:y", 422)])
def test_programs_file_just_outside_too(visitor: FlaskClient, divided: Database, area: str, status: int) -> None:
    named = {"area": area} if area else {}
    answer = visitor.post("/api/v1/complaints", json={**COMPLAINT, **QUAY, **named})
    assert answer.status_code == status, answer.text
    if status == 201:
        assert only_case(divided)[1] == ["west"]
