"""Connections to PostgreSQL: how a transaction begins, and whether a connection that rested is still alive.

The driver's own BEGIN costs every unit of work a round trip, and a reading unit two with its ROLLBACK. So connections
are in the driver's autocommit mode, and SQLAlchemy's "begin" event says BEGIN where it is due, together with the
question for the time (docs/decisions/0009).
"""

from __future__ import annotations

import math
import select
import time
from datetime import UTC
from functools import partial
from typing import Any

from sqlalchemy import Engine, create_engine, event
from sqlalchemy.engine import URL, Connection
from sqlalchemy.exc import DBAPIError, DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from egovframe.errors import SettingsError

OPTIONS = "-c timezone=UTC -c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
"""A forgotten transaction or an endless statement costs its own work, not the city's."""

READING = "egovframe_reading"
"""Execution option of a connection that reads: its plain questions need no transaction."""

BEGUN_AT = "egovframe_begun_at"
"""What PostgreSQL's clock said when a transaction began, and ``time.monotonic()`` then; kept on the connection."""

PING_AFTER = 1.0
"""Seconds that a PostgreSQL connection may rest before it is asked whether it is still there."""

_BEGIN = "BEGIN; SELECT clock_timestamp()"
LAST_USED = "egovframe_last_used"


def open_postgresql(url: URL, pool_size: int) -> Engine:
    """Return an engine whose connections begin a transaction only where something is written.

    Raises:
        SettingsError: the driver is not installed.
    """
    if url.drivername == "postgresql":
        url = url.set(drivername="postgresql+psycopg")
    try:
        engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=pool_size,
            pool_timeout=5,
            connect_args={"connect_timeout": 5, "options": OPTIONS, "autocommit": True},
        )
    except ModuleNotFoundError as error:
        raise SettingsError(
            "The database cannot be used:", ["PostgreSQL needs its driver: install egovframe[postgres]"]
        ) from error
    event.listen(engine, "connect", _used)
    event.listen(engine, "checkin", _used)
    event.listen(engine, "checkout", partial(_check_alive, engine))
    event.listen(engine, "begin", _begin_postgresql)
    event.listen(engine, "before_cursor_execute", _begin_where_due)
    event.listen(engine, "savepoint", _begin_for_a_savepoint)
    return engine


def _begin_postgresql(connection: Connection) -> None:
    """Begin in one round trip with the question for the time, which every change asks; a reading unit waits."""
    if not connection.get_execution_options().get(READING, False) and not _begins_nothing(connection):
        _begin(connection)


def _begin_where_due(
    connection: Connection, _cursor: Any, statement: str, _values: Any, context: Any, _many: bool
) -> None:
    """Begin in a reading unit for what could write, which is undone at its end, and for what is fetched in pieces.

    A plain question needs no transaction: each sees what is committed, with one around it or without.
    """
    streams = context is not None and context.execution_options.get("stream_results", False)
    if (streams or not statement.startswith("SELECT")) and not _begins_nothing(connection):
        _begin_unless_begun(connection)


def _begin_for_a_savepoint(connection: Connection, _name: str) -> None:
    _begin_unless_begun(connection)


def _begins_nothing(connection: Connection) -> bool:
    return connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT"


def _begin_unless_begun(connection: Connection) -> None:
    driven: Any = connection.connection.driver_connection
    status = driven.info.transaction_status
    if status == status.IDLE:
        _begin(connection)


def _begin(connection: Connection) -> None:
    driver: Any = connection.dialect.loaded_dbapi
    driven: Any = connection.connection.driver_connection
    try:
        driven.autocommit = True  # or the driver would send a BEGIN of its own
        cursor = driven.execute(_BEGIN, prepare=False)
        cursor.nextset()
        at = cursor.fetchone()[0].astimezone(UTC)
    except driver.Error as error:
        broken = connection.dialect.is_disconnect(error, driven, None)
        if broken:
            connection.invalidate(error)
        raise DBAPIError.instance(
            _BEGIN, None, error, driver.Error, connection_invalidated=broken, dialect=connection.dialect
        ) from error
    connection.info[BEGUN_AT] = at, time.monotonic()


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
