"""Lab 1 from its beginning to its end, with the files of docs/tutorial/lab1.md: nothing is done, then everything is."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from flask import Flask

from egovframe.app import create_app
from egovframe.cli import cli
from egovframe.cli.context import CityContext
from egovframe.cli.lab import CATALOGUE, Unreachable, first_lab
from egovframe.core.web import runtime
from egovframe.demo import DemoFolder, seed_city
from egovframe.demo.geometry import CENTRE
from egovframe.testing.browser import served
from egovframe.testing.databases import TEST_SECRET

TEXT = (Path(__file__).parents[3] / "docs" / "tutorial" / "lab1.md").read_text(encoding="utf-8")


def block(language: str, number: int = 0) -> str:
    """Return a code block of the lab's text."""
    found: list[str] = re.findall(rf"```{language}\n(.*?)```", TEXT, re.DOTALL)
    return found[number]


@pytest.fixture
def lab_folder(city_folder: Path, database_address: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", database_address)
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", TEST_SECRET)
    return city_folder


@pytest.fixture
def city(lab_folder: Path, app: Flask, tmp_path: Path) -> Flask:
    place = DemoFolder(tmp_path / "demo")
    place.make()
    list(seed_city(app, place, "small"))
    return app


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(cli, ["--city", str(folder), *words], catch_exceptions=False)


def file_graffiti(app: Flask, latitude: float, longitude: float) -> None:
    told = {"category": "graffiti", "lat": latitude, "lon": longitude, "description": "A sprayed wall at the library."}
    assert app.test_client().post("/api/v1/complaints", json=told).status_code == 201


def test_the_lab_as_it_is_written(lab_folder: Path, city: Flask, tmp_path: Path) -> None:
    with served(city) as url:
        fresh = run(lab_folder, "lab", "check", "1", "--url", url)
        assert fresh.exit_code == 1
        assert fresh.output.count("to do") == 5
        assert "21 categories, none of them with the code graffiti" in fresh.output

        (tmp_path / "graffiti.csv").write_text(block("csv", 0), encoding="utf-8")
        assert run(lab_folder, "services", "import", str(tmp_path / "graffiti.csv")).exit_code == 0
        file_graffiti(city, *CENTRE)
        (tmp_path / "graffiti-duty.csv").write_text(block("csv", 1), encoding="utf-8")
        assert run(lab_folder, "organisation", "import", str(tmp_path / "graffiti-duty.csv")).exit_code == 0
        half = run(lab_folder, "lab", "check", "1", "--url", url)
        assert half.exit_code == 1
        assert [line[:5] for line in half.output.splitlines() if line[:1] != " "] == [
            "done ", "done ", "done ", "to do", "to do",
        ]  # fmt: skip

        file_graffiti(city, *CENTRE)
        words = lab_folder / CATALOGUE
        words.parent.mkdir(parents=True)
        words.write_text(block("po"), encoding="utf-8")
        stale = run(lab_folder, "lab", "check", "1", "--url", url)
        assert stale.exit_code == 1
        assert "saw: the heading “What is it about?”" in stale.output
    again = create_app(runtime(city).settings)  # the city is started again, as the lab says
    try:
        with served(again) as url:
            done = run(lab_folder, "lab", "check", "1", "--url", url)
    finally:
        runtime(again).database.dispose()
    assert done.exit_code == 0, done.output
    assert "Everything is done" in done.output


def test_a_city_that_does_not_run_is_said_to_be_so(lab_folder: Path, app: Flask) -> None:
    with pytest.raises(Unreachable, match="start the city, or give --url"):
        list(first_lab(CityContext(lab_folder), "http://127.0.0.1:9"))
