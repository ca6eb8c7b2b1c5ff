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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import NamedTuple

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from egovframe.core.modules.audit.codes import mac_of
from egovframe.core.persistence import Keyring, Unit, dialect_of, insert_plainly, unit_of

# ruff: noqa: S608 - the statements are put together from the constants below
COLUMNS = (
    "at, actor, account_id, on_behalf_of, action, thing, outcome, before, after, reason, request_id, lane, turn, mac"
)
INSERT = {
    "postgresql": f"WITH entry AS (INSERT INTO core_audit ({COLUMNS}) VALUES ({', '.join(['%s'] * 14)}) RETURNING id)"
    " INSERT INTO core_audit_pending (audit_id) SELECT id FROM entry",
    "sqlite": f"INSERT INTO core_audit ({COLUMNS}) VALUES ({', '.join('?' * 14)})",
}
"""Plain statements: what the ORM adds would cost more than the entry (benchmarks/audit_cost.py).

On PostgreSQL one round trip writes the entry and its mark; on SQLite a trigger writes the mark.
"""
NOTEBOOK = "audit_notebook"


class Entry(NamedTuple):
    """What will be written; ``before`` and ``after`` are canonical JSON."""

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

    @contextmanager
    def taken(self) -> Iterator[Lane]:
        """Give a lane for one commit; it comes back only when the block succeeds."""
        lane = self._take()
        yield lane
        self._free.append(lane)

    def _take(self) -> Lane:
        if self._process != os.getpid():  # a forked child must not count on in its parent's lanes
            self._free, self._process = deque(), os.getpid()
        try:
            return self._free.pop()
        except IndexError:
            return Lane(secrets.token_hex(8))


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

    @contextmanager
    def written(self) -> Iterator[None]:
        """Write everything, and hold the lane until the commit is through."""
        if not self._entries:
            yield
            return
        database = unit_of(self._session).database
        with database.service(Lanes).taken() as lane:
            rows = [_placed(database.keyring, entry, lane) for entry, _savepoint in self._entries]
            insert_entries(self._session, rows)
            yield

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
    unit.at_commit(made.written)
    return made


def insert_entries(session: Session, entries: Sequence[Entry]) -> None:
    """Insert entries, and the marks that they wait for their seals, in order."""
    as_text = dialect_of(session) == "sqlite"
    rows = [(_instant(entry.at) if as_text else entry.at, *entry[1:]) for entry in entries]
    insert_plainly(session, INSERT, rows)


def _instant(at: datetime) -> str:
    # As UTCDateTime stores it: text order is time order.
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(sep=" ", timespec="microseconds")


def _placed(keyring: Keyring, entry: Entry, lane: Lane) -> Entry:
    lane.turn += 1
    placed = Entry(*entry[:11], lane.name, lane.turn)
    return Entry(*placed[:13], mac_of(keyring, placed))


def _within(savepoint: SessionTransaction | None, ended: SessionTransaction) -> bool:
    while savepoint is not None:
        if savepoint is ended:
            return True
        savepoint = savepoint.parent
    return False
