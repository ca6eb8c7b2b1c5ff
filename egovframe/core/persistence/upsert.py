"""INSERT … ON CONFLICT, which SQLite and PostgreSQL spell alike and SQLAlchemy keeps in two dialects."""

from __future__ import annotations

from typing import Any

from sqlalchemy.dialects import sqlite
from sqlalchemy.orm import Session


def insert_for(session: Session, model: type[Any]) -> sqlite.Insert:
    """Return an INSERT of the session's own dialect, with ``on_conflict_do_nothing`` and ``on_conflict_do_update``.

    Both dialects take the same arguments there; the return type names one of them so that calls are checked.
    """
    return insert_on(dialect_of(session), model)


def dialect_of(session: Session) -> str:
    """Return ``sqlite`` or ``postgresql``."""
    return session.get_bind().dialect.name


def insert_on(dialect: str, model: type[Any]) -> sqlite.Insert:
    """Return an INSERT of the dialect, for statements that are kept (``insert_for`` has the rest)."""
    if dialect == "sqlite":
        return sqlite.insert(model)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - its 20 modules load only where they are used

    statement: Any = postgresql.insert(model)
    return statement  # type: ignore[no-any-return]
