"""A new city and a new service run as they come: made by the command line, migrated, served, their own tests pass."""

from __future__ import annotations

import contextlib
import json
import os
import stat
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
from click.testing import CliRunner

from egovframe.cli import cli

SERVICE = "library_cards"


@dataclass
class City:
    """A new city's folder and the command line in it."""

    folder: Path

    def run(self, *arguments: str, folder: Path | None = None) -> subprocess.CompletedProcess[str]:
        """Run a Python module in the city's folder."""
        environ = {key: value for key, value in os.environ.items() if not key.startswith(("EGOVFRAME_", "PYTEST_"))}
        return subprocess.run(
            [sys.executable, "-m", *arguments],
            cwd=folder or self.folder,
            capture_output=True,
            text=True,
            timeout=300,
            env=environ,
            check=False,
        )

    def tell(self, *arguments: str) -> str:
        """Run ``egovframe`` and return what it prints; it must succeed."""
        done = self.run("egovframe", *arguments)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout


@pytest.fixture(scope="module")
def city(tmp_path_factory: pytest.TempPathFactory) -> City:
    """A new city with a new service, migrated."""
    parent = tmp_path_factory.mktemp("cities")
    made = City(parent / "saebit")
    done = made.run("egovframe", "new", "city", "saebit", folder=parent)
    assert done.returncode == 0, done.stderr
    made.tell("new", "plugin", SERVICE)
    made.tell("db", "upgrade")
    return made


def test_the_secret_is_generated_and_private(city: City) -> None:
    secret = city.folder / "secret.key"
    assert len(secret.read_text().strip()) >= 48
    assert stat.S_IMODE(secret.stat().st_mode) == 0o600
    assert "/secret.key" in (city.folder / ".gitignore").read_text()
    assert secret.read_text().strip() not in (city.folder / "egovframe.toml").read_text()


def test_every_plugin_runs(city: City) -> None:
    facts = json.loads(city.tell("plugins", "--json"))
    assert {fact["name"]: fact["state"] for fact in facts}[SERVICE] == "mounted"
    assert {fact["state"] for fact in facts} == {"mounted"}


def test_the_service_keeps_every_promise(city: City) -> None:
    assert "keeps every promise" in city.tell("plugins", "check", SERVICE)


def test_nothing_of_the_template_is_left(city: City) -> None:
    folder = city.folder / "plugins" / SERVICE
    for path in folder.rglob("*"):
        assert "lost_and_found" not in path.name
        if path.is_file() and "__pycache__" not in path.parts:
            text = path.read_text(encoding="utf-8")
            assert "lost_and_found" not in text, path
            assert "lost-and-found" not in text, path


@pytest.mark.slow
def test_the_services_own_tests_pass(city: City) -> None:
    done = city.run("pytest", "-q", "-p", "no:cacheprovider", "-k", "not postgresql", f"plugins/{SERVICE}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert " passed" in done.stdout


def test_switching_a_plugin_off_and_on(city: City) -> None:
    city.tell("plugins", "disable", SERVICE)
    try:
        states = {fact["name"]: fact["state"] for fact in json.loads(city.tell("plugins", "list", "--json"))}
        assert states[SERVICE] == "disabled"
    finally:
        city.tell("plugins", "enable", SERVICE)
    states = {fact["name"]: fact["state"] for fact in json.loads(city.tell("plugins", "--json"))}
    assert states[SERVICE] == "mounted"


def refused(folder: Path, *arguments: str) -> str:
    """Run a command in this process in a folder; it must be refused as wrong use, in one line that is returned."""
    with contextlib.chdir(folder):
        result = CliRunner().invoke(cli, arguments)
    assert result.exit_code == 2, result.output
    return result.output.splitlines()[-1]


@pytest.mark.parametrize("name", ["Cards", "1st", "class", "json", "core", "civic_participation", "../up", "a b", "é"])
def test_names_that_cannot_be_are_refused_in_one_line(city: City, name: str) -> None:
    before = sorted((city.folder / "plugins").iterdir())
    assert refused(city.folder, "new", "plugin", name).startswith("Error: ")
    assert sorted((city.folder / "plugins").iterdir()) == before


def test_what_exists_is_never_overwritten(city: City) -> None:
    assert "exists already" in refused(city.folder, "new", "plugin", SERVICE)
    assert "exists already" in refused(city.folder.parent, "new", "city", "saebit")


@pytest.mark.parametrize("name", ["../elsewhere", "/tmp/x", ".hidden", "a b"])
def test_a_city_stays_in_the_present_folder(name: str, tmp_path: Path) -> None:
    refused(tmp_path, "new", "city", name)
    assert list(tmp_path.iterdir()) == []


def test_outside_a_city_the_way_in_is_said(tmp_path: Path) -> None:
    assert "is no city" in refused(tmp_path, "new", "plugin", "anything")


def test_two_cities_have_two_secrets(tmp_path: Path) -> None:
    for name in ("one", "two"):
        result = CliRunner().invoke(cli, ["new", "city", name, "--in", str(tmp_path)])
        assert result.exit_code == 0, result.output
    assert (tmp_path / "one/secret.key").read_text() != (tmp_path / "two/secret.key").read_text()


@pytest.mark.parametrize("verb", ["check", "disable"])
def test_unknown_plugins_are_said(city: City, verb: str) -> None:
    done = city.run("egovframe", "plugins", verb, "nobody")
    assert done.returncode in {1, 2}
    assert "no plugin nobody" in done.stderr.lower()
    assert "Traceback" not in done.stderr


def test_a_broken_plugin_is_listed_with_its_stage_and_exit_1(city: City) -> None:
    broken = city.folder / "plugins" / "street_fair"
    broken.mkdir()
    try:
        (broken / "__init__.py").write_text("import lanterns_are_missing\n")
        (broken / "plugin.toml").write_text('name = "street_fair"\nversion = "1"\ncore = ">=0.1"\ntitle = "Fair"\n')
        done = city.run("egovframe", "plugins", "--json")
        fact = next(fact for fact in json.loads(done.stdout) if fact["name"] == "street_fair")
        assert (done.returncode, fact["state"], fact["stage"]) == (1, "failed", "import")
        assert "lanterns_are_missing" in fact["detail"]
    finally:
        for path in sorted(broken.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        broken.rmdir()
