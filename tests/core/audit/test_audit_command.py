"""``egovframe audit verify``: exit code, words and JSON; ``egovframe worker --once`` seals."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from egovframe.actor import SYSTEM
from egovframe.cli import main
from egovframe.core.modules.audit import audit, pending_count
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.databases import TEST_SECRET, tamper


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def base(app: Flask, city_folder: Path, database_address: str, monkeypatch: pytest.MonkeyPatch) -> Database:
    """The database of a city whose folder the command line stands in, with three entries."""
    with (city_folder / "egovframe.toml").open("a", encoding="utf-8") as file:
        file.write('[plugins]\ndisabled = ["civic_participation"]\n')
    monkeypatch.chdir(city_folder)
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", TEST_SECRET)
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", database_address)
    database = runtime(app).database
    with database.writing() as session:
        for n in range(3):
            audit(session, SYSTEM, "a:b:c", f"x:{n}")
    return database


def call(*arguments: str) -> int:
    with pytest.raises(SystemExit) as left:
        main(list(arguments))
    return int(left.value.code or 0)


def test_the_worker_seals_and_the_chain_verifies_until_it_is_changed(
    base: Database, capsys: pytest.CaptureFixture[str]
) -> None:
    assert call("worker", "--once") == 0
    with base.reading() as session:
        assert pending_count(session) == 0
    assert Path("data/audit/heads.jsonl").exists()
    capsys.readouterr()
    assert call("audit", "verify") == 0
    assert "all " in capsys.readouterr().out
    assert call("audit", "verify", "--from", "2", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["ok"] is True
    assert facts["checked"] == facts["length"] - 1
    tamper(base, "UPDATE core_audit SET reason = 'x' WHERE thing = 'x:1'")
    assert call("audit", "verify", "--json") == 1
    facts = json.loads(capsys.readouterr().out)
    assert facts["first_bad"].startswith("link ")
    assert "changed" in facts["why"]


@pytest.mark.parametrize("arguments", [("audit", "verify", "--from", "0"), ("worker", "--queue", "nope")])
def test_wrong_use_is_2(arguments: tuple[str, ...]) -> None:
    assert call(*arguments) == 2
