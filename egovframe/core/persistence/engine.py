"""Engines for SQLite and PostgreSQL with the settings that each needs to be trusted (see docs/decisions)."""

from __future__ import annotations

import math
import select
import sqlite3
import time
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from egovframe.core.persistence.keyring import Keyring
from egovframe.core.persistence.types import KEYRING_ATTRIBUTE
from egovframe.errors import SettingsError

POSTGRESQL_OPTIONS = (
    "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
)
"""A forgotten transaction or an endless statement costs its own work, not the city's."""

WRITING = "egovframe_writing"
"""Execution option that makes a SQLite connection begin with BEGIN IMMEDIATE."""

LAST_USED = "egovframe_last_used"
PING_AFTER = 1.0
"""Seconds that a PostgreSQL connection may rest before it is asked whether it is still there."""


def open_engine(address: str, keyring: Keyring, *, pool_size: int = 10) -> Engine:
    """Return an engine for ``sqlite:///path`` or ``postgresql://…``.

    Raises:
        SettingsError: another database, or the PostgreSQL driver is not installed.
    """
    url = make_url(address)
    if url.get_backend_name() == "sqlite":
        engine = _sqlite(url)
    elif url.get_backend_name() == "postgresql":
        engine = _postgresql(url, pool_size)
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


def _postgresql(url: URL, pool_size: int) -> Engine:
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            connect_args={"connect_timeout": 5, "options": POSTGRESQL_OPTIONS},
        )
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The database cannot be used:", ["PostgreSQL needs its driver: install egovframe[postgres]"]
        ) from error
    event.listen(engine, "connect", _used)
    event.listen(engine, "checkin", _used)
    event.listen(engine, "checkout", partial(_check_alive, engine))
    return engine


def _used(_connection: Any, record: ConnectionPoolEntry) -> None:
    record.info[LAST_USED] = time.monotonic()


def _check_alive(engine: Engine, connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
    """Let the pool replace a connection that is dead; asks the server only where there is a reason to.

    A ping before every unit would be a good part of a short one. A server that ends a connection says so on it, which
    is seen without asking; what a network lost silently is found by the ping after a rest.

    Raises:
        DisconnectionError: the pool opens another connection.
    """
    rested = time.monotonic() - record.info.get(LAST_USED, -math.inf)
    errors = engine.dialect.loaded_dbapi.Error
    try:
        if rested > PING_AFTER or _has_spoken(connection.fileno()):
            engine.dialect.do_ping(connection)
    except errors as error:
        raise DisconnectionError("the server has ended this connection") from error


def _has_spoken(number: int) -> bool:
    """Whether something waits to be read on a socket where nothing should."""
    if not hasattr(select, "poll"):
        return True
    poll = select.poll()
    poll.register(number, select.POLLIN | select.POLLHUP | select.POLLERR)
    return bool(poll.poll(0))
