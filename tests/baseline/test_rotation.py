"""A new secret key in front of the old one: everybody stays signed in, and what is new is made with the new key."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import structlog
from baseline.town import Town, Visitor, build
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, type_coerce
from sqlalchemy.types import Text

from egovframe.app import create_app
from egovframe.cli import cli
from egovframe.config import load_settings
from egovframe.core.auth.factors.models import TotpApp
from egovframe.core.modules.audit import seal, verify
from egovframe.core.persistence import now
from egovframe.core.web import runtime
from egovframe.testing.databases import TEST_SECRET, SqliteTemplates
from egovframe.testing.visits import token_of

NEW = "another-one-" + "fedcba9876543210" * 2
PAGE = "/en/account/password"


@pytest.fixture(scope="module")
def old_town(sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town under the old key."""
    folder = tmp_path_factory.mktemp("rotation")
    made = build(folder, sqlite_templates.copy(folder))
    yield made
    made.database.dispose()


@contextmanager
def keyed(town: Town, key: str, *old: str) -> Iterator[Flask]:
    """Start the same city again with other keys."""
    before = runtime(town.app).settings
    overrides = {
        "secret_key": key,
        "old_secret_keys": list(old),
        "database_url": before.database_url,
        "environment": "test",
    }
    app = create_app(load_settings(before.folder, environ={}, overrides=overrides))
    app.config["PROPAGATE_EXCEPTIONS"] = False
    try:
        yield app
    finally:
        runtime(app).database.dispose()


def same_browser(app: Flask, client: FlaskClient) -> FlaskClient:
    """Return a browser that shows the restarted city all cookies it had."""
    again = app.test_client()
    for cookie in client._cookies.values():
        again.set_cookie(cookie.key, cookie.value)
    return again


def citizen(town: Town) -> tuple[Visitor, FlaskClient, str]:
    """Return somebody who is signed in and has a form open."""
    visitor = town.once_more("citizen")
    assert visitor.client is not None
    return visitor, visitor.client, token_of(visitor.client, PAGE)


def test_everything_goes_on_under_a_new_key(old_town: Town) -> None:
    visitor, client, form = citizen(old_town)
    with keyed(old_town, NEW, TEST_SECRET) as app:
        browser = same_browser(app, client)
        assert browser.get("/en/account/").status_code == 200
        answer = browser.post("/en/account/inbox/read", data={"csrf_token": form})
        assert answer.status_code == 303
        assert app.test_client().get("/api/v1/tokens", headers=visitor.headers).status_code == 200
        database = runtime(app).database
        seal(database)
        with database.reading() as session:
            assert verify(session).ok


def test_what_is_made_from_now_on_is_made_with_the_new_key(old_town: Town) -> None:
    with keyed(old_town, NEW, TEST_SECRET) as app:
        anew = app.test_client()
        form = token_of(anew, "/en/account/sign-in")
        database, account = runtime(app).database, old_town.factory.account().account_id
        with database.writing() as session:
            session.add(TotpApp(account_id=account, secret="x", created_at=now(session)))
            session.flush()
            stored = session.scalars(
                select(type_coerce(TotpApp.secret, Text)).where(TotpApp.account_id == account)
            ).one()
        assert stored.split(".")[1] == database.keyring.names[0]
        with keyed(old_town, NEW) as after:  # state that only the new key signed is read without the old one
            data = {"email": "nobody@test.example", "password": "wrong-password", "csrf_token": form}
            assert same_browser(after, anew).post("/en/account/sign-in", data=data).status_code == 422


def test_without_the_old_key_it_is_refused_and_both_sides_are_told(old_town: Town) -> None:
    """Control: were the old key not needed, the tests above would show nothing."""
    _visitor, client, form = citizen(old_town)
    name = old_town.database.keyring.names[0]
    with keyed(old_town, NEW) as app, structlog.testing.capture_logs() as logged:
        browser = same_browser(app, client)
        assert browser.post("/en/account/inbox/read", data={"csrf_token": form}).status_code == 400
        pages = [same_browser(app, client).get(f"/{lang}/account/") for lang in ("en", "ko", "ar")]
        assert {page.status_code for page in pages} == {503}
        assert "cannot be read at the moment" in pages[0].text
        assert all("Retry-After" in page.headers for page in pages)
        assert app.test_client().get("/en/complaints").status_code == 200
        with runtime(app).database.reading() as session:
            assert not verify(session).ok
    told = [line for line in logged if line["event"] == "secret_key_missing"]
    assert told
    assert {line["key"] for line in told} == {name}
    assert not any(line["event"] == "unforeseen" for line in logged)


def test_the_doctor_names_the_key_that_is_missing(old_town: Town, tmp_path: Path) -> None:
    settings = runtime(old_town.app).settings
    name = old_town.database.keyring.names[0]
    for old, state in ((TEST_SECRET, "fine"), ("", "wrong")):
        folder = tmp_path / state
        folder.mkdir()
        lines = [f'secret_key = "{NEW}"', f"old_secret_keys = {json.dumps([old] if old else [])}"]
        lines += [f'database_url = "{settings.database_url}"', 'environment = "test"']
        (folder / "egovframe.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
        result = CliRunner().invoke(cli, ["--city", str(folder), "doctor", "--json"], catch_exceptions=False)
        found = next(one for one in json.loads(result.output) if one["about"] == "keys")
        assert found["state"] == state
        assert (name in found["text"]) == (state == "wrong")
