"""``egovframe settings``: whoever has the server sees and changes the same values as the page."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from egovframe.cli import cli
from egovframe.config import Settings
from egovframe.core.modules.audit import entries_of
from egovframe.core.persistence import Database, Keyring
from egovframe.errors import EgovError, Forbidden, NotFound, SettingsError

KEY = "auth.letter_days"
Run = Callable[..., Result]


@pytest.fixture
def run(city_folder: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run a command in the city's folder."""
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", settings.database_url)

    def command(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--city", str(city_folder), "settings", *arguments])

    return command


def listed(run: Run) -> dict[str, Any]:
    found = run("list", "--json")
    assert found.exit_code == 0, found.output
    return {each["key"]: each for each in json.loads(found.output)}


def test_a_value_is_listed_set_and_taken_back(run: Run, settings: Settings) -> None:
    before = listed(run)
    assert before[KEY]["value"] == 30
    assert before[KEY]["source"] == "default"
    assert "privacy.look_delays" in before
    assert "civic_participation.draft_days" in before
    assert run("set", KEY, "45").output == f"{KEY} is 45 from now on\n"
    after = listed(run)[KEY]
    assert (after["value"], after["source"], after["changed_by"]) == (45, "stored", "system:operator")
    assert "45" in run("list").output
    assert run("unset", KEY).output == f"{KEY} is 30 from now on\n"
    database = Database(settings.database_url, Keyring(settings.secrets))
    with database.reading() as session:
        actions = [(entry.actor, entry.action) for entry in entries_of(session, f"setting:{KEY}")]
    database.dispose()
    operator = "system:operator"
    assert actions == [(operator, "settings:setting:reset"), (operator, "settings:setting:change")]


def test_mappings_and_yes_and_no(run: Run) -> None:
    assert run("set", "privacy.look_delays", '{"investigation": 30}').exit_code == 0
    assert run("set", "civic_participation.require_account", "yes").exit_code == 0
    found = listed(run)
    assert found["privacy.look_delays"]["value"] == {"investigation": 30}
    assert found["civic_participation.require_account"]["value"] is True


@pytest.mark.parametrize(
    ("key", "value", "error"),
    [
        (KEY, "soon", EgovError),
        (KEY, "400", EgovError),
        ("privacy.look_delays", '{"case": 1.5}', EgovError),
        ("secret_key", "x", NotFound),
    ],
)
def test_what_does_not_fit_is_refused(run: Run, key: str, value: str, error: type[Exception]) -> None:
    refused = run("set", key, value)
    assert isinstance(refused.exception, error)
    assert not isinstance(refused.exception, Forbidden)
    assert listed(run)[KEY]["source"] == "default"


def test_broken_json_is_wrong_use(run: Run) -> None:
    assert run("set", "privacy.look_delays", "{").exit_code == 2


def test_the_file_is_read_and_a_mistake_in_it_stops_the_start(run: Run, city_folder: Path) -> None:
    file = city_folder / "egovframe.toml"
    file.write_text(f"{file.read_text()}\n[settings.auth]\nletter_days = 14\n")
    assert (listed(run)[KEY]["value"], listed(run)[KEY]["source"]) == (14, "file")
    file.write_text(file.read_text().replace("letter_days = 14", 'letter_days = "soon"\nletters = 3'))
    stopped = run("list")
    assert isinstance(stopped.exception, SettingsError)
    assert "settings.auth.letters: there is no such setting" in str(stopped.exception)
    assert "settings.auth.letter_days: Enter a whole number." in str(stopped.exception)
