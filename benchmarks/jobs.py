"""Jobs per second through the whole worker: enqueue, claim, run in a unit of its own, commit.

Target (docs/decisions, recipes): 1,000 jobs/s on SQLite with one worker. Run:

    python benchmarks/jobs.py [--jobs 3000] [--database postgresql://…]
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path

from egovframe.core.modules.jobs import Worker, enqueue
from egovframe.core.persistence import Database
from egovframe.testing.databases import TEST_KEYRING, create_schema

TARGET = 1_000


def main() -> int:
    """Print the rates beside the target; exit 1 when SQLite misses it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=3_000)
    parser.add_argument("--database", help="address; a fresh SQLite file when left out")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        database = Database(options.database or f"sqlite:///{Path(folder) / 'bench.sqlite'}", TEST_KEYRING)
        try:
            create_schema(database)
            put, ran = measure(database, options.jobs)
        finally:
            database.dispose()
    print(f"{database.dialect}: enqueue one a unit  {put:8,.0f} jobs/s")
    print(f"{database.dialect}: run, one a unit     {ran:8,.0f} jobs/s   (target {TARGET:,} on SQLite)")
    return int(database.dialect == "sqlite" and ran < TARGET)


def measure(database: Database, jobs: int) -> tuple[float, float]:
    """Return jobs enqueued and jobs run per second."""
    started = time.perf_counter()
    for number in range(jobs):
        with database.writing() as session:
            enqueue(session, "bench.do", {"id": number})
    enqueued = time.perf_counter()
    worker = Worker(database, {"bench.do": lambda session, payload: None}, queues=("default",))
    ran = worker.run_pending(jobs)
    done = time.perf_counter()
    if ran != jobs:
        raise RuntimeError(f"{ran} of {jobs} jobs ran")
    return jobs / (enqueued - started), jobs / (done - enqueued)


if __name__ == "__main__":
    sys.exit(main())
