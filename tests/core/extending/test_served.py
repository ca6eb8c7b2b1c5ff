"""The whole portal with broken plugins: it answers, names the offender, and starts in safe mode."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

FIXTURES = Path(__file__).parents[2] / "fixtures"
NAMES = ("fx_good", "fx_pages_raise", "fx_import_error", "fx_bad_template", "fx_core_route_thief", "fx_bad_manifest")
SETTINGS = """
secret_key = "0123456789abcdefghijklmnopqrstuvwxyz-only-for-tests"
[plugins]
disabled = ["civic_participation"]
"""


def answers_of(folder: Path, *flags: str) -> dict[str, Any]:
    """Make a city with broken plugins, assemble it in a process of its own, and return how it answers."""
    (folder / "plugins").mkdir()
    (folder / "egovframe.toml").write_text(SETTINGS, encoding="utf-8")
    for name in NAMES:
        shutil.copytree(FIXTURES / "plugins" / name, folder / "plugins" / name)
    done = subprocess.run(
        [sys.executable, str(FIXTURES / "serve_city.py"), str(folder), *flags],
        capture_output=True,
        text=True,
        timeout=240,
        env={key: value for key, value in os.environ.items() if not key.startswith("EGOVFRAME_")},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.fixture(scope="module")
def answers(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """How the city with broken plugins answers."""
    return answers_of(tmp_path_factory.mktemp("broken"))


def test_every_page_answers(answers: dict[str, Any]) -> None:
    assert set(answers["codes"].values()) == {200}


def test_the_good_neighbour_keeps_its_door_on_the_home_page(answers: dict[str, Any]) -> None:
    assert "/en/fx-good/" in answers["home"]


def test_status_names_the_offenders_and_tells_no_more(answers: dict[str, Any]) -> None:
    told = {plugin["name"]: (plugin["state"], plugin["stage"]) for plugin in answers["status"]["plugins"]}
    assert told["fx_good"] == told["fx_pages_raise"] == ("mounted", "")
    assert told["fx_import_error"] == ("failed", "import")
    assert told["fx_bad_template"] == ("failed", "rehearsal")
    assert told["fx_core_route_thief"] == ("failed", "mount")
    assert told["fx_bad_manifest"] == ("failed", "validation")
    assert "there_is_no_such_module" not in json.dumps(answers["status"])


def test_hooks_that_raise_on_pages_are_counted(answers: dict[str, Any]) -> None:
    failures = {tuple(failure) for failure in answers["failures"]}
    assert ("fx_pages_raise", "navigation", "error") in failures
    assert ("fx_pages_raise", "home_tiles", "exit") in failures
    assert ("fx_pages_raise", "home_sections", "interrupt") in failures
    assert ("fx_pages_raise", "search", "garbage") in failures
    assert {failure[0] for failure in failures} == {"fx_pages_raise"}


def test_safe_mode_serves_the_core(tmp_path: Path) -> None:
    found = answers_of(tmp_path, "safe")
    assert found["codes"].pop("/en/fx-good/") == 404
    assert set(found["codes"].values()) == {200}
    assert {plugin["state"] for plugin in found["status"]["plugins"]} == {"disabled"}
