"""Letters with codes: what they will prove is compared, doubles are seen, nothing stays, one is under way at a time."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import undefer_group

from egovframe.actor import Actor
from egovframe.core.auth import Letter
from egovframe.core.modules.privacy import LookSubject
from egovframe.core.persistence import Database, EncryptedText
from egovframe.core.web import runtime
from egovframe.testing.clock import Clock
from egovframe.testing.factories import Factory
from egovframe.testing.visits import submit, token_of

LETTERS = "/en/desk/residents/letters"
ASK = "/en/account/verify/letter"
FIRST = {"name": "Kim Minseo", "birth_date": "1980-02-29", "address_code": "11-A", "address": "PO Box 7\nHaneul"}


@pytest.fixture
def database(app: Flask) -> Iterator[Database]:
    return runtime(app).database


@pytest.fixture
def desk(make: Factory) -> FlaskClient:
    return make.client(make.account("registrar", kind="staff"))


def wants(make: Factory, **facts: str) -> Actor:
    """Let somebody new ask for a letter."""
    person = make.account("citizen")
    assert submit(make.client(person), ASK, **{**FIRST, **facts}).status_code == 303
    return person


def chosen(page: str) -> list[bool]:
    """Return which letters of the list are chosen already, in its order."""
    boxes = re.findall(r'<input[^>]*name="letters"[^>]*>', page)
    return ["checked" in box for box in boxes]


def ids(page: str) -> list[str]:
    return re.findall(r'name="letters" value="([0-9a-z]+)"', page)


def test_what_the_code_will_prove_is_shown_for_the_comparison(make: Factory, desk: FlaskClient) -> None:
    wants(make)
    page = desk.get(LETTERS).text
    for part in ("Kim Minseo", "29 February 1980", "11-A", "PO Box 7\nHaneul"):
        assert part in page, part
    assert chosen(page) == [True]
    assert "asked for" not in page


def test_two_accounts_at_one_box_are_seen_whatever_they_type(make: Factory, desk: FlaskClient) -> None:
    wants(make)
    wants(make, name="Lee Jiho", birth_date="1991-01-01", address_code="12-B", address="P.O. box 7,  HANEUL")
    wants(make, name="Park Sora", birth_date="1992-01-01", address_code="11-A", address="8 Main Street")
    page = desk.get(LETTERS).text
    assert page.count("2 accounts asked for letters to this door") == 2
    assert "in this name" not in page
    assert chosen(page) == [False, False, True]
    assert "Letters with a warning are not chosen" in page


def test_one_name_at_two_doors_and_an_account_that_asks_again_are_seen(
    make: Factory, desk: FlaskClient, database: Database
) -> None:
    first = wants(make)
    wants(make, name="MINSEO, Kim", birth_date="1981-03-01", address="9 Main Street")
    page = desk.get(LETTERS).text
    assert page.count("2 accounts asked for letters in this name") == 2
    assert "to this door" not in page
    assert chosen(page) == [False, False]
    refused = f"{LETTERS}/{ids(page)[0]}/refuse"
    assert submit(desk, LETTERS, refused, reason="not in the register").status_code == 303
    submit(make.client(first), ASK, **{**FIRST, "name": "Somebody Else", "address": "1 New Way"})
    again = desk.get(LETTERS).text
    assert "This account asked for 1 letter before" in again
    assert chosen(again) == [False, False]


def test_a_letter_from_before_the_upgrade_cannot_be_compared(
    make: Factory, desk: FlaskClient, database: Database
) -> None:
    wants(make)
    with database.writing() as session:
        letter = session.scalars(select(Letter)).one()
        letter.birth_date = letter.address_code = None
        letter.name_digest = ""
    page = desk.get(LETTERS).text
    assert "cannot be compared" in page
    assert chosen(page) == [False]


@pytest.mark.parametrize("way", ["sent", "refuse"])
def test_nothing_of_it_stays_when_the_letter_has_left_or_will_not(
    make: Factory, desk: FlaskClient, database: Database, way: str
) -> None:
    wants(make)
    page = desk.get(LETTERS).text
    (public_id,) = ids(page)
    token = token_of(desk, LETTERS)
    if way == "sent":
        desk.post(f"{LETTERS}/sent", data={"csrf_token": token, "letters": public_id})
    else:
        desk.post(f"{LETTERS}/{public_id}/refuse", data={"csrf_token": token, "reason": "unknown"})
    with database.reading() as session:
        row = session.scalars(select(Letter).options(undefer_group("personal"))).one()
        assert row.state == {"sent": "sent", "refuse": "refused"}[way]
        assert (row.name, row.address, row.birth_date, row.address_code) == (None, None, None, None)
    assert isinstance(Letter.__table__.c.birth_date.type, EncryptedText)
    assert isinstance(Letter.__table__.c.address_code.type, EncryptedText)


def test_the_person_sees_that_the_office_compared_and_the_front_page_compares_nothing(
    make: Factory, desk: FlaskClient, database: Database
) -> None:
    person = wants(make)
    assert "1" in desk.get("/en/desk/residents").text
    assert looked_at(database, person) == set()
    desk.get(LETTERS)
    seen = looked_at(database, person)
    assert {"birth_date", "address_code", "name", "address"} <= {name.partition(".")[2] or name for name in seen}


def looked_at(database: Database, person: Actor) -> set[str]:
    with database.reading() as session:
        rows = session.scalars(select(LookSubject).where(LookSubject.account_id == person.account_id))
        return {column for row in rows if row.table_name == "core_letter" for column in row.columns}


def test_a_refusal_without_a_reason_says_so_at_its_own_letter(make: Factory, desk: FlaskClient) -> None:
    wants(make)
    wants(make, name="Lee Jiho", address="8 Main Street")
    public_id = ids(desk.get(LETTERS).text)[1]
    refused = submit(desk, LETTERS, f"{LETTERS}/{public_id}/refuse", reason="")
    assert refused.status_code == 422
    assert f'href="#why-{public_id}-reason"' in refused.text
    assert refused.text.count('<details class="fold" open>') == 1


def test_who_has_a_letter_under_way_reads_that_instead_of_a_form(
    make: Factory, desk: FlaskClient, database: Database
) -> None:
    person = make.account("citizen")
    client = make.client(person)
    token = token_of(client, ASK)
    assert submit(client, ASK, **FIRST).status_code == 303
    for answer, status in ((client.get(ASK), 200), (client.post(ASK, data={"csrf_token": token, **FIRST}), 409)):
        assert answer.status_code == status
        assert "A letter to you is under way" in answer.text
        assert "It is being prepared." in answer.text
        assert "type its code here, until" in answer.text
        assert 'href="/en/account/verify/code' in answer.text
        assert 'name="birth_date"' not in answer.text
        assert "Somebody else changed" not in answer.text
    (public_id,) = ids(desk.get(LETTERS).text)
    desk.post(f"{LETTERS}/sent", data={"csrf_token": token_of(desk, LETTERS), "letters": public_id})
    assert "Your letter was sent on" in client.get(ASK).text


def test_a_letter_is_given_up_for_another_one(make: Factory, desk: FlaskClient, database: Database) -> None:
    client = make.client(wants(make))
    other = make.client(make.account("citizen"))
    wants(make, name="Lee Jiho", address="8 Main Street")
    assert submit(other, ASK, f"{ASK}/stop").status_code == 409  # nobody gives up another's
    assert len(ids(desk.get(LETTERS).text)) == 2
    assert submit(client, ASK, f"{ASK}/stop").headers["Location"] == ASK
    assert len(ids(desk.get(LETTERS).text)) == 1
    assert submit(client, ASK, **{**FIRST, "address": "1 New Way"}).status_code == 303
    assert submit(client, ASK, f"{ASK}/stop").status_code == 303
    assert submit(client, ASK, **FIRST).status_code == 303
    submit(client, ASK, f"{ASK}/stop")
    asked_often = client.get(ASK)
    assert "You have asked for several letters lately" in asked_often.text
    assert 'name="birth_date"' not in asked_often.text


def test_a_letter_whose_time_is_over_does_not_stand_in_the_way(make: Factory, database: Database, clock: Clock) -> None:
    person = wants(make)
    clock.move(timedelta(days=91))
    assert submit(make.client(person), ASK, **FIRST).status_code == 303


def test_a_resident_reads_that_no_letter_is_needed(make: Factory) -> None:
    client = make.client(make.resident("citizen"))
    page = client.get(ASK)
    assert "Your account is verified already." in page.text
    refused = client.post(ASK, data={"csrf_token": token_of(client, "/en/account/"), **FIRST})
    assert refused.status_code == 409
    assert "Your account is verified already." in refused.text
    assert "Somebody else changed" not in refused.text


def test_only_who_was_slower_reads_that_somebody_was_quicker(make: Factory, desk: FlaskClient) -> None:
    wants(make)
    (public_id,) = ids(desk.get(LETTERS).text)
    token = token_of(desk, LETTERS)
    desk.post(f"{LETTERS}/sent", data={"csrf_token": token, "letters": public_id})
    late = desk.post(f"{LETTERS}/{public_id}/refuse", data={"csrf_token": token, "reason": "unknown"})
    assert late.status_code == 409
    assert "Somebody else changed this in the meantime" in late.text
    own = desk.post("/en/account/verify/letter/stop", data={"csrf_token": token})
    assert own.status_code == 409
    assert "This is not possible as things stand" in own.text
    assert "Somebody else changed" not in own.text
