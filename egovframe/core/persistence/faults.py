"""What goes wrong with a database, told in two voices: plainly to people, exactly to operators."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, PendingRollbackError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from egovframe.errors import Unavailable

UNDEFINED_TABLE = "42P01"
CONTENTION = frozenset({"40001", "40P01", "55P03"})
"""PostgreSQL: serialization failure, deadlock, lock not available."""
DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class DatabaseFault(Unavailable):
    """The database is gone, locked, full or without its tables (503).

    People see only that the service is not available; logs and the command line get the reason with paths and hosts.

    Args:
        reason: what happened and what an operator can do, in one line.
    """

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = " ".join(reason.split())

    def __str__(self) -> str:
        return self.reason


@contextmanager
def translated_faults() -> Iterator[None]:
    """Turn a database that is gone, full, locked or without its tables into DatabaseFault, keeping the cause.

    A wrong statement stays what it is: a programming error.
    """
    try:
        yield
    except (InterfaceError, PoolTimeout, PendingRollbackError) as error:
        raise DatabaseFault(f"the database does not answer: {error}") from error
    except DBAPIError as error:
        reason = reason_of(error)
        if reason is None:
            raise
        raise DatabaseFault(reason) from error


def reason_of(error: DBAPIError) -> str | None:
    """Return what is wrong with the database and what to do; None when the statement is at fault."""
    text = str(error.orig).lower()
    state = getattr(error.orig, "sqlstate", None)
    if "no such table" in text or state == UNDEFINED_TABLE:
        return "the database lacks tables of this software: run egovframe db upgrade"
    if isinstance(error.orig, sqlite3.Error):
        return _reason_of_sqlite(error.orig, text)
    if state in CONTENTION:
        return "the database is busy with other changes: try again"
    if isinstance(error, OperationalError) or error.connection_invalidated:
        return f"the database does not answer: {error.orig}"
    return None


def _reason_of_sqlite(error: sqlite3.Error, text: str) -> str | None:
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full: make room; nothing was changed"
    if code in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
        return "the database is locked by another program: end it and try again"
    if code in DAMAGED:
        return f"the database file is damaged ({text}): restore a backup"
    if isinstance(error, sqlite3.OperationalError) and code != sqlite3.SQLITE_ERROR:
        return f"the database does not answer: {text}"
    return None


__all__ = ["DatabaseFault", "reason_of", "translated_faults"]
