"""Several workers and many jobs: each effect happens once, on both engines."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.modules.audit import AuditEntry, audit
from egovframe.core.modules.jobs import Worker, enqueue, job_counts
from egovframe.core.persistence import Database

JOBS = 120


def effect(session: Session, payload: Mapping[str, Any]) -> None:
    audit(session, SYSTEM, "t:t:do", f"t:{payload['n']}")


def test_every_job_has_its_effect_exactly_once(database: Database) -> None:
    with database.writing() as session:
        for n in range(JOBS):
            enqueue(session, "t.do", {"n": n})
    ran: list[int] = []
    threads = [
        threading.Thread(target=lambda: ran.append(Worker(database, {"t.do": effect}).run_pending())) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(ran) == JOBS
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(AuditEntry)) == JOBS
        assert session.scalar(select(func.count(AuditEntry.thing.distinct()))) == JOBS
        assert job_counts(session) == {}


def test_unique_jobs_of_many_threads_are_one(database: Database) -> None:
    made: list[str] = []

    def put() -> None:
        with database.writing() as session:
            made.append(enqueue(session, "t.do", {}, unique="k"))

    threads = [threading.Thread(target=put) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(made) == 8
    assert len(set(made)) == 1
    with database.reading() as session:
        assert job_counts(session) == {"ready": 1}
