"""The worker: wakes up, keeps time, stops gracefully, and is one on SQLite."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.modules.audit import audit
from egovframe.core.modules.jobs import Pulse, Worker, build_worker, enqueue, job_counts, schedule_states
from egovframe.core.modules.jobs.leases import hold, let_go
from egovframe.core.modules.jobs.models import Job, Lease
from egovframe.core.modules.jobs.schedules import next_run
from egovframe.core.persistence import Database, now
from egovframe.errors import Unavailable
from egovframe.hooks import Hooks, Schedule, hookimpl

HOUR = timedelta(hours=1)


@contextmanager
def running(worker: Worker) -> Iterator[threading.Event]:
    stop = threading.Event()
    thread = threading.Thread(target=worker.run, args=(stop,))
    thread.start()
    try:
        yield stop
    finally:
        stop.set()
        thread.join(10)
        assert not thread.is_alive()


def test_a_running_worker_does_what_is_enqueued_and_gives_its_lease_back(database: Database) -> None:
    done = threading.Event()
    with running(Worker(database, {"t.do": lambda session, payload: done.set()})):
        with database.writing() as session:
            enqueue(session, "t.do", {})
        assert done.wait(10)
    with database.reading() as session:
        assert job_counts(session) == {}
        assert session.scalars(select(Lease)).all() == []


def test_a_worker_wakes_at_a_commit_without_waiting_for_its_poll(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("egovframe.core.modules.jobs.worker.POLL", 3600)
    ran: list[int] = []
    done = [threading.Event(), threading.Event()]

    def handler(session: Session, payload: Mapping[str, Any]) -> None:
        ran.append(payload["n"])
        done[payload["n"]].set()

    with running(Worker(database, {"t.do": handler})):
        for n, event in enumerate(done):
            with database.writing() as session:
                enqueue(session, "t.do", {"n": n})
            assert event.wait(10)
    assert ran == [0, 1]


def test_stopping_finishes_the_running_job_and_gives_the_others_back(database: Database) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def handler(session: Session, payload: Mapping[str, Any]) -> None:
        begun.set()
        go_on.wait(10)

    with database.writing() as session:
        for _ in range(3):
            enqueue(session, "t.do", {})
    worker = Worker(database, {"t.do": handler}, queues=("default",))
    halt = threading.Event()
    thread = threading.Thread(target=worker._batch, args=("default", 20, halt))
    thread.start()
    assert begun.wait(10)
    halt.set()
    go_on.set()
    thread.join(10)
    with database.reading() as session:
        assert job_counts(session) == {"ready": 2}
        assert set(session.scalars(select(Job.attempts))) == {0}


def test_a_context_surrounds_every_job(database: Database) -> None:
    inside: list[str] = []

    @contextmanager
    def context() -> Iterator[None]:
        inside.append("in")
        yield
        inside.append("out")

    with database.writing() as session:
        enqueue(session, "t.do", {})
    Worker(database, {"t.do": lambda s, p: inside.append("job")}, context=context).run_pending()
    assert inside == ["in", "job", "out"]


def test_a_schedule_runs_at_once_then_in_its_rhythm_and_once_after_a_long_pause(database: Database) -> None:
    ran: list[datetime] = []
    worker = Worker(
        database,
        {"t.tick": lambda session, payload: ran.append(now(session))},
        [Schedule("t.hourly", "t.tick", HOUR)],
    )
    worker.run_pending()
    worker.run_pending()
    assert len(ran) == 1
    database.clock_offset = HOUR + timedelta(minutes=1)
    worker.run_pending()
    assert len(ran) == 2
    database.clock_offset = 500 * HOUR
    worker.run_pending()
    worker.run_pending()
    assert len(ran) == 3
    with database.reading() as session:
        (state,) = schedule_states(session)
        assert timedelta(0) < state.next_run - now(session) <= HOUR


def test_two_workers_make_one_job_of_a_due_schedule(database: Database) -> None:
    ran: list[int] = []
    handlers = {"t.tick": lambda session, payload: ran.append(1)}
    workers = [Worker(database, handlers, [Schedule("t.hourly", "t.tick", HOUR)]) for _ in range(2)]
    for worker in workers:
        worker._tick(database)
    with database.reading() as session:
        assert job_counts(session) == {"ready": 1}


@given(
    every=st.timedeltas(timedelta(seconds=1), timedelta(days=400)),
    late=st.timedeltas(timedelta(0), timedelta(days=4000)),
)
def test_the_next_run_is_the_first_of_the_rhythm_after_now(every: timedelta, late: timedelta) -> None:
    planned = datetime(2026, 1, 1, tzinfo=UTC)
    at = planned + late
    following = next_run(planned, every, at)
    assert at < following <= at + every
    assert (following - planned) % every == timedelta(0)


def test_a_lease_has_one_holder_until_it_ends(database: Database) -> None:
    assert hold(database, "worker", "a")
    assert not hold(database, "worker", "b")
    assert hold(database, "worker", "a")
    database.clock_offset = timedelta(seconds=10)
    assert hold(database, "worker", "b")
    let_go(database, "worker", "a")
    assert not hold(database, "worker", "a")
    let_go(database, "worker", "b")
    assert hold(database, "worker", "a")


def test_an_exclusive_worker_waits_while_another_process_has_the_lease(database: Database) -> None:
    assert hold(database, "worker", "another process", HOUR)
    done = threading.Event()
    with database.writing() as session:
        enqueue(session, "t.do", {})
    with running(Worker(database, {"t.do": lambda s, p: done.set()}, exclusive=True)):
        assert not done.wait(0.6)
        let_go(database, "worker", "another process")
        assert done.wait(10)


def test_a_failing_pulse_stops_neither_the_others_nor_the_worker(database: Database) -> None:
    beaten, done = threading.Event(), threading.Event()

    def broken(given: Database) -> None:
        raise RuntimeError

    pulses = [
        Pulse("t.broken", timedelta(milliseconds=50), broken),
        Pulse("t.good", timedelta(milliseconds=50), lambda given: beaten.set()),
    ]
    with running(Worker(database, {"t.do": lambda s, p: done.set()}, pulses=pulses)):
        assert beaten.wait(10)
        with database.writing() as session:
            enqueue(session, "t.do", {})
        assert done.wait(10)


def test_the_assembled_worker_has_handlers_and_schedules_of_all_and_seals(database: Database) -> None:
    ran: list[str] = []

    class Plugin:
        @staticmethod
        @hookimpl
        def job_handlers() -> Mapping[str, Any]:
            return {"plugin.do": lambda session, payload: ran.append("done")}

        @staticmethod
        @hookimpl
        def schedules() -> list[Schedule]:
            return [Schedule("plugin.daily", "plugin.do", 24 * HOUR)]

    hooks = Hooks()
    hooks.register("plugin", Plugin())
    with database.writing() as session:
        audit(session, SYSTEM, "t:t:do", "t:1")
    build_worker(database, hooks).run_pending()
    assert ran == ["done"]
    with database.reading() as session:
        from egovframe.core.modules.audit import chain_length

        assert chain_length(session) == 1


def test_the_worker_goes_on_when_the_database_comes_back(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from egovframe.core.modules.jobs import worker as module

    gone, looked, done = [2], threading.Event(), threading.Event()
    really = module.has_work

    def has_work(session: Session, queue: str) -> bool:
        if gone[0]:
            gone[0] -= 1
            looked.set()
            raise Unavailable
        return really(session, queue)

    monkeypatch.setattr(module, "has_work", has_work)
    with running(Worker(database, {"t.do": lambda s, p: done.set()}, queues=("default",))):
        assert looked.wait(10)
        with database.writing() as session:
            enqueue(session, "t.do", {})
        assert done.wait(10)
    assert gone == [0]
