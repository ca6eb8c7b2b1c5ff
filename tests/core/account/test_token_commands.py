"""``egovframe token`` and accounts of programs: the secret is printed once, and only with named permissions."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from egovframe.cli import cli
from egovframe.config import Settings
from egovframe.core.auth import actor_of_token, sync_roles
from egovframe.core.auth import hooks as auth_hooks
from egovframe.core.persistence import Database, Keyring
from egovframe.errors import EgovError, NotSignedIn
from egovframe.hooks import Hooks

READ = "auth:account:read"


@pytest.fixture
def city(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A city with its default roles; its settings reach the commands by the environment."""
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", settings.database_url)
    found = Database(settings.database_url, Keyring(settings.secrets))
    hooks = Hooks(strict=True)
    hooks.register("core.auth", auth_hooks)
    with found.writing() as session:
        sync_roles(session, hooks)
    yield found
    found.dispose()


@pytest.fixture
def run(city_folder: Path, city: Database) -> Any:
    """Run a command in the city's folder."""

    def command(*arguments: str, typed: str = "") -> Result:
        return CliRunner().invoke(cli, ["--city", str(city_folder), *arguments], input=typed)

    return command


def may_read(city: Database, secret: str) -> bool:
    with city.reading() as session:
        return actor_of_token(session, secret).has(READ, city.now())


def test_a_program_gets_an_account_and_a_key(run: Any, city: Database) -> None:
    made = run("user", "create", "street lights", "--kind", "service", "--role", "auditor")
    assert made.exit_code == 0, made.output
    assert "token create" in made.output
    key = json.loads(run("token", "create", "street lights", "--permission", READ, "--json").output)
    assert may_read(city, key["token"])
    listed = run("token", "list", "street lights", "--json").output
    assert [each["id"] for each in json.loads(listed)] == [key["id"]]
    assert key["token"] not in listed
    assert run("token", "revoke", "street lights", key["id"]).exit_code == 0
    with pytest.raises(NotSignedIn):
        may_read(city, key["token"])
    again = run("token", "revoke", "street lights", key["id"])
    assert isinstance(again.exception, EgovError)


def test_a_person_gets_a_key_that_dies_with_the_account(run: Any, city: Database) -> None:
    password = "quiet-harbour-lantern\n"
    assert run("user", "create", "kim@city.example", "--role", "auditor", typed=password).exit_code == 0
    made = run("token", "create", "kim@city.example", "--permission", READ, "--days", "7")
    key = made.output.strip()
    assert may_read(city, key)
    assert run("user", "disable", "kim@city.example").exit_code == 0
    assert run("user", "enable", "kim@city.example").exit_code == 0
    with pytest.raises(NotSignedIn):
        may_read(city, key)


def test_what_cannot_be_is_said_in_one_line(run: Any, city: Database) -> None:
    assert run("user", "create", "lights", "--kind", "service").exit_code == 0
    assert run("token", "create", "lights").exit_code == 2
    assert run("token", "create", "lights", "--permission", READ, "--days", "1000").exit_code == 2
    wrong = run("token", "create", "lights", "--permission", "everything")
    assert (wrong.exit_code, "room:thing:action" in wrong.output) == (1, True)
    unknown = run("token", "create", "nobody", "--permission", READ)
    assert "user list" in str(unknown.exception)
    assert run("user", "create", "lights", "--kind", "service").exit_code == 0
    assert "several" in str(run("token", "create", "lights", "--permission", READ).exception)


def test_a_key_ends_by_itself(run: Any, city: Database) -> None:
    run("user", "create", "lights", "--kind", "service", "--role", "auditor")
    key = run("token", "create", "lights", "--permission", READ, "--days", "1").output.strip()
    assert may_read(city, key)
    city.clock_offset = timedelta(days=1, minutes=1)
    with pytest.raises(NotSignedIn):
        may_read(city, key)
