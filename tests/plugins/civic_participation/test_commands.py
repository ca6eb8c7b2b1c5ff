"""``egovframe services`` and ``egovframe complaints`` as people call them: one line a mistake, never a traceback."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from egovframe.cli import main
from egovframe.testing.databases import TEST_SECRET

Run = Callable[..., tuple[int, str, str]]
HEADER = "id,opened,category,department,status,latitude,longitude\n"


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
        lines = [line for line in err.splitlines() if not line.startswith("{")]
        return int(ended.value.code or 0), out, "\n".join(lines)

    return call


@pytest.fixture
def upgraded(run: Run) -> Run:
    """The commands of a city whose roles and case types are written."""
    assert run("db", "upgrade")[0] == 0
    return run


def test_a_catalogue_and_its_rerun(upgraded: Run, tmp_path: Path) -> None:
    file = tmp_path / "services.json"
    file.write_text(json.dumps([{"serviceCode": "Light", "name": "LIGHT OUT", "department": "D1", "slaHours": 4}]))
    assert upgraded("services", "import", file)[:2] == (
        0,
        "Categories: 1 created, 0 updated, 0 unchanged.\nDepartments made: D1\n",
    )
    facts = json.loads(upgraded("services", "import", file, "--json")[1])
    assert facts["unchanged"] == ["Light"]


def test_past_cases_are_taken_over_once_and_findings_are_told_by_line(upgraded: Run, tmp_path: Path) -> None:
    file = tmp_path / "past.csv"
    file.write_text(
        HEADER + "1,2024-05-01 09:00,Light,roads,open,,\n2,nonsense,Light,roads,open,,\n3,2024-05-02,Light,,closed,,\n"
    )
    code, out, _err = upgraded("complaints", "import", file, "--create-missing")
    assert code == 1, "something was not taken"
    assert "Cases: 2 taken over (1 closed, 1 open, 1 overdue), 0 there before." in out
    assert "line 3, 2: not taken: its opening date 'nonsense' cannot be read" in out
    assert "0 taken over, 2 there before" in upgraded("complaints", "import", file, "--create-missing")[1]


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "is empty"), (b"\x00\x01", "is not a text file"), (b"a,b\n1,2\n", "no column was recognised for id")],
)
def test_a_file_that_cannot_be_used_is_one_line(upgraded: Run, tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "past.csv"
    file.write_bytes(content)
    code, out, err = upgraded("complaints", "import", file)
    assert (code, out) == (1, "")
    assert said in err
    assert err.count("\n") == 0


def test_wrong_use_is_exit_code_2(upgraded: Run) -> None:
    assert upgraded("complaints", "import")[0] == 2
    assert upgraded("complaints", "import", "x.csv", "--colour", "red")[0] == 2


class TestOnSqlite:
    """What only a file can show."""

    @pytest.fixture
    def database_address(self, sqlite_templates: object, tmp_path: Path) -> str:
        address: str = sqlite_templates.copy(tmp_path)  # type: ignore[attr-defined]
        return address

    def test_tables_that_somebody_changed_by_hand_are_one_line_too(
        self, upgraded: Run, database_address: str, tmp_path: Path
    ) -> None:
        with sqlite3.connect(database_address.removeprefix("sqlite:///")) as connection:
            connection.execute("ALTER TABLE core_case RENAME COLUMN external_id TO something_else")
        connection.close()
        file = tmp_path / "past.csv"
        file.write_text(HEADER + "1,2024-05-01 09:00,Light,roads,open,,\n")
        code, _out, err = upgraded("complaints", "import", file, "--create-missing")
        assert code == 1
        assert "egovframe db status" in err
        assert "Traceback" not in err
