"""Shortening SQLite's write-ahead log, so that pages from before an erasure are nowhere in the data folder."""

from __future__ import annotations

import sqlite3
from contextlib import closing

from egovframe.core.persistence.locks import WORKER
from egovframe.core.persistence.units import Database

PATIENCE = 1.0
"""Seconds to wait for readers of older pages."""


def truncate_log(database: Database) -> bool:
    """Write the log back into the database file and cut it to nothing; False while a reader still needs it.

    PostgreSQL has no such file next to the data: there this does nothing and answers True.
    """
    if database.file is None:
        return True
    with database.queue.turn(WORKER), closing(sqlite3.connect(database.file, timeout=PATIENCE)) as connection:
        connection.isolation_level = None
        busy, _pages, _done = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy
