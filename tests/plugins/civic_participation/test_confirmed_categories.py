"""A category that asks for a confirmed address: why, the way there, and back to the half-filled complaint."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, WEST, file_by_pages
from sqlalchemy import func, select

from egovframe.actor import SYSTEM
from egovframe.core.auth import create_account, one_time_link
from egovframe.core.modules.cases import Case
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database
from egovframe.testing.visits import submit, token_of

from .conftest import HASHED

EMAIL = "nari@example.org"
BODY: dict[str, Any] = {"category": "noise", **WEST, "description": "Hammering at five in the morning."}


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugin": {"civic_participation": {"confirmed_categories": ["noise"]}}}


@pytest.fixture
def nari(city: Flask, db: Database) -> str:
    """Somebody whose address is not confirmed yet."""
    with db.writing() as session:
        create_account(session, SYSTEM, email=EMAIL, display_name="Nari", password=HASHED)
    return EMAIL


def cases(db: Database) -> int:
    with db.reading() as session:
        return int(session.scalar(select(func.count()).select_from(Case)) or 0)


def link_in(page: str, door: str) -> str:
    return re.search(rf'href="(/en/account/{door}\?next=[^"]+)"', page)[1]  # type: ignore[index]


def test_the_way_from_a_stranger_to_a_filed_complaint(visitor: FlaskClient, db: Database, nari: str) -> None:
    where = submit(visitor, "/en/complaints/new", category="noise").location
    asked = visitor.get(where)
    assert asked.status_code == 403
    assert "The city has to be able to ask you back here" in asked.text
    door = link_in(asked.text, "sign-in")
    back = parse_qs(urlsplit(door).query)["next"][0]
    assert back == where
    entered = submit(visitor, door, "/en/account/sign-in", email=nari, password=PASSWORD, next=back)
    still = visitor.get(entered.location)
    assert (still.status_code, "confirmed e-mail address" in still.text) == (403, True)
    ways = visitor.get(link_in(still.text, "verify")).text
    assert f'href="{where}"' in ways  # "Continue where you stopped"
    submit(visitor, "/en/account/verify", "/en/account/verify/contact")
    with db.reading() as session:
        told = session.scalars(select(EventRow).where(EventRow.name == "auth.ConfirmationAsked")).all()[-1]
        link = one_time_link(session, told.payload["token_id"])
        assert link is not None
    submit(visitor, f"/en/account/confirm/{link.token}")
    step = submit(visitor, where, address="Lotus Lane 12", lat=str(WEST["lat"]), lon=str(WEST["lon"])).location
    check = submit(visitor, step, description=BODY["description"]).location
    assert cases(db) == 0
    assert submit(visitor, check).status_code == 303
    assert cases(db) == 1


def test_a_session_that_ends_half_way_loses_no_word(visitor: FlaskClient, db: Database) -> None:
    with db.writing() as session:
        create_account(session, SYSTEM, email=EMAIL, display_name="Nari", password=HASHED, assurance="contact_verified")
    submit(visitor, "/en/account/sign-in", email=EMAIL, password=PASSWORD, next="")
    where = submit(visitor, "/en/complaints/new", category="noise").location
    step = submit(visitor, where, address="Lotus Lane 12", lat=str(WEST["lat"]), lon=str(WEST["lon"])).location
    token = token_of(visitor, step)
    visitor.delete_cookie("egov_session")
    check = visitor.post(step, data={"csrf_token": token, "description": BODY["description"]}).location
    door = link_in(visitor.get(check).text, "sign-in")
    back = parse_qs(urlsplit(door).query)["next"][0]
    entered = submit(visitor, door, "/en/account/sign-in", email=EMAIL, password=PASSWORD, next=back)
    page = visitor.get(entered.location)
    assert page.request.path == check
    assert BODY["description"] in page.text
    # And at the very last press, too.
    token = token_of(visitor, check)
    visitor.delete_cookie("egov_session")
    assert visitor.post(check, data={"csrf_token": token}).status_code == 403
    assert cases(db) == 0


def test_other_categories_ask_nobody_and_programs_are_told_the_level(visitor: FlaskClient, db: Database) -> None:
    assert visitor.get(file_by_pages(visitor)).status_code == 200
    assert cases(db) == 1
    refused = visitor.post("/api/v1/complaints", json=BODY)
    assert (refused.status_code, refused.json["required_assurance"]) == (401, "contact_verified")
    assert visitor.post("/api/v1/complaints", json={**BODY, "category": "pothole"}).status_code == 201
    assert cases(db) == 2


class TestGroup:
    """A group's code stands for all categories in it."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"plugin": {"civic_participation": {"confirmed_categories": ["group.Streets"]}}}

    def test_every_category_of_the_group_asks(self, visitor: FlaskClient, db: Database) -> None:
        for category, status in (("street-light", 401), ("pothole", 401), ("noise", 201)):
            assert visitor.post("/api/v1/complaints", json={**BODY, "category": category}).status_code == status


class TestDefault:
    """Where the city says nothing, nobody is asked."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {}

    def test_strangers_file_everywhere(self, visitor: FlaskClient) -> None:
        assert visitor.post("/api/v1/complaints", json=BODY).status_code == 201


def test_an_agent_files_for_a_caller(agent: FlaskClient, db: Database) -> None:
    said = {"channel": "phone", "category": "noise", "description": "Hammering.", "language": "en"}
    where = {name: str(value) for name, value in WEST.items()}
    assert submit(agent, "/en/desk/complaints/new", **said, **where).status_code == 303
    assert cases(db) == 1
