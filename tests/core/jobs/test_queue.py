"""The queue: jobs exist with their transaction, run once, try again, die, and come back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select, text, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.jobs import (
    Worker,
    dead_jobs,
    drop_job,
    enqueue,
    job_counts,
    outside,
    retry_job,
)
from egovframe.core.modules.jobs.claims import back_off, claim, finish, give_back
from egovframe.core.modules.jobs.models import Job
from egovframe.core.persistence import Database, now
from egovframe.errors import NotFound

MINUTE = timedelta(minutes=1)


class Recorder:
    """A handler that remembers what it was given, and fails as often as it is told."""

    def __init__(self, failures: int = 0) -> None:
        self.seen: list[Mapping[str, Any]] = []
        self.failures = failures

    def __call__(self, session: Session, payload: Mapping[str, Any]) -> None:
        self.seen.append(payload)
        if self.failures:
            self.failures -= 1
            raise RuntimeError("secret text with a phone number")


def put(database: Database, name: str = "t.do", **options: Any) -> str:
    with database.writing() as session:
        return enqueue(session, name, {"id": 7}, **options)


def count(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Job)) or 0


def test_a_job_runs_once_with_its_payload_and_is_gone(database: Database) -> None:
    handler = Recorder()
    put(database)
    worker = Worker(database, {"t.do": handler})
    assert worker.run_pending() == 1
    assert worker.run_pending() == 0
    assert handler.seen == [{"id": 7}]
    assert count(database) == 0


def test_a_job_of_a_transaction_that_rolls_back_never_exists(database: Database) -> None:
    with pytest.raises(ValueError, match="stop"), database.writing() as session:
        enqueue(session, "t.do", {})
        enqueue(session, "t.do", {}, unique="k")
        raise ValueError("stop")
    assert count(database) == 0


def test_effects_and_the_end_of_the_job_commit_together(database: Database) -> None:
    def half(session: Session, payload: Mapping[str, Any]) -> None:
        enqueue(session, "t.made", {})
        session.flush()
        raise RuntimeError

    put(database, "t.half")
    assert Worker(database, {"t.half": half}).run_pending() == 1
    with database.reading() as session:
        left = session.scalars(select(Job)).one()
    assert (left.name, left.state, left.attempts) == ("t.half", "ready", 1)


def test_a_failure_is_tried_again_later_and_names_only_its_class(database: Database) -> None:
    handler = Recorder(failures=1)
    put(database)
    worker = Worker(database, {"t.do": handler})
    worker.run_pending()
    with database.reading() as session:
        job = session.scalars(select(Job)).one()
        assert timedelta(seconds=1) < job.run_at - now(session) < timedelta(seconds=8)
        assert job.last_error == "RuntimeError"
    assert worker.run_pending() == 0
    database.clock_offset = MINUTE
    assert worker.run_pending() == 1
    assert len(handler.seen) == 2
    assert count(database) == 0


def test_what_always_fails_dies_and_the_queue_flows_on(database: Database) -> None:
    poison, good = Recorder(failures=99), Recorder()
    put(database, "t.poison", max_attempts=2)
    put(database, "t.do")
    worker = Worker(database, {"t.poison": poison, "t.do": good})
    worker.run_pending()
    database.clock_offset = MINUTE
    worker.run_pending()
    database.clock_offset = 60 * MINUTE
    worker.run_pending()
    assert len(poison.seen) == 2
    assert len(good.seen) == 1
    with database.reading() as session:
        assert job_counts(session) == {"dead": 1}
        assert [job.name for job in dead_jobs(session).items] == ["t.poison"]


def test_system_exit_in_a_handler_costs_only_its_job(database: Database) -> None:
    def leave(session: Session, payload: Mapping[str, Any]) -> None:
        raise SystemExit(3)

    put(database, "t.leave")
    put(database)
    handler = Recorder()
    assert Worker(database, {"t.leave": leave, "t.do": handler}).run_pending() == 2
    assert handler.seen


def test_a_job_that_nobody_handles_waits_for_its_plugin(database: Database) -> None:
    put(database, "gone.do")
    Worker(database, {}).run_pending()
    with database.reading() as session:
        assert session.scalars(select(Job.last_error)).one() == "UnknownJob"


def test_a_dead_job_can_be_retried_or_dropped_and_both_are_audited(database: Database) -> None:
    first, second = put(database, max_attempts=1), put(database, max_attempts=1)
    handler = Recorder(failures=2)
    worker = Worker(database, {"t.do": handler})
    worker.run_pending()
    with database.writing() as session:
        retry_job(session, SYSTEM, first)
        drop_job(session, SYSTEM, second, reason="not needed")
    assert worker.run_pending() == 1
    assert count(database) == 0
    with database.writing() as session:
        with pytest.raises(NotFound):
            retry_job(session, SYSTEM, first)
        assert [entry.action for entry in entries_of(session, f"job:{first}")] == ["jobs:job:retry"]
        assert [entry.reason for entry in entries_of(session, f"job:{second}")] == ["not needed"]


def test_a_living_job_cannot_be_dropped(database: Database) -> None:
    job = put(database)
    with database.writing() as session, pytest.raises(NotFound):
        drop_job(session, SYSTEM, job)


def test_urgent_jobs_go_first_and_later_ones_wait(database: Database) -> None:
    order: list[str] = []

    def note(session: Session, payload: Mapping[str, Any]) -> None:
        order.append(payload["n"])

    with database.writing() as session:
        enqueue(session, "t.do", {"n": "later"}, run_at=now(session) + MINUTE)
        enqueue(session, "t.do", {"n": "normal"})
        enqueue(session, "t.do", {"n": "urgent"}, priority=-1)
    Worker(database, {"t.do": note}).run_pending()
    assert order == ["urgent", "normal"]


def test_unique_jobs_stand_for_each_other_until_they_have_run(database: Database) -> None:
    first = put(database, unique="index:7")
    assert put(database, unique="index:7") == first
    assert put(database, unique="index:8") != first
    handler = Recorder()
    assert Worker(database, {"t.do": handler}).run_pending() == 2
    assert put(database, unique="index:7") != first


def test_a_job_may_enqueue_its_own_successor_under_the_same_key(database: Database) -> None:
    def again(session: Session, payload: Mapping[str, Any]) -> None:
        enqueue(session, "t.do", {}, unique="k", run_at=now(session) + MINUTE)

    first = put(database, unique="k")
    Worker(database, {"t.do": again}).run_pending()
    with database.reading() as session:
        assert session.scalars(select(Job.id)).one() != first


def test_a_dead_job_does_not_block_its_key(database: Database) -> None:
    dead = put(database, unique="k", max_attempts=1)
    Worker(database, {"t.do": Recorder(failures=1)}).run_pending()
    living = put(database, unique="k")
    assert living != dead
    with database.writing() as session:
        retry_job(session, SYSTEM, dead)
    assert count(database) == 1


def test_two_living_jobs_with_one_key_are_refused_by_the_database(database: Database) -> None:
    put(database, unique="k")
    other = put(database)
    with pytest.raises(IntegrityError), database.writing() as session:
        session.execute(update(Job).where(Job.id == other).values(unique_key="k"))


def test_two_workers_never_claim_the_same_job(database: Database) -> None:
    for _ in range(5):
        put(database)
    with database.writing() as session:
        first = claim(session, "default", "a", MINUTE, 3)
    with database.writing() as session:
        second = claim(session, "default", "b", MINUTE, 10)
    assert (len(first), len(second)) == (3, 2)
    assert not {item.id for item in first} & {item.id for item in second}


@pytest.mark.parametrize(
    "refused", [[], ["hashagg", "hashjoin", "material", "sort"]], ids=["usual plan", "nested loop"]
)
def test_no_plan_of_the_database_takes_more_jobs_than_were_asked_for(database: Database, refused: list[str]) -> None:
    """PostgreSQL asks a plain subquery again for each row of a nested loop, and skipped locks give other jobs then."""
    for _ in range(5):
        put(database)
    with database.writing() as session:
        if database.dialect == "postgresql":
            for way in refused:
                session.execute(text(f"SET LOCAL enable_{way} = off"))
        assert len(claim(session, "default", "a", MINUTE, 3)) == 3


def test_an_abandoned_job_is_taken_over_and_the_late_worker_cannot_finish_it(database: Database) -> None:
    put(database)
    with database.writing() as session:
        (late,) = claim(session, "default", "slow", MINUTE, 1)
    database.clock_offset = 2 * MINUTE
    handler = Recorder()
    assert Worker(database, {"t.do": handler}).run_pending() == 1
    with database.writing() as session:
        assert not finish(session, late)


def test_a_job_that_kills_its_worker_dies_after_its_attempts(database: Database) -> None:
    put(database, max_attempts=2)
    for round_ in (1, 2):
        with database.writing() as session:
            assert len(claim(session, "default", f"w{round_}", MINUTE, 1)) == 1
        database.clock_offset += 2 * MINUTE
    assert Worker(database, {"t.do": Recorder()}).run_pending() == 0
    with database.reading() as session:
        assert [job.last_error for job in dead_jobs(session).items] == ["LeaseExpired"]


def test_what_was_taken_and_not_started_goes_back_without_losing_an_attempt(database: Database) -> None:
    put(database)
    with database.writing() as session:
        claim(session, "default", "w", MINUTE, 1)
        assert give_back(session, "w") == 1
    with database.reading() as session:
        job = session.scalars(select(Job)).one()
    assert (job.state, job.attempts) == ("ready", 0)


def test_queues_are_served_apart_and_others_are_refused(database: Database) -> None:
    put(database, queue="outside")
    handler = Recorder()
    assert Worker(database, {"t.do": handler}, queues=("default",)).run_pending() == 0
    assert Worker(database, {"t.do": handler}, queues=("outside",)).run_pending() == 1
    with pytest.raises(IntegrityError):
        put(database, queue="elsewhere")


def test_a_handler_for_the_outside_holds_no_unit_and_runs_again_after_a_failure(database: Database) -> None:
    tries: list[int] = []

    @outside
    def send(given: Database, payload: Mapping[str, Any]) -> None:
        with given.writing():  # would be refused inside a writing unit
            tries.append(payload["id"])
        if len(tries) == 1:
            raise ConnectionError

    put(database, "t.send", queue="outside")
    worker = Worker(database, {"t.send": send})
    worker.run_pending()
    database.clock_offset = MINUTE
    worker.run_pending()
    assert tries == [7, 7]
    assert count(database) == 0


def test_a_payload_is_small(database: Database) -> None:
    with pytest.raises(Exception, match="limit of 4096"), database.writing() as session:
        enqueue(session, "t.do", {"text": "x" * 5000})


@pytest.mark.parametrize(("attempt", "least", "most"), [(1, 2.5, 7.5), (4, 20, 60), (30, 1800, 5400)])
def test_pauses_grow_and_have_a_ceiling(attempt: int, least: float, most: float) -> None:
    pauses = {back_off(attempt).total_seconds() for _ in range(50)}
    assert all(least <= pause <= most for pause in pauses)
    assert len(pauses) > 40
