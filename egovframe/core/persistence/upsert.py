"""What the two databases spell in their own ways: INSERT … ON CONFLICT, and inserts whose cost counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session


def insert_for(session: Session, model: type[Any]) -> sqlite.Insert:
    """Return an INSERT of the session's own dialect, with ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    Both dialects take the same arguments there; the return type names one of them so that calls are checked.
    """
    return insert_on(dialect_of(session), model)


def dialect_of(session: Session) -> str:
    """Return ``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def insert_plainly(session: Session, spelt: Mapping[str, str], rows: Sequence[Any]) -> None:
    """Insert rows by the driver alone, in the session's transaction, for a room's own rows that every writer pays for.

    Past SQLAlchemy's compiler and past the listeners of its engine, which cost more than the insert: nothing is counted
    or judged here, so nothing may be read or returned by the statement.

    Args:
        session: of a writing unit.
        spelt: the statement by dialect: fixed text of ours, never built from what comes in.
        rows: values in the statement's order, as the driver takes them.

    Raises:
        DBAPIError: the database refused it.
    """
    connection = session.connection()
    statement, dialect = spelt[connection.dialect.name], connection.dialect
    cursor = connection.connection.cursor()
    try:
        if len(rows) > 1:
            cursor.executemany(statement, rows)
        else:
            cursor.execute(statement, rows[0])
    except dialect.loaded_dbapi.Error as error:
        raise DBAPIError.instance(statement, None, error, dialect.loaded_dbapi.Error, dialect=dialect) from error
    finally:
        cursor.close()


def insert_on(dialect: str, model: type[Any]) -> sqlite.Insert:
    """Return an INSERT of the dialect, for statements that are kept (``insert_for`` has the rest)."""
    if dialect == "sqlite":
        return sqlite.insert(model)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its 20 modules load only where they are used

    statement: Any = postgresql.insert(model)
    return statement  # type: ignore[no-any-return]
