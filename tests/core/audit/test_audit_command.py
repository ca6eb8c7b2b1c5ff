"""``egovframe audit verify``: exit code, words and JSON; ``egovframe worker --once`` seals."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from egovframe.actor import SYSTEM
from egovframe.cli import main
from egovframe.core.modules.audit import (
    SignedHead,
    audit,
    csv_cell,
    csv_value,
    entries_of,
    last_check,
    pending_count,
    publish_daily_head,
    seal,
    verify,
)
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


def sealed(base: Database) -> None:
    seal(base)
    publish_daily_head(base)


def test_heads_kept_elsewhere_show_a_cut_tail(
    base: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    assert call("audit", "heads") == 0
    assert "no head has been published yet" in capsys.readouterr().out
    sealed(base)
    kept = tmp_path / "kept.jsonl"
    assert call("audit", "heads", "--export", str(kept), "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert [json.loads(line) for line in kept.read_text().splitlines()] == facts["heads"]
    assert SignedHead(**facts["heads"][0]).holds(facts["public_key"])
    assert call("audit", "verify", "--heads", str(kept)) == 0
    length = facts["heads"][0]["n"]
    tamper(
        base,
        f"DELETE FROM core_audit_seal WHERE n = {length}",
        f"DELETE FROM core_audit WHERE id = {length}",
        f"DELETE FROM core_audit_index WHERE audit_id = {length}",
        f"UPDATE core_audit_hour SET last = {length - 1}",
        f"UPDATE core_audit_head SET n = {length - 1}, indexed = {length - 1}, timed = {length - 1}, "
        f"hash = (SELECT hash FROM core_audit_seal WHERE n = {length - 1})",
        "DELETE FROM core_audit_day",
    )
    assert call("audit", "verify") == 0
    assert call("audit", "verify", "--heads", str(kept)) == 1
    assert "cut off" in capsys.readouterr().out


def test_verify_keeps_its_outcome_and_tells_how_far_it_is(base: Database, capsys: pytest.CaptureFixture[str]) -> None:
    with base.writing() as session:
        for n in range(2500):
            audit(session, SYSTEM, "a:b:c", f"x:{n}")
    seal(base)
    told: list[int] = []
    with base.reading() as session:
        assert verify(session, progress=told.append).ok
    assert told[:2] == [1000, 2000]
    assert call("audit", "verify", "--from", "2") == 0
    with base.reading() as session:
        assert last_check(session) is None  # part of a chain proves nothing about the whole
    assert call("audit", "verify") == 0
    with base.reading() as session:
        found = last_check(session)
    assert found is not None
    assert (found.ok, found.asked_by) == (True, "system:operator")


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_an_export_is_signed_recorded_and_checked(
    base: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path, form: str
) -> None:
    with base.writing() as session:
        for n in range(1203):
            audit(session, SYSTEM, "cells:cell:put", f"cell:{n}", reason="+" * (n % 2))
    sealed(base)
    file = tmp_path / f"record.{form}"
    narrow = ["--thing", "cell:", "--from", "2020-01-01", "--to", "2099-01-01", "--actor", "system"]
    assert call("audit", "export", *narrow, "--json", str(file)) == 0
    manifest = json.loads(capsys.readouterr().out)
    assert manifest["rows"] == 1203
    text = file.read_bytes().decode("utf-8-sig")
    if form == "csv":
        lines = list(csv.DictReader(io.StringIO(text)))
        assert [csv_value(line["reason"]) for line in lines] == ["+" * (n % 2) for n in range(1203)]
        assert not any(line["reason"].startswith("+") for line in lines)
    else:
        assert [json.loads(line)["thing"] for line in text.splitlines()] == [f"cell:{n}" for n in range(1203)]
    with base.reading() as session:
        entry = entries_of(session, "audit:record")[0]
    assert entry.actor == "system:operator"
    assert entry.after["sha256"] == manifest["sha256"]
    assert call("audit", "check-export", str(file)) == 0
    assert call("audit", "check-export", str(file), "--key", manifest["public_key"]) == 0
    file.write_text(text.replace("cell:7", "cell:8", 1))
    assert call("audit", "check-export", str(file)) == 1


def test_a_narrower_export_holds_less(base: Database, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for narrow, count in [(["--actor", "anonymous"], 0), (["--to", "2020-01-01"], 0), (["--thing", "x:1"], 1)]:
        assert call("audit", "export", *narrow, "--json", str(tmp_path / "part.jsonl")) == 0
        assert json.loads(capsys.readouterr().out)["rows"] == count
    assert call("audit", "export", str(tmp_path / "part.xls")) == 2


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'x", "'=x", "x", "", "x=1"])
def test_cells_are_harmless_and_recoverable(text: str) -> None:
    cell = csv_cell(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert csv_value(cell) == text
