"""Databases for tests: a migrated template is made once per session and copied for every test."""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine, text
from sqlalchemy.engine import make_url

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


class PostgresTemplates:
    """Creates databases from one prepared template database on a real server.

    Args:
        server: address of a database on the server with the right to create others.
    """

    def __init__(self, server: str) -> None:
        self._server = make_url(server).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._server, isolation_level="AUTOCOMMIT")
        self._prefix = f"egov_{os.getpid()}"
        self._template = f"{self._prefix}_template"
        self._run(f'DROP DATABASE IF EXISTS "{self._template}"')
        self._run(f'CREATE DATABASE "{self._template}"')
        with opened(self._address(self._template)) as database:
            create_schema(database)

    def _address(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    @contextmanager
    def copy(self) -> Iterator[str]:
        """Yield the address of a fresh copy and drop it afterwards."""
        with self._created(f'TEMPLATE "{self._template}"') as address:
            yield address

    @contextmanager
    def blank(self) -> Iterator[str]:
        """Yield the address of a database without tables and drop it afterwards."""
        with self._created("") as address:
            yield address

    @contextmanager
    def _created(self, clause: str) -> Iterator[str]:
        name = f"{self._prefix}_{next(_numbers)}"
        self._run(f'CREATE DATABASE "{name}" {clause}')
        try:
            yield self._address(name)
        finally:
            self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def close(self) -> None:
        """Drop the template and the connections."""
        self._run(f'DROP DATABASE IF EXISTS "{self._template}" WITH (FORCE)')
        self._admin.dispose()


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


def make_hasty(server: str) -> None:
    """Tell a server of tests only not to wait for the disk: its data need not survive a power cut."""
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
