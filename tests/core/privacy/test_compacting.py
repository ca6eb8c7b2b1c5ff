"""After an erasure the write-ahead log is shortened; while somebody reads older pages the job comes back quietly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from core.privacy.planted import plant
from sqlalchemy import select
from structlog.testing import capture_logs

from egovframe.core.modules.jobs import Worker, enqueue
from egovframe.core.modules.jobs.models import Job
from egovframe.core.modules.privacy.hooks import compact
from egovframe.core.modules.privacy.services.erasing import COMPACT
from egovframe.core.persistence import Database


def shorten(database: Database, attempts: int) -> list[tuple[str, str]]:
    """Run the job once and return what was logged of it: (level, event)."""
    with database.writing() as session:
        enqueue(session, COMPACT, {}, queue="outside", max_attempts=attempts)
    with capture_logs() as logs:
        Worker(database, {COMPACT: compact}).run_pending()
    return [(entry["log_level"], entry["event"]) for entry in logs if entry.get("name") == COMPACT]


@pytest.fixture
def read_by_somebody(database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Database]:
    """A database of whose file somebody reads older pages than the newest."""
    plant(database)
    if database.file is None:  # PostgreSQL keeps no such pages
        monkeypatch.setattr("egovframe.core.modules.privacy.hooks.truncate_log", lambda _database: False)
        yield database
        return
    monkeypatch.setattr("egovframe.core.persistence.compacting.PATIENCE", 0.01)
    with closing(sqlite3.connect(database.file)) as reader:
        reader.execute("BEGIN")
        reader.execute("SELECT count(*) FROM planted_caller").fetchall()
        yield database


def test_while_somebody_reads_it_is_put_off_and_no_error(read_by_somebody: Database) -> None:
    assert shorten(read_by_somebody, 3) == [("info", "job_postponed")]
    with read_by_somebody.reading() as session:
        assert session.execute(select(Job.state, Job.attempts, Job.last_error)).one() == ("ready", 1, "Postponed")


def test_the_last_attempt_is_an_error(read_by_somebody: Database) -> None:
    assert shorten(read_by_somebody, 1) == [("error", "job_failed")]


def test_with_nobody_reading_it_is_done(database: Database) -> None:
    plant(database)
    assert shorten(database, 3) == []
    with database.reading() as session:
        assert session.scalars(select(Job)).all() == []
