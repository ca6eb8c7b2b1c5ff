"""Keys for programs and providers are made and taken away only after a fresh proof of who is at the keyboard."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from egovframe.core.auth import ApiToken
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.clock import Clock

from .parts import PASSWORD, TOKEN, enter, person, send

NEW = "/en/account/tokens/new"


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    return runtime(app).database


@pytest.fixture
def kim(database: Database) -> int:
    """A citizen."""
    return person(database, language="en")


def tokens(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(ApiToken.id))) or 0


def test_a_borrowed_browser_makes_no_key(client: FlaskClient, database: Database, kim: int, clock: Clock) -> None:
    enter(client)
    page = client.get(NEW)
    assert page.status_code == 200, "who has just signed in is not asked"
    found = TOKEN.search(page.text)
    assert found is not None
    clock.move(timedelta(minutes=11))
    asked = client.get(NEW)
    assert (asked.status_code, asked.location) == (303, "/en/account/prove?next=%2Fen%2Faccount%2Ftokens%2Fnew")
    body = {"csrf_token": found[1], "name": "export", "days": "7"}
    sent = client.post(NEW, data=body, headers={"Referer": f"http://localhost{NEW}"})
    assert sent.status_code == 303
    assert sent.location.startswith("/en/account/prove")
    assert tokens(database) == 0
    proved = send(client, "/en/account/prove", password=PASSWORD, next=NEW)
    assert proved.location == NEW
    assert send(client, NEW, name="export", days="7").status_code == 200
    assert tokens(database) == 1
    with database.reading() as session:
        told = session.scalars(select(EventRow).where(EventRow.name == "auth.TokenMade")).all()
    assert [row.payload["account_id"] for row in told] == [kim]
