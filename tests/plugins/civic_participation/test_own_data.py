"""One's own data about complaints: corrected in the right row, downloaded in words that a lay person understands."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from civic_participation.models import Contact, Draft
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, file_by_pages
from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.auth import CHEAP, account_by_email, create_account, grant_role, hash_password, policy_of
from egovframe.core.modules.cases import Case
from egovframe.core.modules.privacy.services import retention_report, run_retention
from egovframe.core.modules.settings import put
from egovframe.core.persistence import Database
from egovframe.testing.clock import Clock
from egovframe.testing.visits import signed_in, submit

CORRECT = "/en/account/my-data/correct"
DOTS = "These dots stand for a hidden value."


@pytest.fixture
def neighbour(city: Flask, db: Database) -> FlaskClient:
    """A citizen with an account, signed in, who has filed two complaints."""
    hashed = hash_password(PASSWORD, policy_of(db), email="bora@people.example")
    with db.writing() as session:
        create_account(
            session,
            SYSTEM,
            email="bora@people.example",
            display_name="Bora Yun",
            password=hashed,
            assurance="contact_verified",
        )
    client = signed_in(city, "bora@people.example", PASSWORD)
    file_by_pages(client, description="The lamp is dark.", name="Bora", phone="02 123 4567", email="bora@post.example")
    file_by_pages(client, description="The second lamp is dark.", name="", email="")
    return client


def the_cases(db: Database) -> list[Case]:
    with db.reading() as session:
        return list(session.scalars(select(Case).order_by(Case.id)))


def contacts(db: Database) -> list[tuple[Any, ...]]:
    with db.reading() as session:
        rows = session.execute(select(Contact.name, Contact.email, Contact.phone).order_by(Contact.id))
        return [tuple(row) for row in rows]


def rows_to_correct(client: FlaskClient) -> list[tuple[str, str]]:
    """Return address and words of each row on the list."""
    page = client.get(CORRECT).text
    links = re.findall(rf'<li><a href="({CORRECT}/civic_participation_contact/\d+)">(.*?)</a>', page)
    return [(address, re.sub("<[^>]+>", "", words)) for address, words in links]


def test_every_row_names_its_case_in_the_list_and_in_the_form(neighbour: FlaskClient, db: Database) -> None:
    first, second = the_cases(db)
    rows = rows_to_correct(neighbour)
    assert [first.reference in words for _address, words in rows] == [False, True]
    assert [second.reference in words for _address, words in rows] == [True, False]
    assert all("lamp" in words for _address, words in rows)
    form = neighbour.get(rows[1][0]).text
    assert first.reference in form
    assert second.reference not in form


def test_the_email_address_is_corrected_and_what_is_not_sent_stays(neighbour: FlaskClient, db: Database) -> None:
    address = rows_to_correct(neighbour)[1][0]
    assert 'value="bora@post.example"' in neighbour.get(address).text
    assert submit(neighbour, address, name="Bora Yun", phone="02 123 4567", email="nowhere").status_code == 422
    assert submit(neighbour, address, name="Bora Yun", email="new@post.example").status_code == 303
    assert contacts(db)[0] == ("Bora Yun", "new@post.example", "02 123 4567")
    assert submit(neighbour, address, email="").status_code == 303
    assert contacts(db)[0] == ("Bora Yun", None, "02 123 4567")
    assert contacts(db)[1] == (None, None, None), "the other case keeps its own"


@pytest.mark.parametrize("field", ["name", "email", "phone"])
def test_dots_are_refused_with_words_and_nothing_is_stored(neighbour: FlaskClient, db: Database, field: str) -> None:
    address, before = rows_to_correct(neighbour)[1][0], contacts(db)
    refused = submit(neighbour, address, **{"name": "Min", "phone": "02 1", field: "Min •••"})
    assert refused.status_code == 422
    assert DOTS in refused.text
    assert contacts(db) == before


def test_the_call_centre_cannot_store_dots_either(agent: FlaskClient, db: Database) -> None:
    page = agent.get("/en/desk/complaints/new").text
    channel = re.search(r'name="channel" value="(\w+)"', page) or re.search(r'<option value="(phone)"', page)
    given = {"category": "noise", "description": "Loud.", "language": "en", "address": "Lotus Lane 12"}
    refused = submit(agent, "/en/desk/complaints/new", channel=channel[1] if channel else "phone", name="•••", **given)
    assert refused.status_code == 422
    assert DOTS in refused.text
    assert the_cases(db) == []


def downloaded(client: FlaskClient, form: str = "html", lang: str = "en") -> str:
    answer = submit(client, f"/{lang}/account/my-data", f"/{lang}/account/my-data/download", format=form)
    assert answer.status_code == 200
    text = str(answer.text)
    answer.close()
    return text


def test_one_setting_says_everywhere_how_long_an_unfinished_complaint_stays(
    neighbour: FlaskClient, db: Database, clock: Clock
) -> None:
    submit(neighbour, "/en/complaints/new", category="noise")
    with db.reading() as session:
        [line] = [line for line in retention_report(session) if line.code == "draft"]
        assert line.rule is not None
        assert (line.rule.keep_days, line.rule.setting) == (7, "civic_participation.draft_days")
    assert "7 days, counted from: the last change" in administration(neighbour, db, "/en/admin/privacy")
    with db.writing() as session:
        put(session, SYSTEM, "civic_participation.draft_days", 3)
    assert "3 days, counted from: the last change" in administration(neighbour, db, "/en/admin/privacy")
    rule = administration(neighbour, db, "/en/admin/privacy/rules/draft")
    assert "/en/admin/settings/civic_participation.draft_days" in rule
    assert 'name="keep_days"' not in rule, "the days are asked for in one place"
    parts = json.loads(downloaded(neighbour, "json"))["parts"]
    [kept] = [part["kept"]["days"] for part in parts if part["table"] == "civic_participation_draft"]
    assert kept == 3
    with db.reading() as session:
        before = len(session.scalars(select(Draft.id)).all())
    clock.move(timedelta(days=3, minutes=1))
    run_retention(db)
    with db.reading() as session:
        assert (before, session.scalars(select(Draft.id)).all()) == (3, [])


def administration(client: FlaskClient, db: Database, path: str) -> str:
    """Return a page as the administrator of the city reads it."""
    with db.writing() as session:
        if account_by_email(session, "admin@city.example") is None:
            hashed = hash_password(PASSWORD, CHEAP)
            account = create_account(
                session,
                SYSTEM,
                email="admin@city.example",
                display_name="Ada",
                kind="staff",
                password=hashed,
                assurance="contact_verified",
            )
            grant_role(session, SYSTEM, account, "administrator")
    admin = signed_in(client.application, "admin@city.example", PASSWORD)
    answer = admin.get(path)
    assert answer.status_code == 200
    return " ".join(answer.text.split())
