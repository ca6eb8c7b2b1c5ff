"""The database refuses to change the record; sealers may die at any moment and come in numbers."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from egovframe.actor import SYSTEM
from egovframe.core.migrations import CORE
from egovframe.core.modules.audit import (
    Verdict,
    audit,
    chain_length,
    entries_of,
    pending_count,
    seal,
    verify,
    verifying,
)
from egovframe.core.persistence import Database, Migrations
from egovframe.errors import EgovError
from egovframe.testing.databases import TEST_SECRET, opened, tamper
from egovframe.testing.schema import installed_sources

OPEN = (
    "import os, signal, sys\n"
    "from sqlalchemy import event\n"
    "from egovframe.actor import SYSTEM\n"
    "from egovframe.core.modules.audit import audit, seal, HeadFile\n"
    "from egovframe.core.modules.audit import sealing\n"
    "from egovframe.core.persistence import Database, Keyring\n"
    "database = Database(sys.argv[1], Keyring([sys.argv[2]]))\n"
)
WRITER = OPEN + (
    "for n in range(15):\n"
    "    with database.writing() as session:\n"
    "        for part in range(1 + n % 3):\n"
    "            audit(session, SYSTEM, 'a:b:c', f'x:{os.getpid()}:{n}')\n"
    "print(sum(1 + n % 3 for n in range(15)))\n"
)
SEALER = OPEN + "print('ready', flush=True)\nwhile True:\n    seal(database)\n"
STEP = OPEN + (
    "left = int(sys.argv[3])\n"
    "def count(*_event):\n"
    "    global left\n"
    "    left -= 1\n"
    "    if left < 0:\n"
    "        os.kill(os.getpid(), signal.SIGKILL)\n"
    "event.listen(database.engine, 'before_cursor_execute', count)\n"
    "event.listen(database.engine, 'commit', count)\n"
    "database.service(HeadFile).path = __import__('pathlib').Path(sys.argv[4])\n"
    "export = sealing.export_head\n"
    "sealing.export_head = lambda head, path: (count(), export(head, path))\n"
    "seal(database)\n"
)
REFUSED = [
    "UPDATE core_audit SET reason = 'x' WHERE id = 2",
    "DELETE FROM core_audit WHERE id = 2",
    "UPDATE core_audit_seal SET hash = 'f00' WHERE n = 1",
    "DELETE FROM core_audit_seal WHERE n = 3",
    "DELETE FROM core_audit_pending WHERE audit_id = 4",
    "UPDATE core_audit_pending SET audit_id = 2 WHERE audit_id = 4",
    "UPDATE core_audit_head SET n = 1",
    "DELETE FROM core_audit_head",
    "UPDATE core_audit_index SET value = 'x:9' WHERE audit_id = 1 AND kind = 'thing'",
    "DELETE FROM core_audit_index WHERE audit_id = 1",
    "UPDATE core_audit_hour SET first = first + 1",
    "UPDATE core_audit_hour SET last = last - 1",
    "UPDATE core_audit_hour SET hour = '2020-01-01 00'",
    "DELETE FROM core_audit_hour",
    "UPDATE core_audit_day SET n = 1",
    "DELETE FROM core_audit_day",
]


def address(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)


def verdict(database: Database) -> Verdict:
    with database.reading() as session:
        return verify(session)


def write(database: Database, count: int = 1) -> None:
    for n in range(count):
        with database.writing() as session:
            audit(session, SYSTEM, "a:b:c", f"x:{n}")


@pytest.fixture
def chain(database: Database) -> Database:
    """Three sealed entries and one that waits."""
    write(database, 3)
    seal(database)
    write(database)
    with database.writing() as session:
        session.execute(text("INSERT INTO core_audit_day VALUES ('2020-01-01', 1, 'x', 'x', 'x')"))
    return database


@pytest.mark.parametrize("statement", REFUSED)
def test_the_database_itself_refuses_to_change_the_record(chain: Database, statement: str) -> None:
    with pytest.raises((DBAPIError, EgovError), match="insert-only"), chain.writing() as session:
        session.execute(text(statement))


@pytest.mark.parametrize(
    "table",
    ["core_audit", "core_audit_index", "core_audit_hour", "core_audit_seal", "core_audit_pending", "core_audit_day"],
)
def test_postgresql_refuses_truncate_too(chain: Database, table: str) -> None:
    if chain.dialect == "sqlite":
        pytest.skip("SQLite has no TRUNCATE; its DELETE is refused above")
    with pytest.raises((DBAPIError, EgovError), match=r"insert-only|foreign key"), chain.writing() as session:
        session.execute(text(f"TRUNCATE {table}"))


@pytest.mark.parametrize("statement", REFUSED)
def test_without_the_guards_the_statement_would_have_done_it(chain: Database, statement: str) -> None:
    if chain.dialect == "sqlite" and "core_audit_pending" in statement:
        pytest.skip("SQLite keeps no marks: what waits is what comes after the last sealed entry")
    tamper(chain, statement)


def test_sealing_gives_up_marks_and_the_head_goes_on(chain: Database) -> None:
    assert seal(chain) == 1
    with chain.reading() as session:
        assert (chain_length(session), pending_count(session)) == (4, 0)


def test_the_guards_come_and_go_with_their_revision_and_entries_of_both_kinds_verify(database: Database) -> None:
    write(database, 2)
    seal(database)
    migrations = Migrations(database, installed_sources())
    names = [revision.name for revision in CORE.line]
    before = names[names.index("0007_audit_guard") - 1]
    migrations.downgrade("core", before)
    with database.writing() as session:  # no guard any more: the statement goes through
        session.execute(text("UPDATE core_audit_head SET n = 1"))
        session.execute(text("UPDATE core_audit_head SET n = 2"))
    migrations.upgrade()
    with pytest.raises((DBAPIError, EgovError), match="insert-only"), database.writing() as session:
        session.execute(text("UPDATE core_audit_head SET n = 1"))


def test_an_entry_from_before_the_counting_still_verifies(database: Database) -> None:
    from dataclasses import replace
    from datetime import UTC, datetime

    from egovframe.core.modules.audit.codes import mac_of
    from egovframe.core.modules.audit.writing import Entry, insert_entries

    old = Entry(datetime.now(UTC), "system", None, "", "a:b:c", "x:1", "done", None, '{"n":1}', "", "")
    with database.writing() as session:
        insert_entries(session, [replace(old, mac=mac_of(database.keyring, old))])
    write(database)
    assert seal(database) == 2
    assert verdict(database) == Verdict(True, 2, length=2)


def test_what_a_savepoint_undoes_leaves_no_entry(database: Database) -> None:
    with database.writing() as session:
        audit(session, SYSTEM, "a:b:c", "x:kept")
        with pytest.raises(ValueError, match="stop"), session.begin_nested():
            audit(session, SYSTEM, "a:b:c", "x:outer")
            with session.begin_nested():
                audit(session, SYSTEM, "a:b:c", "x:inner")
            raise ValueError("stop")
        with session.begin_nested():
            audit(session, SYSTEM, "a:b:c", "x:also")
    with database.reading() as session:
        kept = [len(entries_of(session, thing)) for thing in ("x:kept", "x:outer", "x:inner", "x:also")]
    assert kept == [1, 0, 0, 1]
    seal(database)
    assert verdict(database).ok


def test_a_commit_that_fails_leaves_no_gap_in_the_count(database: Database) -> None:
    write(database, 2)
    with pytest.raises(DBAPIError), database.writing() as session:
        audit(session, SYSTEM, "a:b:c", "x:lost")
        session.execute(text("INSERT INTO core_audit_pending (audit_id) VALUES (99999)"))
        if database.dialect == "sqlite":
            session.execute(text("PRAGMA defer_foreign_keys=ON"))
    write(database, 2)
    seal(database)
    assert verdict(database) == Verdict(True, 4, length=4)


def test_an_entry_in_a_reading_unit_is_refused(database: Database) -> None:
    with database.reading() as session, pytest.raises(RuntimeError, match="writing unit"):
        audit(session, SYSTEM, "a:b:c", "x:1")


@pytest.mark.parametrize(
    ("facts", "words"), [({"x": "가" * 6000}, "16384 bytes"), ({"x": float("nan")}, "JSON compliant")]
)
def test_facts_that_cannot_be_kept_are_refused_where_they_are_given(
    database: Database, facts: dict[str, object], words: str
) -> None:
    with pytest.raises(ValueError, match=words), database.writing() as session:
        audit(session, SYSTEM, "a:b:c", "x:1", after=facts)


@pytest.fixture
def sealers(database: Database) -> Iterator[list[subprocess.Popen[str]]]:
    command = [sys.executable, "-c", SEALER, address(database), TEST_SECRET]
    started = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    yield started
    for each in started:
        each.kill()
        each.communicate()


def test_writers_and_sealers_of_several_processes_make_one_chain(
    database: Database, sealers: list[subprocess.Popen[str]]
) -> None:
    for each in sealers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    command = [sys.executable, "-c", WRITER, address(database), TEST_SECRET]
    writers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(3)]
    while any(writer.poll() is None for writer in writers):  # somebody looks while all are at work
        assert verdict(database).ok
    written = sum(int(writer.communicate(timeout=60)[0]) for writer in writers)
    for each in sealers:
        each.kill()  # wherever they are
        each.wait()
    seal(database)
    assert verdict(database) == Verdict(True, written, length=written)


def test_a_sealer_killed_between_any_two_steps_leaves_its_batch_to_the_next(
    database: Database, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine so many processes take longer than an entry may wait.
    monkeypatch.setattr(verifying, "UNSEALED_FOR", timedelta(hours=1))
    write(database, 4)
    heads = tmp_path_factory.mktemp("heads") / "heads.jsonl"
    killed = 0
    for step in range(40):
        done = subprocess.run(
            [sys.executable, "-c", STEP, address(database), TEST_SECRET, str(step), str(heads)], check=False
        )
        with opened(address(database)) as fresh:
            assert verdict(fresh).ok, step
            with fresh.reading() as session:
                assert (chain_length(session), pending_count(session)) in {(0, 4), (4, 0)}, step
        if done.returncode == 0:
            break
        killed += 1
    assert done.returncode == 0
    assert killed >= 6
    seal(database)
    assert verdict(database) == Verdict(True, 4, length=4)
