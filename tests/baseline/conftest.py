"""One town for the whole run of the baseline, and one on PostgreSQL for what the database could answer differently."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from baseline.hostile_town import hostile_town
from baseline.town import Town, build

from egovframe.testing.databases import SqliteTemplates
from egovframe.testing.postgres import PostgresTemplates


@pytest.fixture(scope="session")
def town(sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town on SQLite."""
    folder = tmp_path_factory.mktemp("baseline")
    made = build(folder, sqlite_templates.copy(folder))
    yield made
    made.database.dispose()


@pytest.fixture(scope="session")
def postgres_town(postgres_templates: PostgresTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """The town on PostgreSQL."""
    with postgres_templates.copy() as address:
        made = build(tmp_path_factory.mktemp("baseline_pg"), address)
        yield made
        made.database.dispose()


@pytest.fixture(scope="session")
def planted(sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town whose every text is hostile; whoever changes it makes one of their own."""
    folder = tmp_path_factory.mktemp("planted")
    made = hostile_town(folder, sqlite_templates.copy(folder))
    yield made
    made.database.dispose()


@pytest.fixture(params=["sqlite", "postgresql"])
def each_town(request: pytest.FixtureRequest) -> Town:
    """The town on each database."""
    found: Town = request.getfixturevalue("town" if request.param == "sqlite" else "postgres_town")
    return found
