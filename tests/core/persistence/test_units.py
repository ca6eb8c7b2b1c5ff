"""Units of work: what commits, what rolls back, what is refused."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, text, update
from sqlalchemy.orm import Session

from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.persistence import Database, NestedUnit, moment, now, unit_of


def test_writing_inside_writing_is_refused(database: Database) -> None:
    with database.writing(), pytest.raises(NestedUnit), database.writing():
        pass


def test_reading_inside_writing_joins_it(database: Database) -> None:
    with database.writing() as outer, database.reading() as inner:
        assert inner is outer


def test_after_commit_runs_only_when_committed(database: Database) -> None:
    ran: list[str] = []
    with database.writing() as session:
        unit_of(session).after_commit(lambda: ran.append("committed"))
        assert ran == []
    with pytest.raises(ValueError, match="stop"), database.writing() as session:
        unit_of(session).after_commit(lambda: ran.append("rolled back"))
        raise ValueError("stop")
    assert ran == ["committed"]


def test_the_clock_is_aware_and_moves_inside_a_unit(database: Database) -> None:
    with database.writing() as session:
        first = now(session)
        session.execute(text("SELECT 1"))
        assert first.tzinfo is not None
        assert now(session) > first


@pytest.mark.parametrize("mode", ["reading", "writing"])
def test_the_clock_goes_on_while_a_unit_waits(database: Database, mode: str) -> None:
    with getattr(database, mode)() as session:
        first = now(session)
        threading.Event().wait(0.2)
        then = now(session)
    assert then - first >= timedelta(seconds=0.2)
    assert timedelta(0) <= database.now() - then < timedelta(seconds=2)


def test_what_one_unit_writes_is_never_in_the_future_of_the_next(database: Database) -> None:
    for _ in range(20):
        with database.writing() as session:
            now(session)
            written = now(session)
        with database.reading() as session:
            now(session)
            assert now(session) >= written


def test_a_reading_unit_asks_for_the_time_at_most_once(database: Database) -> None:
    asked: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        asked.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    with database.reading() as session:
        times = [now(session) for _ in range(5)]
    assert times == sorted(times)
    assert asked.count("SELECT clock_timestamp()") == (0 if database.dialect == "sqlite" else 1)


def test_the_moment_of_a_change_is_the_instant_last_read_in_it(database: Database) -> None:
    with database.writing() as session:
        first = moment(session)
        assert moment(session) == first
        later = now(session)
        assert later > first
        assert moment(session) == later
    with database.writing() as session:
        assert moment(session) > later


def test_what_a_reading_unit_writes_past_the_orm_is_undone(database: Database) -> None:
    statements = [
        text("UPDATE core_setting SET value = '1'"),
        update(StoredSetting).values(value=1),
        text("WITH gone AS (DELETE FROM core_setting RETURNING key) SELECT * FROM gone"),
    ]
    with database.writing() as session:
        session.add(StoredSetting(key="t.kept", value=0, changed_at=now(session), changed_by="system"))
    for statement in statements if database.dialect == "postgresql" else statements[:2]:
        with database.reading() as session:
            session.execute(statement)
        with database.reading() as session:
            assert session.scalars(select(StoredSetting.value)).all() == [0]


def test_a_reading_unit_may_fetch_piece_by_piece_and_undo_to_a_savepoint(database: Database) -> None:
    numbers = text("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 2500) SELECT i FROM n")
    for _ in range(2):  # the connection is as good as new for the second
        with database.reading() as session:
            pieces = session.execute(numbers, execution_options={"yield_per": 100}).scalars()
            assert next(iter(pieces)) == 1
            assert sum(1 for _number in pieces) == 2499
        with database.reading() as session, session.begin_nested() as savepoint:
            session.execute(text("SELECT 1"))
            savepoint.rollback()


def test_the_clock_of_a_change_goes_with_the_database_while_it_waits(database: Database) -> None:
    """A deadline is compared with the time after a lock was waited for, though nobody asks the server again."""
    with database.writing() as session:
        first = now(session)
        if database.dialect == "postgresql":
            session.execute(text("SELECT pg_sleep(0.2)"))
            said = session.scalar(text("SELECT clock_timestamp()"))
            assert abs(now(session) - said) < timedelta(seconds=1)
            assert now(session) - first > timedelta(milliseconds=190)


def test_on_postgresql_a_reading_unit_holds_no_transaction(database: Database) -> None:
    if database.dialect == "sqlite":
        pytest.skip("SQLite reads in a transaction of the file")
    with database.reading() as session:
        session.scalars(select(StoredSetting.key)).all()
        assert _status(session) == "IDLE"
    with database.writing() as session:
        session.scalars(select(StoredSetting.key)).all()
        assert _status(session) == "INTRANS"


def _status(session: Session) -> str:
    driven: Any = session.connection().connection.driver_connection
    return str(driven.info.transaction_status.name)
