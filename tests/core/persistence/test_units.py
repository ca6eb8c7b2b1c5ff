"""Units of work: what commits, what rolls back, what is refused."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from egovframe.core.persistence import Database, NestedUnit, now, unit_of


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
