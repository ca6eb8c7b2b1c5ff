"""Units of work: the only place where a transaction begins and commits.

``reading()`` gives a session that cannot write; ``writing()`` gives one that commits at the end of the block and rolls
back on any exception. A reading unit inside another unit of the same thread joins it. A writing unit inside a writing
unit is refused: two transactions would commit what was meant as one (and deadlock on SQLite). A writing unit inside a
reading unit is a transaction of its own, for records that must outlive the reader (refusals, "who looked").
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.persistence.clock import CountedClock
from egovframe.core.persistence.engine import WRITING, open_engine, sqlite_path
from egovframe.core.persistence.errands import Errand, present_errand
from egovframe.core.persistence.faults import DatabaseFault, translated_faults
from egovframe.core.persistence.keyring import Keyring
from egovframe.core.persistence.locks import REQUEST, WriteQueue
from egovframe.core.persistence.postgresql import BEGUN_AT, READING

Mode = Literal["reading", "writing"]
S = TypeVar("S")
UNIT_SECONDS = 30.0
"""How long a writing unit may last unless it asks for more."""


class NestedUnit(RuntimeError):
    """A writing unit was opened inside a writing unit: a programming error, never a user's."""


class ReadingSession(Session):
    """The session of a reading unit. A class of its own, so that what guards it is listened to once."""


class Unit:
    """What belongs to one transaction: its database, its clock, its errand, and what to do once it has committed."""

    def __init__(self, database: Database, session: Session, mode: Mode, seconds: float = UNIT_SECONDS) -> None:
        self.database = database
        self.session = session
        self.mode = mode
        self.seconds = seconds
        self.errand: Errand = present_errand(serving=database.serves_people)
        self._ends = time.monotonic() + seconds
        self._latest: datetime | None = None
        self._after_commit: list[Callable[[], None]] = []
        self._at_commit: list[Callable[[], Callable[[], None]]] = []

    @property
    def viewer(self) -> Actor | None:
        """Who reads in this unit; None is the system, which shows nothing to anybody."""
        return self.errand.viewer

    @property
    def purpose(self) -> str:
        """What the viewer reads for, as a code; empty where nobody has said."""
        return self.errand.purpose

    def now(self) -> datetime:
        """Return the database's clock as it is now (not at the start of the transaction), in UTC.

        A writing unit asks when it begins and counts on from there, so that a deadline is compared with the time after
        a lock was waited for. A reading unit counts on from the last time that anybody asked, within a second.
        Development and tests may shift the clock by ``database.clock_offset``.
        """
        found = self.database.count_clock(self)
        if self.mode == "writing":
            self._latest = found
        return found

    def moment(self) -> datetime:
        """Return the instant last read in this unit, or read it: for the stamps of what is written along.

        Audit entries, events and messages of one change carry one instant. Never for deadlines and closings: a lock
        may have been waited for since.
        """
        return self._latest or self.now()

    def check_time(self) -> None:
        """Raise DatabaseFault once the unit has lasted too long: on SQLite everybody else waits for it."""
        if self.mode == "writing" and time.monotonic() > self._ends:
            raise DatabaseFault(f"this change took more than {self.seconds:g} seconds and was undone")

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run the action once this unit has committed; it may not touch the database through this session."""
        self._after_commit.append(action)

    def at_commit(self, step: Callable[[], Callable[[], None]]) -> None:
        """Take the step when everything else is written; what it returns is called once the commit has succeeded."""
        self._at_commit.append(step)

    def commit(self) -> None:
        """Write what is left, in the order of the steps, and commit."""
        self.session.flush()
        succeeded = [step() for step in self._at_commit]
        self.check_time()
        self.session.commit()
        for tell in succeeded:
            tell()

    def run_after_commit(self) -> None:
        """Run what was registered, in order."""
        for action in self._after_commit:
            action()


class Database:
    """The city's database: an engine, a write queue, and the units of work of this process.

    Args:
        address: ``sqlite:///path`` or ``postgresql://…``.
        keyring: keys for encrypted columns and blind indexes.
        pool_size: connections kept for PostgreSQL.
    """

    def __init__(self, address: str, keyring: Keyring, *, pool_size: int = 10) -> None:
        self.keyring = keyring
        self.engine: Engine = open_engine(address, keyring, pool_size=pool_size)
        self.dialect: str = self.engine.dialect.name
        self.clock_offset = timedelta()
        self.serves_people = False
        """Whether this process answers requests: then a thread that nobody answers for sees no personal data."""
        self.writer: Engine = self.engine.execution_options(**{WRITING: True})
        # An engine with options joins its listeners to the other's for every statement: only where they are needed.
        self.reader = self.engine if self.dialect == "sqlite" else self.engine.execution_options(**{READING: True})
        self._file = sqlite_path(self.engine)
        self._file_seen = False
        self._clock = CountedClock()
        self.queue = WriteQueue(self._file.with_name("write.lock") if self._file else None)
        self._local = threading.local()
        event.listen(self.engine, "before_cursor_execute", self._check_time)
        self._services: dict[type[Any], Any] = {}

    def service(self, kind: type[S]) -> S:
        """Return this database's one object of the class, made without arguments at first use.

        Registries (event handlers, declared settings, mail) hang here, so that two applications in one process
        share nothing.
        """
        found: S | None = self._services.get(kind)
        return self._services.setdefault(kind, kind()) if found is None else found

    @property
    def file(self) -> Path | None:
        """The SQLite file, or None on PostgreSQL."""
        return self._file

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Give a session for reading: flushes are refused, the transaction ends with the block."""
        current = self._current()
        if current is not None:
            yield current.session
            return
        self._check_file()
        with translated_faults(), self._settled(), self._unit("reading", self.reader) as unit:
            yield unit.session

    @contextmanager
    def writing(self, priority: int = REQUEST, *, seconds: float = UNIT_SECONDS) -> Iterator[Session]:
        """Give a session that commits at the end of the block and rolls back on any exception.

        On SQLite a writing unit has the database for itself, so that what it reads stays true until it commits. On
        PostgreSQL take a row that you read and then change with ``with_for_update()``, or compare its version.

        Args:
            priority: REQUEST for people, WORKER for background work (SQLite's queue).
            seconds: how long the unit may last; long imports ask for more, or better commit in parts.

        Raises:
            NestedUnit: this thread is already inside a writing unit.
            DatabaseFault: the database does not answer, stays locked, or the time is over.
        """
        current = self._current()
        if current is not None and current.mode == "writing":
            raise NestedUnit("a writing unit is already open in this thread: pass its session on")
        self._check_file()
        with translated_faults(), self._settled():
            if self.dialect == "sqlite":
                with self.queue.turn(priority), self._committed(seconds) as unit:
                    yield unit.session
            else:
                with self._committed(seconds) as unit:
                    yield unit.session
        unit.run_after_commit()

    def read_clock(self, session: Session) -> datetime:
        """Ask the database for its present instant; add the offset that development and tests may set."""
        if self.dialect == "sqlite":
            return datetime.now(UTC) + self.clock_offset
        # Past the ORM: asking for the time neither flushes nor compiles anything.
        value: datetime = session.connection().exec_driver_sql("SELECT clock_timestamp()").scalar_one()
        self._clock.hear(value.astimezone(UTC), time.monotonic())
        return value.astimezone(UTC) + self.clock_offset

    def count_clock(self, unit: Unit) -> datetime:
        """Return the database's present instant, counted on from when it was last heard.

        A writing unit heard it when it began, a reading unit asks when a second has passed since anybody did.
        """
        if self.dialect == "sqlite":
            return datetime.now(UTC) + self.clock_offset
        if unit.mode == "writing":
            begun = unit.session.connection().info.pop(BEGUN_AT, None)
            if begun is not None:
                self._clock.hear(*begun)
        elif not self._clock.is_fresh:
            self.read_clock(unit.session)
        return self._clock.now() + self.clock_offset

    def now(self) -> datetime:
        """Return the database's clock outside any unit."""
        with self.reading() as session:
            return self.read_clock(session)

    def dispose(self) -> None:
        """Close every pooled connection and the lock file."""
        self.engine.dispose()
        self.queue.close()

    def _current(self) -> Unit | None:
        unit: Unit | None = getattr(self._local, "unit", None)
        return unit

    def _check_file(self) -> None:
        # A pooled connection to a deleted file would go on without complaint and lose everything it is given.
        if self._file is None:
            return
        there = self._file.exists()
        if self._file_seen and not there:
            self.engine.dispose()
            raise DatabaseFault(f"the database file is gone: restore {self._file}, then start again")
        self._file_seen = there

    def _check_time(self, *_event: Any) -> None:
        unit = self._current()
        if unit is not None:
            unit.check_time()

    @contextmanager
    def _settled(self) -> Iterator[None]:
        # Also after a change that was undone: what was read before is known to whoever read it.
        errand = present_errand(serving=self.serves_people)
        try:
            yield
        finally:
            errand.unit_ended(self)

    @contextmanager
    def _committed(self, seconds: float) -> Iterator[Unit]:
        with self._unit("writing", self.writer, seconds) as unit:
            yield unit
            unit.commit()

    @contextmanager
    def _unit(self, mode: Mode, engine: Engine, seconds: float = UNIT_SECONDS) -> Iterator[Unit]:
        kind = ReadingSession if mode == "reading" else Session
        session = kind(engine, expire_on_commit=False)
        unit = Unit(self, session, mode, seconds)
        session.info["unit"] = unit
        outer = self._current()
        self._local.unit = unit
        try:
            yield unit
        finally:
            self._local.unit = outer
            session.close()


def unit_of(session: Session) -> Unit:
    """Return the unit of work that a session belongs to."""
    unit = session.info.get("unit")
    if not isinstance(unit, Unit):
        raise RuntimeError("this session was not opened by a unit of work")
    return unit


def now(session: Session) -> datetime:
    """Return the database's clock as seen by the session's unit of work."""
    return unit_of(session).now()


def moment(session: Session) -> datetime:
    """Return the instant last read in the session's unit of work, or read it: for stamps, never for deadlines."""
    return unit_of(session).moment()


@event.listens_for(ReadingSession, "before_flush")
def _refuse_flush(session: Session, _context: Any, _instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise RuntimeError("a reading unit cannot write: open database.writing()")


__all__ = ["UNIT_SECONDS", "Database", "Mode", "NestedUnit", "Unit", "moment", "now", "unit_of"]
