"""Writers on SQLite: what Python's driver, BEGIN IMMEDIATE and our writing unit make of read-then-write increments.

Figures for docs/decisions/0002. Run: ``python benchmarks/writers.py``
"""

from __future__ import annotations

import multiprocessing
import sqlite3
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from sqlalchemy import text

from benchmarks.figures import Figure, report
from egovframe.core.persistence import Database, Keyring

THREADS, PROCESSES, WRITES = 8, 4, 1_000
KEYRING = Keyring(["only-for-measuring"])
READ, WRITE = "SELECT n FROM counter", "UPDATE counter SET n = ?"
Increment = Callable[[], None]


def default_driver(file: Path) -> Increment:
    """Python's sqlite3 as it comes: the transaction begins with the first write."""

    def increment() -> None:
        with closing(sqlite3.connect(file, timeout=30)) as connection, connection:
            (number,) = connection.execute(READ).fetchone()
            connection.execute(WRITE, (number + 1,))

    return increment


def immediate(file: Path) -> Increment:
    """BEGIN IMMEDIATE and SQLite's own busy handler, nothing in front of it."""

    def increment() -> None:
        with closing(sqlite3.connect(file, timeout=30, isolation_level=None)) as connection:
            connection.execute("PRAGMA synchronous=NORMAL")
            connection.execute("BEGIN IMMEDIATE")
            (number,) = connection.execute(READ).fetchone()
            connection.execute(WRITE, (number + 1,))
            connection.execute("COMMIT")

    return increment


def writing_unit(file: Path) -> Increment:
    """Our unit of work: queue, lock file, BEGIN IMMEDIATE."""
    database = Database(f"sqlite:///{file}", KEYRING)

    def increment() -> None:
        with database.writing() as session:
            number = session.execute(text(READ)).scalar_one()
            session.execute(text("UPDATE counter SET n = :n"), {"n": number + 1})

    return increment


WAYS = {"driver's default": default_driver, "BEGIN IMMEDIATE": immediate, "writing unit": writing_unit}


def timed(increment: Increment, count: int) -> tuple[int, float, float]:
    """Run increments; return how many failed, the longest one and all together, in seconds."""
    failed, longest, begun = 0, 0.0, time.perf_counter()
    for _ in range(count):
        started = time.perf_counter()
        try:
            increment()
        except sqlite3.OperationalError:
            failed += 1
        longest = max(longest, time.perf_counter() - started)
    return failed, longest, time.perf_counter() - begun


def one_process(way: str, file: Path, count: int) -> tuple[int, float, float]:
    """Run increments in a process of its own."""
    return timed(WAYS[way](file), count)


def prepare(folder: str, name: str) -> Path:
    """Make a database with one counter at zero."""
    file = Path(folder, name, "city.sqlite")
    file.parent.mkdir()
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("CREATE TABLE counter (n INTEGER)")
        connection.execute("INSERT INTO counter VALUES (0)")
    return file


def measure(way: str, kind: str, file: Path) -> Figure:
    """Let threads or processes increment at once; tell rate, lost increments, longest wait."""
    workers = THREADS if kind == "threads" else PROCESSES
    share = WRITES // workers
    if kind == "threads":
        increment = WAYS[way](file)
        with ThreadPoolExecutor(workers) as pool:
            results = list(pool.map(lambda _: timed(increment, share), range(workers)))
    else:
        with multiprocessing.get_context("spawn").Pool(workers) as pool:
            results = pool.starmap(one_process, [(way, file, share)] * workers)
    with closing(sqlite3.connect(file)) as connection:
        (stored,) = connection.execute(READ).fetchone()
    failed = sum(result[0] for result in results)
    longest, seconds = max(result[1] for result in results), max(result[2] for result in results)
    lost = share * workers - failed - stored
    rate = share * workers / seconds
    peer = f"refused {failed} of {share * workers}, longest {longest * 1000:.0f} ms, {rate:.0f}/s"
    return Figure(f"{way}, {workers} {kind}: lost", lost, "", 0 if way == "writing unit" else None, peer=peer)


def main() -> int:
    """Measure every way among threads and among processes."""
    with tempfile.TemporaryDirectory() as folder:
        figures = [
            measure(way, kind, prepare(folder, f"{kind}-{number}"))
            for kind in ("threads", "processes")
            for number, way in enumerate(WAYS)
        ]
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())
