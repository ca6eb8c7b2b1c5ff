"""What a database held at one moment, to be put back: a city for tests is furnished once and then laid out again."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from egovframe.core.modules.audit.writing import Lanes
from egovframe.core.persistence import Database
from egovframe.testing.postgres import FILLED

Furnish = Callable[[], object]

COUNTERS = """
SELECT relname, pg_sequence_last_value(seqrelid) FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
  WHERE relnamespace = 'public'::regnamespace AND pg_sequence_last_value(seqrelid) IS NOT NULL ORDER BY relname
"""


class Snapshots:
    """Keeps what databases held, by name; one for a run of tests.

    Args:
        folder: for the copies of SQLite's.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._kept: dict[tuple[str, str], Any] = {}

    def furnish(self, database: Database, name: str, furnish: Furnish) -> None:
        """Fill a fresh database: by calling ``furnish`` the first time, with what that made from then on.

        Args:
            database: migrated, with the keys and the settings that all databases of this name have.
            name: of what ``furnish`` makes.
            furnish: fills the database; what it does elsewhere is not repeated.
        """
        key = (database.dialect, name)
        sqlite = database.file is not None
        if key in self._kept:
            (_put_back if sqlite else _fill_again)(database.engine, self._kept[key])
            _end_lanes(database)
            return
        furnish()
        target = self._folder / f"snapshot-{len(self._kept)}.sqlite"
        self._kept[key] = _set_aside(database.engine, target) if sqlite else _rows_and_counters(database.engine)


def _end_lanes(database: Database) -> None:
    """Let the audit begin new lanes: what this process counted so far is in the database no more."""
    lanes = database.service(Lanes)
    while lanes.take().turn:  # one that is not given back has ended; a new one has counted nothing yet
        pass


def _set_aside(engine: Engine, target: Path) -> Path:
    with _raw(engine) as present, sqlite3.connect(target) as kept:
        present.backup(kept)
    kept.close()
    return target


def _put_back(engine: Engine, kept: Path) -> None:
    source = sqlite3.connect(kept)
    with _raw(engine) as present:
        source.backup(present)
    source.close()


def _rows_and_counters(engine: Engine) -> tuple[dict[str, bytes], dict[str, int]]:
    with _raw(engine) as present, present.transaction(), present.cursor() as cursor:
        rows = {}
        for (table,) in cursor.execute(FILLED).fetchall():
            with cursor.copy(f'COPY "{table}" TO STDOUT (FORMAT binary)') as copied:
                rows[table] = b"".join(copied)
        counters = dict(cursor.execute(COUNTERS).fetchall())
    return rows, counters


def _fill_again(engine: Engine, kept: tuple[dict[str, bytes], dict[str, int]]) -> None:
    rows, counters = kept
    with _raw(engine) as present, present.transaction(), present.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for (table,) in cursor.execute(FILLED).fetchall():
            cursor.execute(f'DELETE FROM "{table}"')
        for table, body in rows.items():
            with cursor.copy(f'COPY "{table}" FROM STDIN (FORMAT binary)') as copied:
                copied.write(body)
        for sequence, value in counters.items():
            cursor.execute("SELECT setval(%s::regclass, %s)", (f'public."{sequence}"', value))


@contextmanager
def _raw(engine: Engine) -> Iterator[Any]:
    """Yield a connection of the driver, past the units of work and what they refuse."""
    lent = engine.raw_connection()
    try:
        yield lent.driver_connection
    finally:
        lent.close()
