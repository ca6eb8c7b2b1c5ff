"""A small city for complaints: two square districts, roads with a post in each, officials, a catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from civic_participation.intake.catalogue import read_catalogue
from civic_participation.services.catalogue import import_catalogue
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    CHEAP,
    Account,
    account_by_email,
    create_account,
    grant_role,
    hash_password,
    set_password,
)
from egovframe.core.modules.areas import import_geojson
from egovframe.core.modules.organisation import import_organisation, rows_of
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.snapshots import Snapshots
from egovframe.testing.visits import signed_in

HASHED = hash_password(PASSWORD, CHEAP)

CATALOGUE = [
    ("street-light", "STREET LIGHT OUT", "roads", 24, "Streets", "lamp, dark, 가로등"),
    ("pothole", "POTHOLE", "roads", 72, "Streets", "hole, road"),
    ("noise", "NOISE", "environment", 48, "Surroundings", "loud, music"),
]


def square(west: float, east: float) -> list[list[list[float]]]:
    return [[[west, 37.5], [east, 37.5], [east, 37.6], [west, 37.6], [west, 37.5]]]


def districts() -> dict[str, Any]:
    rows = [("west", "Westside", "서구", 126.9, 127.0), ("east", "Eastside", "동구", 127.0, 127.1)]
    return {
        "type": "FeatureCollection",
        "features": [
            {
                "type": "Feature",
                "properties": {"code": code, "name": name, "name_ko": korean},
                "geometry": {"type": "Polygon", "coordinates": square(left, right)},
            }
            for code, name, korean, left, right in rows
        ],
    }


# fmt: off
ORGANISATION: dict[str, Any] = {
    "departments": [
        {"code": "roads", "name": {"en": "Roads", "ko": "도로과"}},
        {"code": "environment", "name": {"en": "Environment", "ko": "환경과"}},
    ],
    "posts": [
        {"code": "roads.head", "department": "roads", "title": {"en": "Head of roads", "ko": "도로과장"}},
        {"code": "roads.west", "department": "roads", "title": {"en": "Roads, west", "ko": "도로 서구"},
         "reports_to": "roads.head"},
        {"code": "roads.east", "department": "roads", "title": {"en": "Roads, east", "ko": "도로 동구"},
         "reports_to": "roads.head"},
    ],
    "officials": [
        {"post": "roads.head", "email": "head@city.example", "name": "Head", "role": "department_head"},
        {"post": "roads.west", "email": "west@city.example", "name": "Wilma West", "role": "officer"},
        {"post": "roads.east", "email": "east@city.example", "name": "Emil East", "role": "officer"},
    ],
    "absences": [
        {"post": "roads.east", "from": "2020-01-01", "until": "2099-01-01",
         "substitute": "roads.west", "reason": "leave"}
    ],
    "jurisdictions": [
        {"post": "roads.west", "subject": "street-light", "area": "district:west"},
        {"post": "roads.east", "subject": "street-light", "area": "district:east"},
    ],
}
# fmt: on


@pytest.fixture
def city(app: Flask, tmp_path: Path, snapshots: Snapshots, city_settings: dict[str, Any]) -> Flask:
    """The application of a city with areas, organisation and a catalogue."""
    name = f"complaints {sorted(city_settings.items())}"
    snapshots.furnish(runtime(app).database, name, lambda: furnish(app, tmp_path))
    return app


def furnish(app: Flask, folder: Path) -> None:
    """Bring districts, officials and categories into an empty city."""
    database = runtime(app).database
    places = folder / "districts.geojson"
    places.write_text(json.dumps(districts()), encoding="utf-8")
    names = ("serviceCode", "name", "department", "slaHours", "menuPath", "keywords")
    types = [{"data": dict(zip(names, row, strict=True))} for row in CATALOGUE]
    catalogue = folder / "catalogue.json"
    catalogue.write_text(json.dumps(types), encoding="utf-8")
    with app.app_context():
        import_geojson(database, places, layer="district", name_field={"en": "name", "ko": "name_ko"})
        with database.writing() as session:
            report = import_organisation(session, SYSTEM, list(rows_of(ORGANISATION)))
            assert not report.refused
            import_catalogue(session, SYSTEM, read_catalogue(catalogue))
            for name in ("head", "west", "east"):
                set_password(session, SYSTEM, the_account(session, f"{name}@city.example"), HASHED)


def the_account(session: Session, email: str) -> Account:
    found = account_by_email(session, email)
    assert found is not None
    return found


@pytest.fixture
def db(city: Flask) -> Database:
    """The city's database."""
    return runtime(city).database


@pytest.fixture
def visitor(city: Flask) -> FlaskClient:
    """A citizen's browser, without scripts."""
    return city.test_client()


@pytest.fixture
def official(city: Flask) -> FlaskClient:
    """The browser of the official for the western district, signed in."""
    return signed_in(city, "west@city.example", PASSWORD)


@pytest.fixture
def head(city: Flask) -> FlaskClient:
    """The browser of the department's head, who may read cases that others have."""
    return signed_in(city, "head@city.example", PASSWORD)


@pytest.fixture
def neighbour(city: Flask, db: Database) -> FlaskClient:
    """The browser of a citizen with an account, signed in."""
    email = "bora@people.example"
    known = {"display_name": "Bora Yun", "assurance": "contact_verified", "password": HASHED}
    with db.writing() as session:
        create_account(session, SYSTEM, email=email, **known)  # type: ignore[arg-type]
    return signed_in(city, email, PASSWORD)


@pytest.fixture
def agent_account(db: Database) -> Account:
    """The account of somebody at the call centre."""
    with db.writing() as session:
        account = create_account(
            session,
            SYSTEM,
            email="agent@city.example",
            display_name="Aram Choi",
            kind="staff",
            password=HASHED,
            assurance="contact_verified",
        )
        grant_role(session, SYSTEM, account, "agent")
    return account


@pytest.fixture
def agent(city: Flask, agent_account: Account) -> FlaskClient:
    """The agent's browser, signed in."""
    return signed_in(city, "agent@city.example", PASSWORD)


@pytest.fixture
def bearer(city: Flask) -> dict[str, str]:
    """The Authorization header of the western official."""
    answer = city.test_client().post(
        "/api/v1/tokens",
        json={
            "email": "west@city.example",
            "password": PASSWORD,
            "permissions": ["cases:case:read", "cases:case:work", "cases:case:assign", "cases:contact:read"],
        },
    )
    assert answer.status_code == 201, answer.text
    return {"Authorization": f"Bearer {answer.json['token']}"}
