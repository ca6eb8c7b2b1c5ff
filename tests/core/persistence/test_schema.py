"""The models and the revisions say the same, and every revision can be undone and run again."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from egovframe.core.migrations import CORE
from egovframe.core.persistence import METADATA, Database, Migrations, MigrationSource
from egovframe.testing.databases import opened
from egovframe.testing.postgres import PostgresTemplates
from egovframe.testing.schema import import_models, installed_sources

SOURCES = installed_sources()


@pytest.fixture(params=["sqlite", "postgresql"])
def migrated(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with every revision of the core and of installed plugins run, on each engine."""
    import_models()
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path}/city.sqlite") as database:
            Migrations(database, SOURCES).upgrade()
            yield database
        return
    servers: PostgresTemplates = request.getfixturevalue("postgres_templates")
    with servers.blank() as address, opened(address) as database:
        Migrations(database, SOURCES).upgrade()
        yield database


def test_models_equal_migrations(migrated: Database) -> None:
    migrations = Migrations(migrated, SOURCES)
    differences = {source.name: migrations.differences(source.name) for source in SOURCES}
    assert differences == {source.name: [] for source in SOURCES}, (
        "write a revision: python3 dev.py migration NAME 'what changed'"
    )


def test_a_missing_column_is_seen(migrated: Database) -> None:
    with migrated.engine.connect() as connection, connection.begin():
        connection.execute(text("ALTER TABLE core_department ADD COLUMN forgotten INTEGER"))
    assert "forgotten" in str(Migrations(migrated, SOURCES).differences("core"))


def test_a_revision_written_from_the_models_repairs_the_difference(migrated: Database, tmp_path: Path) -> None:
    shutil.copytree(CORE.directory, tmp_path / "core", ignore=shutil.ignore_patterns("__pycache__"))
    sources = [MigrationSource("core", "core_", tmp_path / "core"), *SOURCES[1:]]
    with migrated.engine.connect() as connection, connection.begin():
        connection.execute(text("ALTER TABLE core_department DROP COLUMN phone"))
    written = Migrations(migrated, sources).autogenerate("core", "Departments have a phone!")
    assert written is not None
    number = f"{len(CORE.line) + 1:04d}"
    assert written.name == f"{number}_departments_have_a_phone.py"
    written.write_text(written.read_text().replace("nullable=False", "nullable=False, server_default=''"))
    after = Migrations(migrated, [MigrationSource("core", "core_", tmp_path / "core"), *SOURCES[1:]])
    assert after.upgrade() == [("core", f"{number}_departments_have_a_phone")]
    assert after.differences("core") == []
    assert after.autogenerate("core", "nothing") is None
    after.downgrade("core")
    assert "phone" in str(after.differences("core"))


def test_every_source_goes_down_and_up_again(migrated: Database) -> None:
    migrations = Migrations(migrated, SOURCES)
    for source in reversed(SOURCES):
        migrations.downgrade(source.name, "base")
    left = set(inspect(migrated.engine).get_table_names())
    assert not left & set(METADATA.tables)
    assert [step for step, _ in migrations.upgrade()] == [source.name for source in SOURCES for _ in source.line]
    assert migrations.problems() == []


def test_every_table_belongs_to_a_source() -> None:
    import_models()
    prefixes = tuple(source.prefix for source in SOURCES)
    assert [name for name in METADATA.tables if not name.startswith(prefixes)] == []
