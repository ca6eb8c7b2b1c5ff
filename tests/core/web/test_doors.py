"""Who passes a door: guards, session cookies, bearer tokens; and the units of work behind them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    CHEAP,
    WebSession,
    actor_of_account,
    configure_auth,
    create_account,
    create_token,
    grant_role,
    hash_password,
    put_role,
    sign_in,
)
from egovframe.core.i18n import Translated
from egovframe.core.persistence import Database, NestedUnit
from egovframe.core.web import SIGNED_IN, reading, url, writing
from egovframe.core.web.context import writing_throughout
from egovframe.core.web.models import RateCount
from egovframe.testing.clock import Clock

EMAIL, PASSWORD = "ada@demo.example", "a long enough phrase 7"


def no_throttle(_name: str, _subject: str) -> None:
    """Count nothing."""


@pytest.fixture
def cookie(database: Database) -> str:
    """The session cookie of an official who may read the secret."""
    configure_auth(database, CHEAP)
    hashed = hash_password(PASSWORD, CHEAP, email=EMAIL)
    with database.writing() as session:
        account = create_account(session, SYSTEM, email=EMAIL, display_name="Ada <b>", password=hashed)
        put_role(session, SYSTEM, "keeper", Translated.of("en", en="Keeper"), ["town:secret:read"])
        grant_role(session, SYSTEM, account, "keeper")
    return sign_in(database, email=EMAIL, password=PASSWORD, address="192.0.2.1", throttle=no_throttle).token


def test_a_right_opens_the_door_and_nothing_else_does(visitor: FlaskClient, cookie: str) -> None:
    assert visitor.get("/en/secret").status_code == 401
    visitor.set_cookie(SIGNED_IN, "made-up")
    assert visitor.get("/en/secret").status_code == 401
    visitor.set_cookie(SIGNED_IN, cookie)
    assert visitor.get("/en/secret").status_code == 200
    assert visitor.get("/en/mine").status_code == 200


def test_without_the_right_the_door_stays_shut(visitor: FlaskClient, cookie: str, database: Database) -> None:
    with database.writing() as session:
        put_role(session, SYSTEM, "keeper", Translated.of("en", en="Keeper"), [])
    visitor.set_cookie(SIGNED_IN, cookie)
    assert visitor.get("/en/secret").status_code == 403


def test_pages_of_a_signed_in_person_are_kept_by_nobody(visitor: FlaskClient, cookie: str) -> None:
    visitor.set_cookie(SIGNED_IN, cookie)
    for path in ("/en/", "/en/mine", "/en/nowhere", "/en/search"):
        answer = visitor.get(path)
        assert answer.headers["Cache-Control"] == "no-store, private", path
        assert "Cookie" in answer.headers["Vary"]
        assert "ETag" not in answer.headers
    text = visitor.get("/en/").get_data(as_text=True)
    assert "Ada &lt;b&gt;" in text
    assert "For staff" in text


def test_the_api_reads_no_cookie(visitor: FlaskClient, cookie: str) -> None:
    visitor.set_cookie(SIGNED_IN, cookie)
    assert visitor.get("/api/v1/town/me").status_code == 401


def test_the_api_takes_a_token_and_pages_do_not(visitor: FlaskClient, cookie: str, database: Database) -> None:
    with database.writing() as session:
        owner = session.scalars(select(WebSession.account_id)).one()
        from egovframe.core.auth import Account

        account = session.get_one(Account, owner)
        token = create_token(session, actor_of_account(session, account), name="script").secret
    headers = {"Authorization": f"Bearer {token}"}
    answer = visitor.get("/api/v1/town/me", headers=headers)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "Authorization" in answer.headers["Vary"]
    assert visitor.get("/en/mine", headers=headers).status_code == 401


def test_a_visit_prolongs_the_session_and_silence_ends_it(
    visitor: FlaskClient, cookie: str, database: Database, clock: Clock
) -> None:
    visitor.set_cookie(SIGNED_IN, cookie)
    for _ in range(3):
        clock.move(timedelta(hours=1, minutes=30))
        assert visitor.get("/en/mine").status_code == 200
    clock.move(timedelta(hours=2, minutes=1))
    assert visitor.get("/en/mine").status_code == 401


def test_changed_rights_give_the_browser_a_new_id(visitor: FlaskClient, cookie: str, database: Database) -> None:
    with database.writing() as session:
        session.execute(update(WebSession).values(rotate=True))
    visitor.set_cookie(SIGNED_IN, cookie)
    answer = visitor.get("/en/mine")
    fresh = [value for value in answer.headers.getlist("Set-Cookie") if value.startswith(SIGNED_IN)]
    assert len(fresh) == 1
    assert cookie not in fresh[0]
    assert visitor.get("/en/mine").status_code == 200
    old = visitor.application.test_client()
    old.set_cookie(SIGNED_IN, cookie)
    assert old.get("/en/mine").status_code == 401


def row(name: str, database: Database) -> RateCount:
    """Return something to store."""
    return RateCount(bucket=name, expires_at=database.now())


def test_reading_after_writing_sees_what_was_written(shell: Flask, database: Database) -> None:
    with shell.test_request_context("/en/"):
        assert reading() is reading()
        assert reading().execute(select(func.count()).select_from(RateCount)).scalar_one() == 0
        stored = row("a", database)
        with writing() as session:
            session.add(stored)
            assert reading() is session
        assert reading().execute(select(func.count()).select_from(RateCount)).scalar_one() == 1


def test_a_view_that_fails_stores_nothing(shell: Flask, database: Database) -> None:
    stored = row("a", database)
    with shell.test_request_context("/en/"):
        with pytest.raises(ValueError, match="no"), writing() as session:
            session.add(stored)
            raise ValueError("no")
        assert reading().execute(select(func.count()).select_from(RateCount)).scalar_one() == 0


def test_units_do_not_nest_unless_the_view_is_one(shell: Flask) -> None:
    with shell.test_request_context("/en/"):
        with writing(), pytest.raises(NestedUnit), writing():
            pass
        with writing_throughout() as outer, writing() as inner:
            assert inner is outer


def test_addresses_are_in_the_readers_language(shell: Flask) -> None:
    with shell.test_request_context("/ko/"):
        shell.preprocess_request()
        assert url("core.search") == "/ko/search"
        assert url("core.search", lang="ar", q="a b") == "/ar/search?q=a+b"
