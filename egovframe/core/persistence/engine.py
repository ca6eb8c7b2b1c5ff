"""Engines for SQLite and PostgreSQL with the settings that each needs to be trusted (see docs/decisions)."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url

from egovframe.core.persistence.keyring import Keyring
from egovframe.core.persistence.postgresql import open_postgresql
from egovframe.core.persistence.types import KEYRING_ATTRIBUTE
from egovframe.errors import SettingsError

WRITING = "egovframe_writing"
"""Execution option that makes a SQLite connection begin with BEGIN IMMEDIATE."""


def open_engine(address: str, keyring: Keyring, *, pool_size: int = 10) -> Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql://…``.

    Raises:
        SettingsError: another database, or the PostgreSQL driver is not installed.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url)
    elif url.get_backend_name() == "postgresql":
        engine = open_postgresql(url, pool_size)
    else:
        raise SettingsError("The database cannot be used:", [f"{url.get_backend_name()}: use sqlite or postgresql"])
    setattr(engine.dialect, KEYRING_ATTRIBUTE, keyring)
    return engine


def sqlite_path(engine: Engine) -> Path | None:
    """Return the database file, or None for PostgreSQL."""
    return Path(engine.url.database or "") if engine.dialect.name == "sqlite" else None


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise SettingsError("The database cannot be used:", ["sqlite needs a file: sqlite:///data/city.sqlite"])
    Path(url.database).parent.mkdir(mode=0o700, parents=True, exist_ok=True)  # what people wrote is nobody else's
    engine = create_engine(url, connect_args={"check_same_thread": False}, pool_size=20, max_overflow=20)
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    # The driver's own transaction handling loses updates between a read and a write; SQLAlchemy's "begin" event
    # below emits the statement instead (docs/decisions/0002).
    connection.isolation_level = None
    for pragma in (
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "foreign_keys=ON",
        "busy_timeout=5000",
        "secure_delete=ON",
        "wal_autocheckpoint=1000",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Connection) -> None:
    writing = connection.get_execution_options().get(WRITING, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")
