"""PostgreSQL databases for tests: a migrated template, copied once and swept after every test.

Copying takes a fifth of a second, sweeping a twentieth; half of the tests need one.
"""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import SQLAlchemyError

from egovframe.core.persistence import MAINTENANCE
from egovframe.testing.databases import create_schema, opened

MOST_USES = 100
"""A swept table keeps its dead rows until PostgreSQL finds time; a fresh copy has none."""

SHAPE = """
SELECT md5(string_agg(part, ';' ORDER BY part)) FROM (
  SELECT concat('c', oid, relname, relkind, relnatts, relrowsecurity, reloptions) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat('a', attrelid, attnum, attname, atttypid, atttypmod, attnotnull, atthasdef) FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid WHERE relnamespace = 'public'::regnamespace
  UNION ALL SELECT concat('k', oid, conname, convalidated) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
  UNION ALL SELECT concat('t', oid, tgname, tgenabled) FROM pg_trigger WHERE NOT tgisinternal
  UNION ALL SELECT concat('f', oid, proname, md5(prosrc)) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
  UNION ALL SELECT concat('n', oid, nspname) FROM pg_namespace WHERE nspname !~ '^pg_'
  UNION ALL SELECT concat('x', oid, extname) FROM pg_extension
  UNION ALL SELECT concat('s', setdatabase, setconfig) FROM pg_db_role_setting
    WHERE setdatabase = (SELECT oid FROM pg_database WHERE datname = current_database())
) AS parts (part)
"""
"""What a test could have changed besides rows, as one short text."""

FILLED = """
SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace
  AND pg_relation_size(oid) > 0 ORDER BY relname
"""
TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace ORDER BY relname"
STRANGERS = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
SEQUENCES = """
SELECT setval(seqrelid, seqstart, false) FROM pg_sequence JOIN pg_class ON pg_class.oid = seqrelid
  WHERE relnamespace = 'public'::regnamespace
"""
_numbers = itertools.count(1)


class PostgresTemplates:
    """Lends databases that equal one prepared template database, on a real server.

    Args:
        server: address of a database on the server with the right to create others. Without the right to switch off
            triggers, nothing is swept and every test gets a copy of its own.
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
        with self._inside(self._template) as connection:
            self._shape = connection.scalar(text(SHAPE))
            self._tables = set(connection.scalars(text(TABLES)))
            self._rows = _rows_of(connection)
        self._uses: dict[str, int] = {}
        self._free: list[str] = []

    def _address(self, name: str) -> str:
        return self._server.set(database=name).render_as_string(hide_password=False)

    def _run(self, statement: str) -> None:
        with self._admin.connect() as connection:
            connection.execute(text(statement))

    @contextmanager
    def copy(self) -> Iterator[str]:
        """Yield the address of a database that equals the template, and take it back afterwards."""
        name = self._free.pop() if self._free else self._create(f'TEMPLATE "{self._template}"')
        self._uses[name] = self._uses.get(name, 0) + 1
        try:
            yield self._address(name)
        finally:
            if self._uses[name] < MOST_USES and self._swept(name):
                self._free.append(name)
            else:
                self._drop(name)

    @contextmanager
    def blank(self) -> Iterator[str]:
        """Yield the address of a database without tables and drop it afterwards."""
        name = self._create("")
        try:
            yield self._address(name)
        finally:
            self._drop(name)

    def _create(self, clause: str) -> str:
        name = f"{self._prefix}_{next(_numbers)}"
        self._run(f'CREATE DATABASE "{name}" {clause}')
        return name

    def _drop(self, name: str) -> None:
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    @contextmanager
    def _inside(self, name: str) -> Iterator[Connection]:
        engine = create_engine(self._address(name), execution_options={MAINTENANCE: True})
        try:
            with engine.begin() as connection:
                yield connection
        finally:
            engine.dispose()

    def _swept(self, name: str) -> bool:
        """Empty a database to what the template has; False when that cannot be done or it would not be equal."""
        try:
            with self._inside(name) as connection:
                if connection.scalar(text(STRANGERS)):
                    return False
                for table in set(connection.scalars(text(TABLES))) - self._tables:
                    connection.execute(text(f'DROP TABLE "{table}" CASCADE'))
                if connection.scalar(text(SHAPE)) != self._shape:
                    return False
                connection.execute(text("SET LOCAL session_replication_role = replica"))
                for table in connection.scalars(text(FILLED)).all():
                    if table not in self._rows:
                        connection.execute(text(f'DELETE FROM "{table}"'))
                connection.execute(text(SEQUENCES))
                return _rows_of(connection) == self._rows
        except SQLAlchemyError:
            return False

    def close(self) -> None:
        """Drop what was lent, the template and the connections."""
        for name in (*self._free, self._template):
            self._drop(name)
        self._admin.dispose()


def _rows_of(connection: Connection) -> dict[str, str]:
    """Return the tables that have rows, with a digest of them."""
    found = {}
    for table in connection.scalars(text(FILLED)).all():
        digest = connection.scalar(
            text(f"SELECT md5(string_agg(t::text, E'\\n' ORDER BY t::text)) FROM \"{table}\" AS t")
        )
        if digest:
            found[table] = digest
    return found


def make_hasty(server: str) -> None:
    """Tell a server of tests only not to wait for the disk: its data need not survive a power cut."""
    engine = create_engine(make_url(server).set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for setting in ("fsync", "full_page_writes", "synchronous_commit"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))
    engine.dispose()
