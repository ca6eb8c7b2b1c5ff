"""``egovframe access``: what an operator asks and reads."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from egovframe.cli import cli
from egovframe.config import Settings
from egovframe.core.auth import account_by_public_id
from egovframe.core.web import runtime
from egovframe.errors import EgovError
from egovframe.testing.factories import Factory


@pytest.fixture
def run(app: Flask, settings: Settings, city_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", settings.database_url)

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--city", str(city_folder), "access", *arguments])

    return command


def test_who_and_of_answer_the_two_questions(app: Flask, make: Factory, run: Any) -> None:
    roads, parks = make.department("roads"), make.department("parks")
    kim = make.account("officer", scope=frozenset({("department", roads)}), kind="staff")
    make.official(kim, roads, "roads-kim")
    other = make.account("officer", scope=frozenset({("department", parks)}), kind="staff")

    everywhere = run("who", "cases:case:work")
    assert everywhere.exit_code == 0, everywhere.output
    assert f"{kim.public_id} (Roads-Kim)  officer  department=roads" in everywhere.output
    here = run("who", "cases:case:work", "--scope", "department=roads", "--json")
    accounts = {each["account"] for each in json.loads(here.output)}
    assert kim.public_id in accounts
    assert other.public_id not in accounts
    assert "@" not in everywhere.output

    with runtime(app).database.reading() as session:
        email = account_by_public_id(session, kim.public_id).email
    of = run("of", str(email))
    assert "cases:case:work  officer  department=roads" in of.output
    assert "auth:grant:manage" not in of.output


def test_what_does_not_exist_is_said_with_what_does(run: Any) -> None:
    wrong = run("who", "cases:case:dance")
    assert isinstance(wrong.exception, EgovError) or wrong.exit_code == 1
    assert "cases:case:work" in str(wrong.exception) + wrong.output
    nobody = run("of", "nobody@city.example")
    assert "has no account" in str(nobody.exception) + nobody.output
