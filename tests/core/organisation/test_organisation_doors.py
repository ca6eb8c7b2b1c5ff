"""The organisation's command and API."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.actor import SYSTEM
from egovframe.cli import main
from egovframe.core.i18n import Translated
from egovframe.core.modules.organisation import put_department
from egovframe.core.web import runtime
from egovframe.testing.databases import TEST_SECRET

CSV = """\
kind,code,name,title,department,post,email,subject
department,ROADS,Roads,,,,,
post,LIGHTS,,Street lights,ROADS,,,
official,,Kim,,,LIGHTS,kim@city.example,
jurisdiction,,,,,LIGHTS,,street-light
"""


@pytest.fixture
def call(
    app: Flask,
    city_folder: Path,
    database_address: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
):
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", database_address)
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", TEST_SECRET)

    def run(*arguments: object) -> tuple[int, str, str]:
        with pytest.raises(SystemExit) as ended:
            main(["--city", str(city_folder), "organisation", *map(str, arguments)])
        out, err = capsys.readouterr()
        return int(ended.value.code or 0), out, err

    return run


def test_the_command_imports_and_says_what_to_do_next(call, tmp_path: Path) -> None:
    path = tmp_path / "city.csv"
    path.write_text(CSV, encoding="utf-8")
    code, out, err = call("import", path, "--dry-run", "--json")
    assert (code, err, json.loads(out)["applied"]) == (0, "", False)
    code, out, err = call("import", path)
    assert (code, err) == (0, "")
    assert "department: 1 new, 0 changed, 0 as before." in out
    assert out.endswith("set one with: egovframe user set-password EMAIL\n  kim@city.example\n")
    code, out, _err = call("import", path)
    assert (code, out.count("1 as before"), "password" in out) == (0, 4, False)


def test_the_command_lists_bad_lines_and_stores_nothing(call, tmp_path: Path) -> None:
    path = tmp_path / "city.csv"
    path.write_text(CSV + "jurisdiction,,,,,NOBODY,,x\n", encoding="utf-8")
    code, _out, err = call("import", path)
    assert code == 1
    assert err.splitlines() == [
        "line 6 (jurisdiction): there is no post 'NOBODY'",
        "Nothing was stored: mend the file, or store the rest with --skip-bad.",
    ]
    assert json.loads(call("import", path, "--skip-bad", "--json")[1])["created"]["department"] == 1
    code, out, err = call("import", tmp_path / "none.csv")
    assert (code, out, len(err.splitlines())) == (1, "", 1)
    assert call("import")[0] == 2


def test_departments_and_their_contact_are_public(app: Flask, client: FlaskClient) -> None:
    with app.app_context(), runtime().database.writing() as session:
        city = put_department(session, SYSTEM, code="CITY", name=Translated.of("en", en="City", ko="시")).row
        names = Translated.of("en", en="Roads", ko="도로과")
        put_department(session, SYSTEM, code="ROADS", name=names, parent=city, phone="02-120", email="r@city.example")
    answer = client.get("/api/v1/departments?lang=ko")
    assert answer.json == {
        "departments": [
            {"code": "CITY", "name": "시", "parent": None, "phone": "", "email": ""},
            {"code": "ROADS", "name": "도로과", "parent": "CITY", "phone": "02-120", "email": "r@city.example"},
        ]
    }
