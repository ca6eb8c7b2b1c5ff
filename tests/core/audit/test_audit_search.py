"""What is found in the record: at once, when it is sealed, when it is common, and after the index was changed."""

from __future__ import annotations

import itertools
import json
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import inspect, select, text

from egovframe.actor import SYSTEM, Actor
from egovframe.core.migrations import CORE
from egovframe.core.modules.audit import (
    AuditEntry,
    AuditFilter,
    audit,
    entries_of,
    known_actions,
    pending_count,
    queries,
    seal,
    verify,
)
from egovframe.core.modules.audit.codes import canonical
from egovframe.core.modules.audit.queries import search_entries
from egovframe.core.persistence import Database, Migrations
from egovframe.errors import BadRequest
from egovframe.testing.databases import tamper
from egovframe.testing.queries import count_queries
from egovframe.testing.schema import installed_sources

CLERK = Actor("account", account_id=7, public_id="ab12cd34ef56gh78")
ASKED = [
    (AuditFilter(thing="case:1"), 2),
    (AuditFilter(thing="case:"), 4),
    (AuditFilter(thing="case:11"), 1),
    (AuditFilter(thing="cas"), 0),
    (AuditFilter(action="cases:case:close"), 1),
    (AuditFilter(action="cases:"), 4),
    (AuditFilter(actor="ab12cd34ef56gh78"), 3),
    (AuditFilter(actor="account:ab12cd34ef56gh78"), 3),
    (AuditFilter(actor="system"), 2),
    (AuditFilter(actor="system", thing="case:", action="cases:"), 1),
    (AuditFilter(actor="anonymous"), 0),
    (AuditFilter(), 5),
]


@pytest.fixture
def record(database: Database) -> Database:
    """Five entries, none sealed."""
    with database.writing() as session:
        audit(session, CLERK, "cases:case:answer", "case:1")
        audit(session, CLERK, "cases:case:close", "case:1")
        audit(session, CLERK, "cases:case:answer", "case:11")
        audit(session, SYSTEM, "cases:case:remind", "case:2")
        audit(session, SYSTEM, "codes:code:add", "code:lamps/7")
    return database


def found(database: Database) -> list[int]:
    with database.reading() as session:
        return [len(search_entries(session, narrow).items) for narrow, _count in ASKED]


INDEXED = "SELECT audit_id FROM core_audit_index WHERE kind = 'thing' AND value = 'case:1'"
COUNTS = [count for _narrow, count in ASKED]


def test_what_waits_for_its_seal_is_found_as_what_is_sealed(record: Database) -> None:
    assert found(record) == COUNTS
    assert seal(record) == 5
    assert found(record) == COUNTS
    with record.writing() as session:
        audit(session, CLERK, "cases:case:answer", "case:1")
    with record.reading() as session:
        assert [entry.action for entry in entries_of(session, "case:1")] == [
            "cases:case:answer",
            "cases:case:close",
            "cases:case:answer",
        ]


@pytest.mark.parametrize("often", [1, 2, 1000])
def test_what_is_common_is_found_as_what_is_rare(record: Database, monkeypatch: pytest.MonkeyPatch, often: int) -> None:
    monkeypatch.setattr(queries, "OFTEN", often)
    seal(record)
    assert found(record) == COUNTS


def test_every_action_is_known_sealed_or_not(record: Database) -> None:
    expected = ["cases:case:answer", "cases:case:close", "cases:case:remind", "codes:code:add"]
    with record.reading() as session:
        assert known_actions(session) == expected
    seal(record)
    with record.writing() as session:
        audit(session, SYSTEM, "areas:area:add", "area:1")
    with record.reading() as session:
        assert known_actions(session) == ["areas:area:add", *expected]


def test_a_rare_thing_is_looked_up_in_the_index_and_not_walked_to(record: Database) -> None:
    seal(record)
    with record.reading() as session, count_queries(record) as seen:
        entries_of(session, "case:1")
        if record.dialect == "sqlite":  # PostgreSQL walks through so few rows whatever their index
            (plan,) = session.execute(text(f"EXPLAIN QUERY PLAN {INDEXED}")).all()
            assert "SEARCH core_audit_index USING PRIMARY KEY" in plan[3]
    assert len([statement for statement in seen if "core_audit_index" in statement]) == 2 + (record.dialect == "sqlite")


def test_rows_forged_into_the_index_show_nothing_and_are_found(record: Database) -> None:
    seal(record)
    with record.reading() as session:
        assert verify(session).ok
    tamper(record, "INSERT INTO core_audit_index (kind, value, audit_id) VALUES ('thing', 'case:1', 5)")
    assert found(record) == COUNTS
    with record.reading() as session:
        verdict = verify(session)
    assert (verdict.ok, verdict.first_bad) == (False, "index")


@pytest.mark.parametrize("kind", ["actor", "action", "thing"])
def test_an_entry_hidden_from_the_search_is_found_by_the_verification(record: Database, kind: str) -> None:
    seal(record)
    tamper(record, f"DELETE FROM core_audit_index WHERE kind = '{kind}' AND audit_id = 2")
    with record.reading() as session:
        verdict = verify(session)
    assert (verdict.ok, verdict.first_bad, kind in verdict.why) == (False, "link 2", True)


def test_what_older_software_sealed_is_indexed_with_the_next_seal(record: Database) -> None:
    seal(record)
    with record.writing() as session:
        audit(session, SYSTEM, "x:y:z", "x:1")
    tamper(
        record,
        "DELETE FROM core_audit_index WHERE audit_id > 3",
        "UPDATE core_audit_hour SET last = 3",
        "UPDATE core_audit_head SET indexed = 3, timed = 3",
    )
    with record.reading() as session:
        assert entries_of(session, "case:2") == []  # negative control: the search lives by the index
    assert seal(record) == 1
    with record.reading() as session:
        assert [len(entries_of(session, thing)) for thing in ("case:2", "code:lamps/7", "x:1")] == [1, 1, 1]
        assert verify(session).ok


@pytest.fixture
def days(database: Database) -> list[datetime]:
    """Entries at instants hours apart, late ones numbered before early ones too; the last three are not sealed."""
    begun = database.now().replace(minute=30)
    at = [begun + timedelta(hours=hours) for hours in (0, 1, 1, 5, 4, 30, 3, 31, 2)]
    for number, instant in enumerate(at):
        if number == len(at) - 3:
            seal(database)
        database.clock_offset += instant - database.now()
        with database.writing() as session:
            audit(session, SYSTEM, "a:b:c", f"x:{number}")
    return at


def test_a_search_by_days_finds_each_entry_of_them_and_no_other(database: Database, days: list[datetime]) -> None:
    with database.reading() as session:
        kept = {entry.thing: entry.at for entry in session.scalars(select(AuditEntry))}
    edges = [None, min(days) - timedelta(days=9), *kept.values(), *(at + timedelta(minutes=7) for at in days)]
    for sealed in (False, True):
        if sealed:
            assert seal(database) == 3
        for since, until in itertools.product(edges, edges):
            with database.reading() as session:
                found = search_entries(session, AuditFilter(since=since, until=until)).items
            due = {x for x, at in kept.items() if (since is None or at >= since) and (until is None or at < until)}
            assert {entry.thing for entry in found} == due, (since, until)
            assert [entry.id for entry in found] == sorted((entry.id for entry in found), reverse=True)


def test_a_search_by_days_looks_only_where_their_entries_are(database: Database, days: list[datetime]) -> None:
    seal(database)
    tamper(
        database, "UPDATE core_audit_hour SET first = 4, last = 4 WHERE hour = (SELECT min(hour) FROM core_audit_hour)"
    )
    since, until = min(days) - timedelta(hours=1), min(days) + timedelta(minutes=20)
    with database.reading() as session:
        assert search_entries(session, AuditFilter(since=since, until=until)).items == []  # it lives by the hours
        verdict = verify(session)
    assert (verdict.ok, verdict.first_bad) == (False, f"hour {min(days):%Y-%m-%d %H}")


def test_pages_of_the_record_follow_each_other_without_gap_or_repeat(record: Database) -> None:
    with record.reading() as session:
        first = search_entries(session, AuditFilter(), page_size=2)
        second = search_entries(session, AuditFilter(), cursor=first.next_cursor, page_size=2)
        third = search_entries(session, AuditFilter(), cursor=second.next_cursor, page_size=2)
    assert [entry.id for page in (first, second, third) for entry in page.items] == [5, 4, 3, 2, 1]
    assert third.next_cursor is None


@pytest.mark.parametrize("cursor", ["x", "-1", "1.5", "١", "9" * 30, "WyIyMDI2Il0"])
def test_a_cursor_of_somebody_else_is_refused(record: Database, cursor: str) -> None:
    with record.reading() as session, pytest.raises(BadRequest, match="not one of ours"):
        search_entries(session, AuditFilter(), cursor=cursor)


def test_the_revision_indexes_what_was_there_and_leaves_nothing_behind(record: Database) -> None:
    seal(record)
    with record.writing() as session:
        audit(session, CLERK, "cases:case:reopen", "case:1")
    migrations = Migrations(record, installed_sources())
    names = [revision.name for revision in CORE.line]
    for _turn in range(2):
        migrations.downgrade("core", names[names.index("0009_audit_index") - 1])
        assert "core_audit_index" not in inspect(record.engine).get_table_names()
        migrations.upgrade()
        assert found(record)[0] == 3
        with record.reading() as session:
            assert verify(session).ok


def test_what_waits_goes_through_the_revision_of_the_hours_and_back(record: Database) -> None:
    seal(record)
    with record.writing() as session:
        audit(session, CLERK, "cases:case:reopen", "case:1")
    migrations = Migrations(record, installed_sources())
    names = [revision.name for revision in CORE.line]
    for _turn in range(2):
        migrations.downgrade("core", names[names.index("0011_audit_hours") - 1])
        with record.reading() as session:
            assert pending_count(session) == 1
        migrations.upgrade()
        with record.reading() as session:
            assert pending_count(session) == 1
            assert verify(session).ok
    assert seal(record) == 1
    with record.reading() as session:
        assert (verify(session).ok, pending_count(session)) == (True, 0)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)


@given(JSON)
def test_the_one_spelling_is_that_of_json(value: object) -> None:
    expected = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    assert canonical(value) == expected
    assert canonical(json.loads(expected)) == expected


@pytest.mark.parametrize("value", [float("nan"), float("inf"), [float("-inf")], {"a": float("nan")}])
def test_what_json_cannot_say_is_refused(value: object) -> None:
    with pytest.raises(ValueError, match="JSON compliant"):
        canonical(value)


def test_what_json_does_not_know_becomes_text() -> None:
    assert canonical({2: "b", "1": (1, {3})}) == '{"1":[1,[3]],"2":"b"}'
    assert canonical([date(2026, 1, 2)]) == '["2026-01-02"]'
