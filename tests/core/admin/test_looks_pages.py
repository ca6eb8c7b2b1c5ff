"""An auditor who suspects that somebody read a neighbour's file finds who, when and what for."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from egovframe.actor import Actor
from egovframe.core.auth import Account
from egovframe.core.modules.privacy import Looking, write_down
from egovframe.core.persistence import Database, on_errand
from egovframe.core.web import runtime
from egovframe.testing.databases import tamper
from egovframe.testing.factories import Factory

PAGE = "/en/admin/audit/looks"


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def base(app: Flask) -> Database:
    return runtime(app).database


def look_at(base: Database, viewer: Actor, person: Actor) -> None:
    """Let the viewer read the person's name, as a careless page of a plugin would."""
    errand = Looking(viewer, purpose="reveal")
    with on_errand(errand):
        with base.reading() as session:
            session.execute(select(Account.display_name).where(Account.id == person.account_id)).all()
        write_down(errand, base)


@pytest.fixture
def town(base: Database, make: Factory) -> dict[str, Actor]:
    people = {
        "auditor": make.account("auditor", kind="staff"),
        "officer": make.account("officer", kind="staff"),
        "neighbour": make.account("citizen"),
        "stranger": make.account("citizen"),
    }
    make.official(people["officer"], make.department("roads"), "street-lights")
    look_at(base, people["officer"], people["neighbour"])
    return people


def test_the_auditor_finds_who_looked_at_a_neighbour(town: dict[str, Actor], make: Factory) -> None:
    auditor = make.client(town["auditor"])
    found = auditor.get(PAGE, query_string={"whose": town["neighbour"].public_id})
    assert found.status_code == 200
    assert "Street-Lights" in found.text
    assert town["officer"].label in found.text
    assert "core_account.display_name" in found.text
    assert "Changed afterwards" not in found.text
    nobody = auditor.get(PAGE, query_string={"whose": town["stranger"].public_id}).text
    assert town["officer"].label not in nobody
    by_viewer = auditor.get(PAGE, query_string={"viewer": town["officer"].public_id}).text
    assert town["officer"].label in by_viewer
    assert "Who looked" in auditor.get("/en/admin/audit").text


def test_a_look_that_was_changed_afterwards_shows(base: Database, town: dict[str, Actor], make: Factory) -> None:
    tamper(base, "UPDATE core_look SET purpose = 'case'")
    assert "Changed afterwards" in make.client(town["auditor"]).get(PAGE).text


def test_searches_that_make_no_sense_are_said(town: dict[str, Actor], make: Factory) -> None:
    auditor = make.client(town["auditor"])
    for asked in ({"whose": "nobody@test.example"}, {"viewer": "zzz"}, {"since": "yesterday"}, {"cursor": "x"}):
        assert auditor.get(PAGE, query_string=asked).status_code in {400, 422}, asked


def test_only_auditors_see_it(town: dict[str, Actor], make: Factory) -> None:
    assert make.client(town["officer"]).get(PAGE).status_code == 403
