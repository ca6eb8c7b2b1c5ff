"""A database that is gone, damaged, full or unmigrated gives one clear line; a wrong statement stays a bug."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from egovframe.core.persistence import Database, DatabaseFault
from egovframe.errors import SettingsError
from egovframe.testing.databases import TEST_KEYRING, opened
from egovframe.testing.postgres import PostgresTemplates


def test_a_deleted_file_is_noticed_by_readers_and_writers(tmp_path: Path) -> None:
    file = tmp_path / "city.sqlite"
    with opened(f"sqlite:///{file}") as database:
        with database.writing() as session:
            session.execute(text("CREATE TABLE t (x INTEGER)"))
        with database.reading():
            file.unlink()
        for unit in (database.reading, database.writing):
            with pytest.raises(DatabaseFault, match="the database file is gone"), unit():
                pass
        assert not file.exists()


def test_an_address_that_nobody_answers() -> None:
    with opened("postgresql://nobody@127.0.0.1:1/none") as database:
        with pytest.raises(DatabaseFault, match="does not answer") as caught, database.reading() as session:
            session.execute(text("SELECT 1"))
    assert "\n" not in str(caught.value)
    assert str(caught.value.detail) == ""  # hosts and ports are for operators, not for pages


def test_a_server_that_goes_away_and_comes_back(postgres_templates: PostgresTemplates) -> None:
    with postgres_templates.copy() as address, opened(address) as database:
        ended = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE pid <> pg_backend_pid() AND datname = current_database()"
        )
        with pytest.raises(DatabaseFault), database.writing() as session:
            session.execute(text("SELECT 1"))
            with opened(address) as other, other.reading() as admin:
                admin.execute(ended)
            session.execute(text("SELECT 1"))
        with database.writing() as session:
            assert session.execute(text("SELECT 1")).scalar_one() == 1


def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    file = tmp_path / "city.sqlite"
    file.write_bytes(b"This is a letter, not a database. " * 100)
    with opened(f"sqlite:///{file}") as database, pytest.raises(DatabaseFault, match=r"damaged.*restore a backup"):
        with database.reading() as session:
            session.execute(text("SELECT 1"))


def test_missing_tables_name_the_command(database: Database) -> None:
    with pytest.raises(DatabaseFault, match="run egovframe db upgrade"), database.reading() as session:
        session.execute(text("SELECT * FROM not_there_yet"))


def test_a_wrong_statement_stays_a_programming_error(database: Database) -> None:
    with pytest.raises(DBAPIError), database.reading() as session:
        session.execute(text("SELEKT 1"))


def test_a_full_disk_is_named(tmp_path: Path) -> None:
    with opened(f"sqlite:///{tmp_path}/city.sqlite") as database:
        with database.writing() as session:
            session.execute(text("CREATE TABLE t (x TEXT)"))
        with pytest.raises(DatabaseFault, match="the disk is full"), database.writing() as session:
            session.execute(text("PRAGMA max_page_count=3"))
            session.execute(text("INSERT INTO t VALUES (:x)"), {"x": "x" * 100_000})
        with database.reading() as session:
            assert session.execute(text("SELECT count(*) FROM t")).scalar_one() == 0


@pytest.mark.parametrize("address", ["mysql://x/y", "sqlite://", "sqlite:///:memory:"])
def test_other_databases_are_refused(address: str) -> None:
    with pytest.raises(SettingsError, match="The database cannot be used"):
        Database(address, TEST_KEYRING)
