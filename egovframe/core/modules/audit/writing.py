"""How entries reach the table: gathered in the unit of work, written in one go just before it commits.

Each entry carries a lane and its turn in it. A lane belongs to one commit at a time, and its count goes on only when
that commit has succeeded; so the turns of a lane have no gaps, and an entry that somebody deletes together with its
mark "waits for its seal" is missed as soon as its lane writes again. A commit that failed, or whose outcome nobody
knows, ends its lane: the next one begins at 1.
"""

from __future__ import annotations

import os
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from operator import attrgetter

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from egovframe.core.modules.audit.codes import mac_of
from egovframe.core.persistence import Unit, dialect_of, insert_plainly, unit_of

# ruff: noqa: S608 - the statements are put together from the constants below
COLUMNS = (
    *("at", "actor", "account_id", "on_behalf_of", "action", "thing", "outcome"),
    *("before", "after", "reason", "request_id", "lane", "turn", "mac"),
)
NAMED = ", ".join(COLUMNS)
INSERT = {
    "postgresql": f"WITH entry AS (INSERT INTO core_audit ({NAMED}) VALUES ({', '.join(['%s'] * 14)}) RETURNING id)"
    " INSERT INTO core_audit_pending (audit_id) SELECT id FROM entry",
    "sqlite": f"INSERT INTO core_audit ({NAMED}) VALUES ({', '.join('?' * 14)})",
}
"""Plain statements: what the ORM adds would cost more than the entry (benchmarks/audit_cost.py).

On PostgreSQL one round trip writes the entry and its mark; SQLite needs no mark (``AuditPending``).
"""
NOTEBOOK = "audit_notebook"


@dataclass(slots=True)
class Entry:
    """What will be written; ``before`` and ``after`` are canonical JSON. Its place is given just before."""

    at: datetime
    actor: str
    account_id: int | None
    on_behalf_of: str
    action: str
    thing: str
    outcome: str
    before: str | None
    after: str | None
    reason: str
    request_id: str
    lane: str = ""
    turn: int = 0
    mac: str = ""


@dataclass(slots=True)
class Lane:
    """One writer's count."""

    name: str
    turn: int = 0


class Lanes:
    """The lanes of this process that nobody uses right now; kept on the database (``database.service(Lanes)``)."""

    def __init__(self) -> None:
        self._free: deque[Lane] = deque()
        self._process = os.getpid()

    def take(self) -> Lane:
        """Give a lane for one commit, after which ``free`` takes it back; a commit that failed ends it."""
        if self._process != os.getpid():  # a forked child must not count on in its parent's lanes
            self._free, self._process = deque(), os.getpid()
        try:
            return self._free.pop()
        except IndexError:
            return Lane(secrets.token_hex(8))

    def free(self, lane: Lane) -> None:
        """Take a lane back whose commit has succeeded."""
        self._free.append(lane)


class Notebook:
    """The entries of one unit of work; those of a savepoint go when it is rolled back."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._entries: list[tuple[Entry, SessionTransaction | None]] = []
        self._listening = False

    def add(self, entry: Entry) -> None:
        """Keep an entry until the unit commits."""
        savepoint = self._session.get_nested_transaction()
        if savepoint is not None and not self._listening:
            event.listen(self._session, "after_soft_rollback", self._forget)
            self._listening = True
        self._entries.append((entry, savepoint))

    def write(self) -> Callable[[], None]:
        """Write everything, and hold the lane until what this returns is called: once the commit is through."""
        if not self._entries:
            return _nothing
        database = unit_of(self._session).database
        lanes = database.service(Lanes)
        lane = lanes.take()
        entries = [entry for entry, _savepoint in self._entries]
        for entry in entries:
            lane.turn += 1
            entry.lane, entry.turn = lane.name, lane.turn
            entry.mac = mac_of(database.keyring, entry)
        insert_entries(self._session, entries)
        return lambda: lanes.free(lane)

    def _forget(self, _session: Session, ended: SessionTransaction) -> None:
        self._entries = [pair for pair in self._entries if not _within(pair[1], ended)]


def notebook(session: Session) -> Notebook:
    """Return the notebook of the session's unit of work.

    Raises:
        RuntimeError: the unit is for reading.
    """
    found = session.info.get(NOTEBOOK)
    if isinstance(found, Notebook):
        return found
    unit: Unit = unit_of(session)
    if unit.mode != "writing":
        raise RuntimeError("an audit entry needs a writing unit: open database.writing()")
    session.info[NOTEBOOK] = made = Notebook(session)
    unit.at_commit(made.write)
    return made


def insert_entries(session: Session, entries: Sequence[Entry]) -> None:
    """Insert entries, and the marks that they wait for their seals, in order."""
    rows = [_values(entry) for entry in entries]
    if dialect_of(session) == "sqlite":
        rows = [(_instant(row[0]), *row[1:]) for row in rows]
    insert_plainly(session, INSERT, rows)


_values = attrgetter(*COLUMNS)


def _instant(at: datetime) -> str:
    # As UTCDateTime stores it: text order is time order.
    utc = at if at.tzinfo is UTC else at.astimezone(UTC)
    return utc.isoformat(" ", "microseconds")[:26]


def _nothing() -> None: ...


def _within(savepoint: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while savepoint is not None:
        if savepoint is ended:
            return True
        savepoint = savepoint.parent
    return False
