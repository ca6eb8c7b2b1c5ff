"""What a person is told about an erasure is what happened: all of it, a part, nothing; and it is nobody's look."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import Account
from egovframe.core.modules.notifications import Notification, notify
from egovframe.core.modules.privacy import ACCOUNT, Look, LookSubject, Subject
from egovframe.core.modules.privacy.hooks import daily
from egovframe.core.modules.privacy.keeping.models import Erasure, RetentionRule
from egovframe.core.modules.privacy.services import place_hold, release_hold
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.factories import PASSWORD, Factory
from egovframe.testing.visits import submit

ERASE = "/en/account/my-data/erase"
ERASED = "/en/account/my-data/erased"


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    found: Database = runtime(app).database
    return found


@pytest.fixture
def kim(make: Factory, database: Database) -> Actor:
    """Somebody with a message."""
    person = make.account()
    with database.writing() as session:
        notify(session, f"auth.account:{person.account_id}", "x.y", "thing:1", {"title": "hello"})
        session.flush()
        session.execute(update(Notification).values(account_id=person.account_id))
    return person


@pytest.fixture
def client(kim: Actor, make: Factory) -> FlaskClient:
    """Their browser."""
    return make.client(kim)


def hold_on(database: Database, person: Actor) -> str:
    with database.writing() as session:
        hold = place_hold(session, SYSTEM, Subject(ACCOUNT, person.account_id or 0), reason="Court, 12 C 34/26")
    return hold.public_id


def state_of(database: Database, person: Actor) -> tuple[str, bool]:
    with database.reading() as session:
        account = session.scalars(select(Account).where(Account.id == person.account_id)).one()
        return account.state, account.password_hash is not None


def test_everything_held_says_so_and_the_account_works_on(
    app: Flask, kim: Actor, client: FlaskClient, make: Factory, database: Database
) -> None:
    hold = hold_on(database, kim)
    answer = submit(client, ERASE, password=PASSWORD)
    assert answer.status_code == 303
    assert answer.location.endswith(ERASE)
    assert state_of(database, kim) == ("active", True)
    page = client.get(answer.location).text
    assert "Your request is noted, but nothing is erased for now." in page
    assert "A court or an authority asked us not to erase it for now." in page
    assert "12 C 34/26" not in page
    for untrue in ("Your data are erased", "You are signed out", "your account is gone"):
        assert untrue not in page
    assert "You asked us for this on" in client.get(ERASE).text, "whoever comes back reads that it was asked for"
    assert client.get(ERASED).location == "/en/", "there is nothing to tell there"
    assert make.client(kim).get("/en/account/").status_code == 200, "sign-in works"
    with database.writing() as session:
        assert session.scalars(select(Erasure)).one().waits
        release_hold(session, SYSTEM, hold)
    with app.app_context():
        daily(database, {})
    assert state_of(database, kim) == ("disabled", False), "once the hold has ended it goes by itself"
    assert client.get("/en/account/").status_code == 303


def test_everything_gone_says_what_went(kim: Actor, client: FlaskClient, database: Database) -> None:
    answer = submit(client, ERASE, password=PASSWORD)
    assert answer.location.endswith(ERASED)
    assert state_of(database, kim) == ("disabled", False)
    told = client.get(ERASED)
    assert "private" in told.headers["Cache-Control"]
    for words in ("Your data are erased", "your account is gone", "What is erased", "Messages to you"):
        assert words in told.text
    assert "What stays for now" not in told.text
    assert client.get(ERASED).status_code == 200, "the page can be read again"


def test_a_part_that_stays_is_named_with_its_reason_after_the_sign_out(
    kim: Actor, client: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        [rule] = session.scalars(select(RetentionRule).where(RetentionRule.code == "notification"))
        rule.on_request, rule.law = "keep", "Public Records Act, art. 5"
    answer = submit(client, ERASE, password=PASSWORD)
    assert answer.location.endswith(ERASED)
    told = client.get(ERASED).text
    assert "Your request is carried out as far as it can be" in told
    assert "your account is gone" in told
    assert "What stays for now, and why" in told
    assert "Public Records Act, art. 5" in told
    assert "Your data are erased" not in told


def test_an_account_that_a_law_keeps_is_not_said_to_be_gone(
    kim: Actor, client: FlaskClient, database: Database
) -> None:
    with database.writing() as session:
        session.execute(update(RetentionRule).where(RetentionRule.code == "account").values(on_request="keep"))
    answer = submit(client, ERASE, password=PASSWORD)
    page = client.get(answer.location).text
    assert "your account is gone" not in page
    assert state_of(database, kim)[0] == "active"
    with database.reading() as session:
        assert session.scalars(select(Notification)).all() == [], "what could go went"
    assert ("Your account stays for now" in page) is True


def test_the_page_tells_nothing_to_a_stranger(app: Flask, client: FlaskClient) -> None:
    submit(client, ERASE, password=PASSWORD)
    assert app.test_client().get(ERASED).location == "/en/"


@pytest.mark.parametrize("held", [False, True])
def test_ones_own_erasure_is_nobodys_look(kim: Actor, client: FlaskClient, database: Database, held: bool) -> None:
    if held:
        hold_on(database, kim)
    client.get(ERASE)
    submit(client, ERASE, password=PASSWORD)
    client.get(ERASED)
    with database.reading() as session:
        seen = [(look.kind, look.viewer, look.route, look.columns) for look in session.scalars(select(Look))]
        assert seen == []
        assert session.scalars(select(LookSubject)).all() == []
