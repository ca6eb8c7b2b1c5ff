"""One consistent copy of the database as a file, and back: SQLite's own backup, PostgreSQL's own tools."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from sqlalchemy import inspect
from sqlalchemy.engine import URL

from egovframe.core.persistence.faults import DatabaseFault
from egovframe.core.persistence.units import Database

PAGES_A_STEP = 2_000
"""SQLite pages copied at once: writers get their turn in between."""


def dump_database(database: Database, target: Path) -> None:
    """Write the database as it is at one instant into a new file; serving goes on meanwhile.

    Raises:
        DatabaseFault: the database cannot be read, or PostgreSQL's ``pg_dump`` is missing or refuses.
    """
    if database.file is not None:
        with closing(sqlite3.connect(database.file)) as source, closing(sqlite3.connect(target)) as copy:
            source.backup(copy, pages=PAGES_A_STEP)
        return
    _run(database, "pg_dump", "--format=custom", "--no-owner", "--no-privileges", f"--file={target}")


def restore_database(database: Database, source: Path) -> None:
    """Put a dump in the place of the present database, all of it or nothing. Nobody may be connected to a SQLite file.

    Raises:
        DatabaseFault: the dump is damaged, or PostgreSQL's ``pg_restore`` is missing or refuses.
    """
    if database.file is None:
        _run(
            database,
            "pg_restore",
            "--clean",
            "--if-exists",
            "--no-owner",
            "--no-privileges",
            "--single-transaction",
            "--exit-on-error",
            str(source),
        )
        return
    _refuse_damaged(source)
    database.dispose()
    for suffix in ("-wal", "-shm"):
        database.file.with_name(database.file.name + suffix).unlink(missing_ok=True)
    shutil.move(source, database.file)


def has_tables(database: Database) -> bool:
    """Whether anything has been stored in the database."""
    if database.file is not None and not database.file.exists():
        return False
    return bool(inspect(database.engine).get_table_names())


def _refuse_damaged(file: Path) -> None:
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as copy:
            said = copy.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite3.DatabaseError as error:
        said = str(error)
    if said != "ok":
        raise DatabaseFault(f"the database in this backup is damaged: {said}")


def _run(database: Database, program: str, *words: str) -> None:
    found = shutil.which(os.environ.get(f"EGOVFRAME_{program.upper()}", program))
    if found is None:
        raise DatabaseFault(f"{program} is not installed: add PostgreSQL's client tools of the server's version")
    address, secret = _address(database.engine.url)
    # The password goes by the environment: arguments can be read by everybody on the machine.
    done = subprocess.run(  # noqa: S603 - a list of our own words, no shell
        [found, f"--dbname={address}", *words],
        env={**os.environ, **secret},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise DatabaseFault(f"{program} refused: {done.stderr.strip()[:300]}")


def _address(url: URL) -> tuple[str, dict[str, str]]:
    plain = url.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    return plain, {"PGPASSWORD": str(url.password)} if url.password else {}
