"""The same street through the programming interface, with a token."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import EAST, WEST
from sqlalchemy import func, select

from egovframe.core.modules.cases import Case
from egovframe.core.persistence import Database

COMPLAINT: dict[str, Any] = {
    "category": "street-light",
    **WEST,
    "address": "Lotus Lane 12",
    "description": "The lamp is dark.",
    "contact": {"email": "kim@example.org"},
}


def test_filed_worked_and_read(visitor: FlaskClient, bearer: dict[str, str]) -> None:
    filed = visitor.post("/api/v1/complaints", json=COMPLAINT)
    assert filed.status_code == 201
    body = filed.json
    assert body["department"] == {"code": "roads", "name": "Roads"}
    assert body["official_post"]["code"] == "roads.west"
    assert body["due_at"]
    assert any("Westside" in line for line in body["routing"])
    address = f"/api/v1/cases/{body['reference']}"

    mine = visitor.get("/api/v1/cases?queue=mine", headers=bearer).json
    assert [case["reference"] for case in mine["cases"]] == [body["reference"]]
    case = visitor.get(address, headers=bearer)
    asked = visitor.post(
        f"{address}/actions/ask_reporter",
        json={"text": "Which side?"},
        headers={**bearer, "If-Match": case.headers["ETag"]},
    )
    assert asked.status_code == 200, asked.text
    stale = visitor.post(
        f"{address}/actions/resolve", json={"text": "Done."}, headers={**bearer, "If-Match": case.headers["ETag"]}
    )
    assert stale.status_code == 412
    answered = visitor.post(
        f"{address}/actions/resolve",
        json={"text": "The lamp was replaced."},
        headers={**bearer, "If-Match": asked.headers["ETag"]},
    )
    assert answered.status_code == 200, answered.text

    own = visitor.get(f"/api/v1/complaints/{body['reference']}", headers={"X-Tracking-Code": body["tracking_code"]})
    assert own.json["state"] == "resolved"
    assert [entry["text"] for entry in own.json["timeline"]][-1] == "The lamp was replaced."
    assert "tracking_code" not in own.json


def test_the_explanation_is_in_the_language_asked_for(visitor: FlaskClient) -> None:
    answer = visitor.post("/api/v1/complaints?lang=ko", json=COMPLAINT)
    assert answer.headers["Content-Language"] == "ko"
    assert answer.json["department"]["name"] == "도로과"
    assert any("서구" in line for line in answer.json["routing"])


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "unknown"}, "category"),
        ({"category": None}, "category"),
        ({"lat": 95}, "lat"),
        ({"lon": None}, "lon"),
        ({"lat": 10.0, "lon": 10.0}, "lat"),
        ({"description": ""}, "description"),
        ({"description": "a\x00b"}, "description"),
        ({"description": "x" * 5000}, "description"),
        ({"contact": {"email": "no"}}, "contact.email"),
        ({"answers": {"depth": 3}}, "answers"),
        ({"owner_id": 1}, "owner_id"),
        ({"status": "closed"}, "status"),
        ({"service_code": "pothole"}, "category"),
    ],
)
def test_bad_input_is_named_and_changes_nothing(
    visitor: FlaskClient, db: Database, change: dict[str, Any], field: str
) -> None:
    answer = visitor.post("/api/v1/complaints", json={**COMPLAINT, **change})
    assert answer.status_code == 422, answer.text
    assert answer.mimetype == "application/problem+json"
    assert field in answer.json["errors"]
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 0


def test_the_same_key_files_once(visitor: FlaskClient, db: Database) -> None:
    key = {"Idempotency-Key": "a-key-of-mine"}
    first = visitor.post("/api/v1/complaints", json=COMPLAINT, headers=key)
    second = visitor.post("/api/v1/complaints", json=COMPLAINT, headers=key)
    assert first.status_code == second.status_code == 201
    assert first.json == second.json
    other = visitor.post("/api/v1/complaints", json={**COMPLAINT, **EAST}, headers=key)
    assert other.status_code == 409
    with db.reading() as session:
        assert session.scalar(select(func.count()).select_from(Case)) == 1


def test_the_list_pages_and_counts(visitor: FlaskClient) -> None:
    for number in range(3):
        visitor.post("/api/v1/complaints", json={**COMPLAINT, "description": f"Lamp {number} is dark"})
    page = visitor.get("/api/v1/complaints?page_size=2")
    assert [row["title"] for row in page.json] == ["Lamp 2 is dark", "Lamp 1 is dark"]
    assert '"total": 3' in page.headers["X-Pagination"]
    assert visitor.get("/api/v1/complaints?state=closed").json == []
    assert len(visitor.get("/api/v1/complaints?area=district:west").json) == 3
    assert visitor.get("/api/v1/complaints?area=district:east").json == []
    assert visitor.get("/api/v1/complaints?colour=red").status_code == 400


def test_categories_are_listed_with_their_department(visitor: FlaskClient) -> None:
    listed = {row["code"]: row for row in visitor.get("/api/v1/complaints/categories").json}
    assert listed["street-light"]["department"] == "roads"
    assert listed["street-light"]["deadline_hours"] == 24
    assert listed["street-light"]["name"] == "Street light out"


class TestWhenTheCityKnowsItsPeople:
    """With ``require_account`` nobody files unknown, by page or API."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"plugin": {"civic_participation": {"require_account": True}}}

    def test_strangers_are_asked_to_sign_in(self, visitor: FlaskClient, bearer: dict[str, str]) -> None:
        assert visitor.post("/api/v1/complaints", json=COMPLAINT).status_code == 401
        page = visitor.get("/en/complaints/new")
        assert page.status_code == 303
        assert "sign-in" in page.location
        assert "next=" in page.location
        assert visitor.post("/api/v1/complaints", json=COMPLAINT, headers=bearer).status_code == 201


class TestWhenFilingIsLimited:
    """One address files so many in an hour."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"plugin": {"civic_participation": {"filings_per_hour": 2}}}

    def test_the_third_waits(self, visitor: FlaskClient, city: Flask) -> None:
        answers = [visitor.post("/api/v1/complaints", json=COMPLAINT) for _number in range(3)]
        assert [answer.status_code for answer in answers] == [201, 201, 429]
        assert int(answers[2].headers["Retry-After"]) > 0
