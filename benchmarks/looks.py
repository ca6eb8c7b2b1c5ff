"""What the record of looks costs: the same reads with the gate, and with the gate taken away, in the same run.

Measured before (two cores, one run, figures of the design): a list of 100 rows 0.71 -> 0.73 ms; a detail with one
record 0.42 -> 0.75 ms on SQLite, 1.26 -> 2.33 ms on PostgreSQL. Our records are also authenticated and audited.

Run: ``python3 dev.py bench looks``, on PostgreSQL with ``-- --database postgresql://…`` (a database of its own)
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from sqlalchemy import insert, select
from sqlalchemy.orm import Session, configure_mappers, undefer_group

from benchmarks.city import options
from benchmarks.figures import Figure, report
from egovframe.actor import Actor
from egovframe.core.auth import Account
from egovframe.core.modules.privacy import Looking
from egovframe.core.modules.privacy.gate import gate_off
from egovframe.core.modules.privacy.recording import write_down
from egovframe.core.persistence import Database, new_public_id, now, on_errand
from egovframe.testing.databases import create_schema, opened

READER = Actor(kind="account", account_id=1, public_id="reader")
ROUNDS, PEOPLE = 400, 100
Work = Callable[[Session], object]


def listing(session: Session) -> object:
    """A list of 100 people: no personal column is loaded, nothing is recorded."""
    return session.scalars(select(Account).order_by(Account.id).limit(100)).all()


def detail(session: Session) -> object:
    """One person with everything: one record."""
    return session.scalars(select(Account).where(Account.id == 50).options(undefer_group("personal"))).one().email


def column(session: Session) -> object:
    """One column of one person: one record."""
    return session.scalar(select(Account.display_name).where(Account.id == 50))


def export(session: Session) -> object:
    """Three columns of 100 people: one record with 100 persons."""
    return session.execute(select(Account.email, Account.display_name, Account.addressed_as)).all()


def milliseconds(database: Database, work: Work, rounds: int) -> float:
    """Return the median time of a request that does the work and writes down what it saw.

    Time of this thread, which a busy machine does not blur; what the server of PostgreSQL does is not in it.
    """
    taken = []
    for _ in range(rounds):
        errand = Looking(READER, route="/bench", purpose="case", thing="case:B-1")
        started = time.thread_time()
        with on_errand(errand):
            with database.reading() as session:
                work(session)
            if errand.pending:
                write_down(errand, database)
        taken.append((time.thread_time() - started) * 1000)
    return statistics.median(taken)


def both(database: Database, work: Work, rounds: int) -> tuple[float, float]:
    """Return the time with and without the gate, in turns, so that neither has the better minute."""
    guarded, bare = [], []
    for _turn in range(5):
        guarded.append(milliseconds(database, work, rounds // 5))
        with gate_off():
            bare.append(milliseconds(database, work, rounds // 5))
    return min(guarded), min(bare)


@contextmanager
def filled(address: str) -> Iterator[Database]:
    """Give a database with a hundred people."""
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        database = stack.enter_context(opened(address or f"sqlite:///{folder}/city.sqlite"))
        create_schema(database)
        configure_mappers()
        with database.writing() as session:
            at = now(session)
            person = {"email": "somebody@people.example", "display_name": "Somebody", "addressed_as": ""}
            rows = [{**person, "public_id": new_public_id(), "created_at": at} for _ in range(PEOPLE)]
            session.execute(insert(Account), rows)
        yield database


def main() -> int:
    """Print each figure with the gate beside the same without it."""
    figures = []
    with filled(options(__doc__).database or "") as database:
        cases: list[tuple[str, Work, int, float | None]] = [
            ("list of 100, nothing recorded", listing, ROUNDS, 1.25),
            ("detail with one record", detail, ROUNDS, None),
            ("one column with one record", column, ROUNDS, None),
            ("export of 100 with one record", export, ROUNDS // 4, None),
        ]
        for name, work, rounds, times in cases:
            guarded, bare = both(database, work, rounds)
            peer = f"gate off {bare:.2f} ms: {guarded - bare:.2f} ms more"
            target = None if times is None else bare * times
            figures.append(Figure(f"{name} ({database.dialect})", guarded, "ms", target, peer=peer))
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())
