"""The test tools themselves: the clock, the application, a browser."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text

from egovframe.core.modules.organisation import Post, post_holder
from egovframe.core.modules.settings import settings_in_force
from egovframe.core.modules.settings.queries import Latest, forget_latest
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime
from egovframe.testing.browser import PHONE, Window, violations, wider_than_window
from egovframe.testing.clock import Clock
from egovframe.testing.factories import Factory
from egovframe.testing.queries import count_queries

NEW_YEAR = datetime(2027, 1, 1, tzinfo=UTC)
SECOND = timedelta(seconds=5)


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """The core alone: these tests are about the tools."""
    return {"plugins": {"disabled": ["civic_participation"]}}


def test_the_clock_moves_python_and_the_database_together(database: Database, clock: Clock) -> None:
    clock.travel_to(NEW_YEAR)
    assert abs(datetime.now(UTC) - NEW_YEAR) < SECOND
    assert abs(database.now() - NEW_YEAR) < SECOND
    clock.move(timedelta(days=1))
    assert abs(database.now() - NEW_YEAR - timedelta(days=1)) < SECOND
    clock.reset()
    assert database.now() < NEW_YEAR


def test_the_clock_moves_the_application_too(app: Flask, clock: Clock) -> None:
    clock.travel_to(NEW_YEAR)
    assert abs(runtime(app).database.now() - NEW_YEAR) < SECOND


def test_the_application_is_ready_on_both_databases(client: FlaskClient) -> None:
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (200, {"status": "ready", "checks": {"schema": "ok"}})


def test_statements_of_a_request_are_counted(app: Flask, client: FlaskClient) -> None:
    database = runtime(app).database
    with count_queries(database) as queries, database.reading() as session:
        session.execute(text("SELECT 1"))
        session.execute(text("SELECT 2"))
    assert len(queries) == 2, queries
    with count_queries(database) as queries:
        client.get("/healthz")
    assert len(queries) == 0, queries


def test_nothing_grows_stale_while_statements_are_counted(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    """Or a second that passes inside the block would count as a statement, now and then."""
    database = runtime(app).database
    settings_in_force(database, "privacy")
    monkeypatch.setattr(database.service(Latest), "read_at", time.monotonic() - 3600)
    with count_queries(database) as queries:
        settings_in_force(database, "privacy")
    assert not queries, queries
    forget_latest(database)
    with count_queries(database) as queries:
        settings_in_force(database, "privacy")
    assert len(queries) == 1, queries


def test_people_sign_in_and_hold_tokens(make: Factory, client: FlaskClient) -> None:
    person = make.account()
    assert "/account/sign-in" in client.get("/en/account/").headers["Location"]
    assert make.client(person).get("/en/account/").status_code == 200
    assert client.get("/api/v1/tokens").status_code == 401
    assert client.get("/api/v1/tokens", headers=make.token(person)).status_code == 200


def test_officials_hold_their_posts(app: Flask, make: Factory) -> None:
    person = make.account()
    post = make.official(person, make.department("roads"))
    with runtime(app).database.reading() as session:
        holder = post_holder(session, session.get_one(Post, post), now(session))
        assert holder is not None
        assert holder.account_id == person.account_id


@pytest.mark.browser
def test_a_browser_sees_the_served_application(window: Window) -> None:
    page = window.open("/", size=PHONE, scripts=False, language="ko")
    assert "/ko/" in page.url
    assert wider_than_window(page) == 0


@pytest.mark.browser
def test_axe_finds_what_is_wrong(window: Window) -> None:
    page = window.open("/healthz")
    page.set_content('<!doctype html><html><head><title>x</title></head><body><img src="x.png"></body></html>')
    found = violations(page)
    assert any(line.startswith("image-alt") for line in found)
    assert any(line.startswith("html-has-lang") for line in found)
