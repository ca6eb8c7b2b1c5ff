"""``egovframe db``: upgrade, status, check, downgrade, revision."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from egovframe.cli import cli
from egovframe.core.migrations import CORE
from egovframe.testing.databases import TEST_SECRET

Run = Callable[..., Result]


@pytest.fixture
def city(tmp_path: Path) -> Path:
    """A city folder without a database yet."""
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "egovframe.toml").write_text(f'environment = "test"\nsecret_key = "{TEST_SECRET}"\n')
    return folder


@pytest.fixture
def run(city: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run ``egovframe --city … db`` and return what it said."""
    for name in ("EGOVFRAME_CONFIG", "EGOVFRAME_DATABASE_URL", "EGOVFRAME_DATA", "EGOVFRAME_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)

    def call(*words: str, **options: str) -> Result:
        return CliRunner().invoke(cli, ["--city", str(city), "db", *words], **options)  # type: ignore[arg-type]

    return call


def test_a_new_city_is_behind_then_upgraded_then_in_order(run: Run) -> None:
    before = run("check")
    assert before.exit_code == 1
    assert f"the schema of core is behind (empty, not {CORE.head}): egovframe db upgrade" in before.output
    first = run("upgrade")
    assert (first.exit_code, first.output.splitlines()[0]) == (0, f"core: now at {CORE.line[0].name}")
    assert run("upgrade").output == "Nothing to do: every table is up to date.\n"
    assert run("check").exit_code == 0


def test_facts_as_json(run: Run) -> None:
    assert json.loads(run("upgrade", "--json").output)["run"][0] == {"source": "core", "revision": CORE.line[0].name}
    core = json.loads(run("status", "--json").output)[0]
    assert (core["name"], core["current"], core["pending"], core["accepted"]) == ("core", CORE.head, [], True)
    assert json.loads(run("check", "--json").output) == {"problems": []}


def test_status_in_words(run: Run) -> None:
    run("upgrade")
    assert run("status").output.splitlines()[0] == f"core: {CORE.head} (up to date)"


def test_downgrade_asks_first_and_upgrade_brings_it_back(run: Run) -> None:
    run("upgrade")
    refused = run("downgrade", "civic_participation", "--to", "base", input="n\n")
    assert refused.exit_code == 1
    assert run("check").exit_code == 0
    done = run("downgrade", "civic_participation", "--to", "base", "--yes")
    assert done.output.splitlines()[-1] == "civic_participation: 0001_foundation undone"
    assert (
        run("downgrade", "civic_participation", "--to", "base", "--yes").output
        == "civic_participation: nothing to undo\n"
    )
    assert run("check").exit_code == 1
    assert run("upgrade").output.splitlines()[0] == "civic_participation: now at 0001_foundation"


def test_an_unknown_plugin_is_named(run: Run) -> None:
    run("upgrade")
    result = run("downgrade", "flowers", "--yes")
    assert "flowers has no migrations: use one of core, civic_participation" in str(result.exception)
