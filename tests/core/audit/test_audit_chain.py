"""The audit chain: what is written is sealed, and every later change is found by its record."""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import String, event, select, text
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from structlog.contextvars import bound_contextvars

from egovframe.actor import SYSTEM, Actor
from egovframe.core.modules.audit import (
    AuditEntry,
    HeadFile,
    Verdict,
    audit,
    audit_refusal,
    chain_length,
    entries_of,
    pending_count,
    seal,
    snapshot,
    verify,
)
from egovframe.core.modules.privacy import personal
from egovframe.core.persistence import TYPES, Database, Keyring, NestedUnit
from egovframe.testing.databases import tamper

OFFICER = Actor("account", account_id=7, public_id="ab12", name="Kim Minji", on_behalf_of="cd34")


def write(database: Database, count: int = 1, thing: str = "case:1") -> None:
    with database.writing() as session:
        for n in range(count):
            audit(session, OFFICER, "cases:case:answer", thing, before={"state": "open"}, after={"n": n, 10: 1, 9: 2})


def verdict(database: Database, start: int = 1, heads: Path | None = None) -> Verdict:
    with database.reading() as session:
        return verify(session, start, heads=heads)


@pytest.fixture
def chain(database: Database) -> Database:
    write(database, 8)
    assert seal(database) == 8
    return database


def test_an_entry_says_who_what_when_and_in_which_request(database: Database) -> None:
    with bound_contextvars(request_id="r-17"):
        write(database)
    with database.reading() as session:
        (entry,) = entries_of(session, "case:1")
    assert (entry.actor, entry.account_id, entry.on_behalf_of) == ("account:ab12", 7, "cd34")
    assert (entry.action, entry.outcome, entry.request_id) == ("cases:case:answer", "done", "r-17")
    assert (entry.before, entry.after) == ({"state": "open"}, {"n": 0, "10": 1, "9": 2})
    assert entry.at.tzinfo is not None


def test_an_entry_lives_and_dies_with_its_transaction(database: Database) -> None:
    with pytest.raises(ValueError, match="stop"), database.writing() as session:
        audit(session, SYSTEM, "a:b:c", "x:1")
        session.flush()
        raise ValueError("stop")
    with database.reading() as session:
        assert entries_of(session, "x:1") == []
        assert pending_count(session) == 0


def test_sealing_chains_everything_once(database: Database) -> None:
    write(database, 3)
    assert seal(database) == 3
    assert seal(database) == 0
    write(database, 1201)
    assert seal(database) == 1201
    with database.reading() as session:
        assert (chain_length(session), pending_count(session)) == (1204, 0)
    assert verdict(database) == Verdict(True, 1204, length=1204)
    assert verdict(database, start=1200) == Verdict(True, 5, length=1204)


def test_an_empty_chain_verifies(database: Database) -> None:
    assert verdict(database) == Verdict(True, 0)


TAMPERINGS = {
    "edited": (["UPDATE core_audit SET reason = 'x' WHERE id = 5"], "link 5", "changed"),
    "edited with facts": (["UPDATE core_audit SET after = '{}' WHERE id = 3"], "link 3", "changed"),
    "moved in time": (["UPDATE core_audit SET at = '2020-01-01 00:00:00.000000' WHERE id = 2"], "link 2", "changed"),
    "deleted": (["DELETE FROM core_audit WHERE id = 4"], "link 4", "deleted"),
    "deleted with its link": (
        ["DELETE FROM core_audit WHERE id = 4", "DELETE FROM core_audit_seal WHERE audit_id = 4"],
        "link 4",
        "missing",
    ),
    "deleted and links moved up": (
        [
            "DELETE FROM core_audit WHERE id = 4",
            "DELETE FROM core_audit_seal WHERE audit_id = 4",
            *(f"UPDATE core_audit_seal SET n = {n - 1} WHERE n = {n}" for n in range(5, 9)),
            "UPDATE core_audit_head SET n = 7",
        ],
        "link 4",
        "follow",
    ),
    "inserted": (
        [
            "INSERT INTO core_audit (id, at, actor, on_behalf_of, action, thing, outcome, reason, request_id, mac) "
            "VALUES (99, '2026-01-01 00:00:00.000000', 'system', '', 'a:b:c', 'x:1', 'done', '', '', 'f00')"
        ],
        "entry 99",
        "inserted|forged",  # on SQLite what comes after the last sealed entry waits for its own seal
    ),
    "inserted before all others": (
        [
            "INSERT INTO core_audit (id, at, actor, on_behalf_of, action, thing, outcome, reason, request_id, mac) "
            "VALUES (-9, '2026-01-01 00:00:00.000000', 'system', '', 'a:b:c', 'x:1', 'done', '', '', 'f00')"
        ],
        "entry -9",
        "inserted",
    ),
    "unlinked": (["DELETE FROM core_audit_seal WHERE n = 8", "UPDATE core_audit_head SET n = 7"], "head", "last link"),
    "swapped in the links": (
        [
            "UPDATE core_audit_seal SET audit_id = 100 WHERE n = 2",
            "UPDATE core_audit_seal SET audit_id = 2 WHERE n = 3",
            "UPDATE core_audit_seal SET audit_id = 3 WHERE n = 2",
        ],
        "link 2",
        "swapped",
    ),
    "swapped as entries": (
        [
            "UPDATE core_audit SET id = 100 WHERE id = 2",
            "UPDATE core_audit SET id = 2 WHERE id = 3",
            "UPDATE core_audit SET id = 3 WHERE id = 100",
        ],
        "link 2",
        "swapped",
    ),
    "replaced by a copy of another": (
        [
            "UPDATE core_audit SET (mac, at, after, turn) = (SELECT mac, at, after, turn FROM core_audit WHERE id = 1) "
            "WHERE id = 6"
        ],
        "link 6",
        "swapped or replaced",
    ),
    "head set back": (["UPDATE core_audit_head SET n = 6"], "link 7", "behind the head"),
    "head removed": (["DELETE FROM core_audit_head"], "link 1", "behind the head"),
    "head renamed": (["UPDATE core_audit_head SET hash = 'f00'"], "head", "last link"),
}


@pytest.mark.parametrize("kind", TAMPERINGS)
def test_tampering_is_found_by_its_record(chain: Database, kind: str) -> None:
    assert verdict(chain).ok
    statements, record, why = TAMPERINGS[kind]
    tamper(chain, *statements)
    found = verdict(chain)
    assert not found.ok
    assert found.first_bad == record
    assert re.search(why, found.why)


def test_harmless_statements_of_an_administrator_change_nothing(chain: Database) -> None:
    tamper(chain, "UPDATE core_audit SET reason = reason", "DELETE FROM core_audit WHERE id > 1000")
    assert verdict(chain).ok


def test_a_chain_made_with_another_key_does_not_verify(chain: Database) -> None:
    stranger = Database(chain.engine.url.render_as_string(hide_password=False), Keyring(["another-secret" * 4]))
    try:
        assert verdict(stranger).first_bad == "link 1"
    finally:
        stranger.dispose()


def test_what_waits_for_its_seal_too_long_is_found(database: Database) -> None:
    write(database)
    assert verdict(database).ok
    database.clock_offset = timedelta(seconds=61)
    found = verdict(database)
    assert (found.ok, found.first_bad) == (False, "entry 1")
    seal(database)
    assert verdict(database).ok


@pytest.fixture
def heads(database: Database, tmp_path: Path) -> Path:
    database.service(HeadFile).path = tmp_path / "audit" / "heads.jsonl"
    for _ in range(3):
        write(database, 2)
        seal(database)
    return tmp_path / "audit" / "heads.jsonl"


def test_every_batch_exports_a_signed_head(database: Database, heads: Path) -> None:
    assert [json.loads(line)["n"] for line in heads.read_text().splitlines()] == [2, 4, 6]
    assert verdict(database, heads=heads).ok
    assert verdict(database, start=5, heads=heads).ok


CUT = (
    "DELETE FROM core_audit_seal WHERE n > 4",
    "DELETE FROM core_audit WHERE id > 4",
    "DELETE FROM core_audit_index WHERE audit_id > 4",
    "UPDATE core_audit_hour SET last = 4",
    "UPDATE core_audit_head SET n = 4, indexed = 4, timed = 4, hash = (SELECT hash FROM core_audit_seal WHERE n = 4)",
)


def test_a_cut_tail_is_found_by_the_exported_heads_only(database: Database, heads: Path) -> None:
    tamper(database, *CUT)
    assert verdict(database).ok  # no chain sees its own tail cut: this is what the export is for
    found = verdict(database, heads=heads)
    assert (found.ok, found.first_bad) == (False, "link 6")


def test_the_export_may_be_moved_away_at_any_time(database: Database, heads: Path) -> None:
    moved = heads.rename(heads.with_name("heads-1.jsonl"))
    write(database, 2)
    seal(database)
    pieces = {"moved": moved, "new": heads}
    lengths = {name: [json.loads(line)["n"] for line in one.read_text().splitlines()] for name, one in pieces.items()}
    assert lengths == {"moved": [2, 4, 6], "new": [8]}
    for piece in pieces.values():
        assert verdict(database, heads=piece).ok
    tamper(database, *CUT)
    bad = {name: verdict(database, heads=one).first_bad for name, one in pieces.items()}
    assert bad == {"moved": "link 6", "new": "link 8"}  # each piece is held against the chain by itself


@pytest.mark.parametrize(
    ("change", "record"),
    [
        (lambda line: line.replace('"n": 2', '"n": 1'), "head 1"),
        (lambda line: line.replace('"hash": "', '"hash": "0'), "head 2"),
        (lambda line: "{}\n", "head in line 1"),
        (lambda line: "no json\n", "head in line 1"),
    ],
)
def test_a_changed_export_is_found(database: Database, heads: Path, change: Callable[[str], str], record: str) -> None:
    first, *others = heads.read_text().splitlines(keepends=True)
    heads.write_text(change(first) + "".join(others))
    assert verdict(database, heads=heads).first_bad == record


def test_heads_exported_during_a_verification_are_no_alarm(database: Database, heads: Path) -> None:
    """The verification has asked how long the chain is; then it grows, and the file with it."""
    asked: list[str] = []

    def work() -> None:
        write(database, 2)
        seal(database)

    def seal_more(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "FROM core_audit_head" in statement and not asked:
            asked.append(statement)
            worker = threading.Thread(target=work)
            worker.start()
            worker.join()

    event.listen(database.engine, "after_cursor_execute", seal_more)
    found = verdict(database, heads=heads)
    event.remove(database.engine, "after_cursor_execute", seal_more)
    assert [json.loads(line)["n"] for line in heads.read_text().splitlines()] == [2, 4, 6, 8]
    assert (found.ok, found.why, found.length) == (True, "", 6)
    assert verdict(database, heads=heads).length == 8


def test_an_export_cut_short_by_a_crash_is_passed_over(database: Database, heads: Path) -> None:
    with heads.open("a") as file:
        file.write('{"n": 99, "ha')
    assert verdict(database, heads=heads).ok


def test_many_writers_and_two_sealers_make_one_chain(database: Database) -> None:
    done = threading.Event()
    faults: list[BaseException] = []

    def guarded(work: Callable[[], None]) -> threading.Thread:
        def run() -> None:
            try:
                work()
            except Exception as error:  # noqa: BLE001 - any fault in a thread fails the test
                faults.append(error)

        thread = threading.Thread(target=run)
        thread.start()
        return thread

    def writer() -> None:
        for _ in range(15):
            write(database)

    def sealer() -> None:
        while not done.wait(0.01):
            seal(database)

    sealers = [guarded(sealer) for _ in range(2)]
    for thread in [guarded(writer) for _ in range(8)]:
        thread.join()
    done.set()
    for thread in sealers:
        thread.join()
    seal(database)
    assert faults == []
    assert verdict(database) == Verdict(True, 120, length=120)


def test_a_refusal_is_recorded_in_a_unit_of_its_own(database: Database) -> None:
    with database.reading():
        audit_refusal(database, OFFICER, "cases:case:read", "case:9", reason="not in your district")
    with database.reading() as session:
        (entry,) = entries_of(session, "case:9")
    assert (entry.outcome, entry.reason) == ("refused", "not in your district")
    with database.writing(), pytest.raises(NestedUnit):
        audit_refusal(database, OFFICER, "cases:case:read", "case:9")


class Base(DeclarativeBase):
    type_annotation_map = TYPES


class Person(Base):
    __tablename__ = "person"
    id: Mapped[int] = mapped_column(primary_key=True)
    role: Mapped[str]
    email: Mapped[str] = personal(String(50), purpose="contact", retention="account", subject="id")


def test_a_snapshot_names_personal_values_without_copying_them() -> None:
    row = Person(id=1, role="officer", email="kim@city.example")
    assert snapshot(row, "role", "email") == {"role": "officer", "email": {"personal": "person.email"}}


def test_entries_read_back_have_the_code_they_were_written_with(database: Database) -> None:
    facts = {"float": 0.1, "big": 2**60, "text": "한글 \u202e x", "none": None, "list": [1, (2, 3)], "set": {4}}
    with database.writing() as session:
        audit(session, OFFICER, "a:b:c", "x:1", after=facts, reason="grund" * 300)
    seal(database)
    assert verdict(database).ok
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry)).one()
        assert entry.after["list"] == [1, [2, 3]]
        assert len(entry.reason) == 1000
        assert session.execute(text("SELECT count(*) FROM core_audit_seal")).scalar_one() == 1
