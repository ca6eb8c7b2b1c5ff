"""An auditor who suspects that somebody read a neighbour's file finds who, when and what for."""

from __future__ import annotations

import csv
import hashlib
import io
import re
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from egovframe.actor import Actor
from egovframe.core.auth import Account
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.privacy import Look, Looking, by_the_system, looks_at, write_down
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
    assert "Your account: Your name" in found.text
    assert "Changed afterwards" not in found.text
    nobody = auditor.get(PAGE, query_string={"whose": town["stranger"].public_id}).text
    assert town["officer"].label not in nobody
    by_viewer = auditor.get(PAGE, query_string={"viewer": town["officer"].public_id}).text
    assert town["officer"].label in by_viewer
    assert "Who looked" in auditor.get("/en/admin/audit").text


def test_a_look_that_was_changed_afterwards_shows(base: Database, town: dict[str, Actor], make: Factory) -> None:
    tamper(base, "UPDATE core_look SET purpose = 'case'")
    assert "Changed afterwards" in make.client(town["auditor"]).get(PAGE).text


def test_from_an_entry_the_auditor_comes_to_the_look_and_from_there_to_the_person(
    base: Database, town: dict[str, Actor], make: Factory
) -> None:
    auditor = make.client(town["auditor"])
    entries = auditor.get("/en/admin/audit", query_string={"action": "privacy:look:record"}).text
    [number] = set(re.findall(r"/en/admin/audit/entries/(\d+)", entries))
    [way] = re.findall(
        r'href="(/en/admin/audit/looks\?look=[^"]+)"', auditor.get(f"/en/admin/audit/entries/{number}").text
    )
    found = auditor.get(way).text
    assert town["officer"].label in found
    assert f"whose={town['neighbour'].public_id}" in found
    assert "Nothing was found" in auditor.get(PAGE, query_string={"look": "zzzzzzzz"}).text


def test_what_the_search_finds_is_exported_and_that_is_recorded(
    base: Database, town: dict[str, Actor], make: Factory
) -> None:
    look_at(base, town["officer"], town["stranger"])
    with base.writing() as session:
        session.execute(update(Look).where(Look.id == 2).values(reason="=1+1"))
    auditor = make.client(town["auditor"])
    form = auditor.get(PAGE).text
    token = re.search(r'name="csrf_token" value="([^"]+)"', form)
    assert token
    everything = auditor.post(f"{PAGE}/export", data={"csrf_token": token[1]}, buffered=True)
    assert (everything.status_code, everything.mimetype) == (200, "text/csv")
    rows = list(csv.DictReader(io.StringIO(everything.data.decode("utf-8-sig"))))
    assert [row["persons"] for row in rows] == [town["stranger"].public_id, town["neighbour"].public_id]
    assert [(row["reason"], row["as_written"]) for row in rows] == [("'=1+1", "no"), ("", "yes")]
    assert {row["post"] for row in rows} == {"Street-Lights"}
    with base.reading() as session, by_the_system(session):
        address = session.scalar(select(Account.email).where(Account.id == town["neighbour"].account_id))
    one = auditor.post(f"{PAGE}/export", data={"csrf_token": token[1], "whose": address}, buffered=True)
    assert len(list(csv.DictReader(io.StringIO(one.data.decode("utf-8-sig"))))) == 1
    with base.reading() as session:
        [first, second] = [entry.after for entry in reversed(entries_of(session, "audit:looks"))]
    assert (first["rows"], first["sha256"]) == (2, hashlib.sha256(everything.data).hexdigest())
    assert (second["rows"], second["filter"]) == (1, {"whose": town["neighbour"].public_id})
    refused = auditor.post(
        f"{PAGE}/export", data={"csrf_token": token[1], "whose": "nobody@test.example"}, buffered=True
    )
    assert refused.status_code == 422
    officer = make.client(town["officer"])
    assert officer.post(f"{PAGE}/export").status_code in {400, 403}


def test_searches_that_make_no_sense_are_said(town: dict[str, Actor], make: Factory) -> None:
    auditor = make.client(town["auditor"])
    for asked in ({"whose": "nobody@test.example"}, {"viewer": "zzz"}, {"since": "yesterday"}, {"cursor": "x"}):
        assert auditor.get(PAGE, query_string=asked).status_code in {400, 422}, asked


def test_only_auditors_see_it(town: dict[str, Actor], make: Factory) -> None:
    assert make.client(town["officer"]).get(PAGE).status_code == 403


def test_people_read_which_kinds_of_their_data_were_seen(base: Database, town: dict[str, Actor], make: Factory) -> None:
    errand = Looking(town["officer"], purpose="case")
    with on_errand(errand):
        with base.reading() as session:
            columns = select(Account.email, Account.display_name, Account.addressed_as)
            people = [town["neighbour"].account_id, town["stranger"].account_id]
            session.execute(columns.where(Account.id.in_(people))).all()
        write_down(errand, base)
    page = make.client(town["neighbour"]).get("/en/account/my-data/looks").text
    assert page.count("What was seen:") == 2
    assert "Your account: E-mail address, Your name, How should we address you?" in page
    assert "Your account: Your name<" in page
    assert "core_account" not in page
    other = make.client(town["stranger"]).get("/en/account/my-data/looks").text
    assert other.count("What was seen:") == 1


def test_of_a_table_that_is_away_the_names_of_its_columns_are_left(base: Database, town: dict[str, Actor]) -> None:
    tamper(base, "UPDATE core_look_subject SET table_name = 'gone_pets', columns = '[\"chip_number\"]'")
    with base.reading() as session:
        [seen] = looks_at(session, town["neighbour"].account_id).items
    assert seen.kinds == ("chip number",)


def test_the_ends_of_the_calendar_are_days_as_well(town: dict[str, Actor], make: Factory) -> None:
    auditor = make.client(town["auditor"])
    for page in (PAGE, "/en/admin/audit"):
        found = auditor.get(page, query_string={"since": "0001-01-01", "until": "9999-12-31"})
        assert found.status_code == 200
        assert town["officer"].label in found.text or page != PAGE
        assert auditor.get(page, query_string={"since": "9999-12-31"}).status_code == 200
