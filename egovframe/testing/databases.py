"""Databases for tests: a migrated SQLite file is made once per session and copied for every test."""

from __future__ import annotations

import itertools
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from egovframe.core.persistence import Database, Keyring, Migrations
from egovframe.testing.schema import installed_sources

TEST_SECRET = "only-for-tests-" + "0123456789abcdef" * 2
TEST_KEYRING = Keyring([TEST_SECRET])
_numbers = itertools.count(1)


def create_schema(database: Database) -> None:
    """Run the revisions of the core and of every installed plugin."""
    Migrations(database, installed_sources()).upgrade()


@contextmanager
def opened(address: str) -> Iterator[Database]:
    """Open a database with the test keys and dispose of it afterwards."""
    database = Database(address, TEST_KEYRING)
    try:
        yield database
    finally:
        database.dispose()


class SqliteTemplates:
    """Copies one prepared SQLite file."""

    def __init__(self, folder: Path) -> None:
        self._template = folder / "template.sqlite"
        with opened(f"sqlite:///{self._template}") as database:
            create_schema(database)
            with database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")

    def copy(self, folder: Path) -> str:
        """Return the address of a fresh copy in the folder."""
        target = folder / f"city-{next(_numbers)}.sqlite"
        shutil.copyfile(self._template, target)
        return f"sqlite:///{target}"


def tamper(database: Database, *statements: str) -> None:
    """Change the tables as their administrator could: past the code, past foreign keys and past the triggers."""
    with database.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        cursor = raw.cursor()
        if database.dialect == "sqlite":
            cursor.execute("PRAGMA foreign_keys=OFF")
            for (name,) in cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                cursor.execute(f'DROP TRIGGER "{name}"')
        else:
            cursor.execute("SET session_replication_role = replica")
        for statement in statements:
            cursor.execute(statement)
        raw.commit()
        connection.invalidate()
