"""PostgreSQL databases are lent to one test after another: the next one finds what a fresh copy would have."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, text

from egovframe.core.auth import Account
from egovframe.core.persistence import MAINTENANCE
from egovframe.testing.databases import opened
from egovframe.testing.postgres import PostgresTemplates

CHANGES = [
    "ALTER TABLE core_role ADD COLUMN extra TEXT",
    "ALTER TABLE core_role ALTER COLUMN code DROP NOT NULL",
    "ALTER TABLE core_role RENAME TO core_roll",
    "DROP TRIGGER core_audit_guard ON core_audit",
    "ALTER TABLE core_audit DISABLE TRIGGER ALL",
    "CREATE SCHEMA elsewhere",
    "CREATE OR REPLACE FUNCTION core_audit_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$",
    "UPDATE core_alembic_version SET version_num = 'x'",
    "DELETE FROM core_alembic_version",
]

ROLE = """
INSERT INTO core_role (code, title, permissions, defaults, builtin) VALUES ('x', '{}', '[]', '{}', false) RETURNING id
"""


def run(address: str, *statements: str) -> None:
    """Run statements and keep what they did."""
    engine = create_engine(address, execution_options={MAINTENANCE: True})
    try:
        with engine.begin() as connection:
            for statement in statements:
                connection.execute(text(statement))
    finally:
        engine.dispose()


def value(address: str, statement: str) -> object:
    """Return what a statement answers."""
    engine = create_engine(address, execution_options={MAINTENANCE: True})
    with engine.connect() as connection:
        found: object = connection.scalar(text(statement))
    engine.dispose()
    return found


@pytest.fixture
def fresh(postgres_templates: PostgresTemplates) -> None:
    """Lend what lies ready once more, so that each test begins with a database that can be lent again."""
    with postgres_templates.copy():
        pass


@pytest.mark.usefixtures("fresh")
def test_rows_are_swept_away_and_counters_begin_anew(postgres_templates: PostgresTemplates) -> None:
    with postgres_templates.copy() as address:
        run(address, ROLE)
        assert value(address, "SELECT id FROM core_role") == 1
    with postgres_templates.copy() as again:
        assert again == address
        assert value(again, "SELECT count(*) FROM core_role") == 0
        assert value(again, ROLE) == 1, "a counter that goes on tells that somebody was here before"
        assert value(again, "SELECT count(*) FROM core_alembic_version") == 1


@pytest.mark.usefixtures("fresh")
def test_personal_data_does_not_stay(postgres_templates: PostgresTemplates) -> None:
    with postgres_templates.copy() as address:
        with opened(address) as database, database.writing() as session:
            session.add(Account(email="a@mail.example", display_name="A", kind="citizen", created_at=database.now()))
        assert value(address, "SELECT count(*) FROM core_account") == 1
    with postgres_templates.copy() as again:
        assert again == address
        assert value(again, "SELECT count(*) FROM core_account") == 0


@pytest.mark.usefixtures("fresh")
@pytest.mark.parametrize("change", CHANGES)
def test_what_was_rebuilt_is_not_lent_again(postgres_templates: PostgresTemplates, change: str) -> None:
    with postgres_templates.copy() as address:
        run(address, change)
    with postgres_templates.copy() as again:
        assert again != address


@pytest.mark.usefixtures("fresh")
def test_tables_of_a_test_are_dropped(postgres_templates: PostgresTemplates) -> None:
    with postgres_templates.copy() as address:
        run(address, "CREATE TABLE another (x INTEGER PRIMARY KEY)", "CREATE TABLE more (x INTEGER REFERENCES another)")
    with postgres_templates.copy() as again:
        assert again == address
        assert value(again, "SELECT to_regclass('another')") is None


@pytest.mark.usefixtures("fresh")
def test_what_somebody_still_holds_is_not_lent_again(postgres_templates: PostgresTemplates) -> None:
    with postgres_templates.copy() as address:
        engine = create_engine(address, execution_options={MAINTENANCE: True})
        held = engine.connect()
    with postgres_templates.copy() as again:
        assert again != address
    held.invalidate()
    engine.dispose()
