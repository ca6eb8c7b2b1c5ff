"""A furnished database is laid out again for the next test: it holds what furnishing would have made, and goes on."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, create_account
from egovframe.core.modules.audit import seal, verify
from egovframe.core.persistence import Database
from egovframe.testing.databases import SqliteTemplates, opened
from egovframe.testing.postgres import PostgresTemplates
from egovframe.testing.snapshots import Snapshots


def settle(database: Database, *names: str) -> None:
    """Make accounts."""
    with database.writing() as session:
        for name in names:
            create_account(session, SYSTEM, email=f"{name}@city.example", display_name=name)


def people(database: Database) -> dict[str, int]:
    """Return ids by names."""
    with database.reading() as session:
        return {account.display_name: account.id for account in session.scalars(select(Account))}


def laid_out_again(first: Database, second: Database, folder: Path) -> None:
    """Furnish the first, lay the same out in the second, and look."""
    snapshots = Snapshots(folder)
    snapshots.furnish(first, "two", lambda: settle(first, "Ara", "Bo"))
    settle(first, "Chin")
    settle(second, "Dal")  # what was there before is gone, and so are its entries in the audit
    snapshots.furnish(second, "two", lambda: settle(second, "never", "called"))
    assert people(second) == {"Ara": 1, "Bo": 2}
    settle(second, "Eun")
    assert people(second)["Eun"] == 3, "a counter that begins anew would give an id twice"
    snapshots.furnish(first, "one", lambda: settle(first, "Fa"))
    assert set(people(first)) == {"Ara", "Bo", "Chin", "Fa"}, "another name is another furniture"
    for database in (first, second):
        seal(database)
        with database.reading() as session:
            assert verify(session).ok


def test_on_sqlite(sqlite_templates: SqliteTemplates, tmp_path: Path) -> None:
    one, other = sqlite_templates.copy(tmp_path), sqlite_templates.copy(tmp_path)
    with opened(one) as first, opened(other) as second:
        laid_out_again(first, second, tmp_path)


def test_on_postgresql(postgres_templates: PostgresTemplates, tmp_path: Path) -> None:
    with postgres_templates.copy() as one, postgres_templates.copy() as other:
        with opened(one) as first, opened(other) as second:
            laid_out_again(first, second, tmp_path)
