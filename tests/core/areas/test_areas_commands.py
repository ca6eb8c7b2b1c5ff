"""``egovframe areas`` as people call it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from egovframe.cli import main
from egovframe.testing.databases import TEST_SECRET

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(
    city_folder: Path, database_address: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", database_address)
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", TEST_SECRET)

    def call(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--city", str(city_folder), *map(str, arguments)])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return call


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    def write(*features: Any) -> Path:
        path = tmp_path / f"areas-{len(list(tmp_path.glob('*.geojson')))}.geojson"
        path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
        return path

    return write


def feature(code: str, ring: list[list[float]]) -> dict[str, Any]:
    names = {"code": code, "name": "중구", "name_eng": "Jung-gu"}
    return {"type": "Feature", "properties": names, "geometry": {"type": "Polygon", "coordinates": [ring]}}


GOOD = feature("1", [[127, 37], [128, 37], [128, 38], [127, 38], [127, 37]])
CROSSED = feature("2", [[127, 37], [128, 38], [128, 37], [127, 38], [127, 37]])


def test_import_locate_and_list(run: Run, file: Callable[..., Path]) -> None:
    names = ("--name-field", "ko=name", "--name-field", "en=name_eng", "--title", "en=District")
    code, out, err = run("areas", "import", file(GOOD), "--layer", "district", *names)
    assert (code, out, err) == (0, "district: 1 new, 0 changed, 0 as before, 0 refused.\n", "")
    assert run("areas", "import", file(GOOD), "--layer", "district", *names)[1].startswith(
        "district: 0 new, 0 changed, 1 as"
    )
    assert run("areas", "locate", 37.5, 127.5)[1] == "district 1: 중구 / Jung-gu\n"
    assert run("areas", "locate", 10, 10)[1] == "The point lies in no area.\n"
    facts = json.loads(run("areas", "list", "--json")[1])
    assert facts == [{"layer": "district", "title": {"en": "District"}, "order": 10}]


def test_refused_areas_are_listed_and_nothing_is_stored(run: Run, file: Callable[..., Path]) -> None:
    path = file(GOOD, CROSSED)
    code, out, err = run("areas", "import", path, "--layer", "district")
    assert (code, out) == (1, "district: 1 would be new, 0 would be changed, 0 as before, 1 refused.\n")
    first, last = err.splitlines()
    assert first.startswith("feature 2 (2): its border crosses itself near 127.5")
    assert last == "Nothing was stored: mend the file, or store the rest with --skip-bad."
    assert run("areas", "list", "--json")[1] == "[]\n"
    code, out, _err = run("areas", "import", path, "--layer", "district", "--skip-bad", "--json")
    assert (code, json.loads(out)["created"], json.loads(out)["refused"][0]["code"]) == (0, 1, "2")


def test_faults_are_one_line_without_a_traceback(run: Run, file: Callable[..., Path], tmp_path: Path) -> None:
    projected = feature("1", [[953901, 1952044], [953999, 1952044], [953999, 1952100], [953901, 1952044]])
    for arguments in (
        ("import", tmp_path / "none.geojson", "--layer", "x"),
        ("import", file(projected), "--layer", "x"),
        ("import", file(GOOD), "--layer", "x", "--code-field", "id"),
        ("import", file(GOOD), "--layer", "x", "--name-field", "name", "--name-field", "name_eng"),
        ("import", file(GOOD), "--layer", "x", "--language", "klingonish"),
    ):
        code, out, err = run("areas", *arguments)
        assert (code, out, len(err.splitlines())) == (1, "", 1)
        assert err.startswith("egovframe: ")


def test_wrong_use_is_2(run: Run, file: Callable[..., Path]) -> None:
    assert run("areas", "import", file(GOOD))[0] == 2
    assert run("areas", "locate", 91, 0)[0] == 2
