"""The worker: a thread for each queue, and one that keeps time for schedules, leases and the audit seal."""

from __future__ import annotations

import os
import secrets
import socket
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from datetime import timedelta

import structlog

from egovframe.core.modules.jobs.bell import Bell
from egovframe.core.modules.jobs.claims import claim, give_back, has_work
from egovframe.core.modules.jobs.leases import hold, let_go
from egovframe.core.modules.jobs.models import QUEUES
from egovframe.core.modules.jobs.runner import LEASE, Context, Runner, place_of
from egovframe.core.modules.jobs.schedules import declare_schedules, start_due
from egovframe.core.persistence import WORKER, Database
from egovframe.hooks import Schedule

BATCH = 20
POLL = 0.5
"""Seconds between looks for jobs of other processes; those of this one ring."""
LEASE_NAME = "worker"
LONGEST_PAUSE = 4.0
"""Seconds between tries while the database is gone."""

log = structlog.get_logger(__name__)


@dataclass(slots=True)
class Pulse:
    """Something small that the worker does again and again: at most ``every``, never twice at once."""

    name: str
    every: timedelta
    beat: Callable[[Database], object]
    next_at: float = field(default=0.0, init=False)


class Worker:
    """Runs jobs until it is told to stop, or those that are due right now.

    Args:
        database: the city's.
        handlers: job handlers by name (hook ``job_handlers``).
        schedules: repeated jobs (hook ``schedules``).
        context: opened around every job, such as ``app.app_context``.
        pulses: small things to do several times a second, such as sealing the audit chain.
        queues: which queues to serve; each has a thread.
        exclusive: only one process may work at a time; by default on SQLite.
    """

    def __init__(
        self,
        database: Database,
        handlers: Mapping[str, Callable[..., None]],
        schedules: Sequence[Schedule] = (),
        *,
        context: Context = nullcontext,
        pulses: Sequence[Pulse] = (),
        queues: Sequence[str] = QUEUES,
        exclusive: bool | None = None,
    ) -> None:
        self.name = f"{socket.gethostname()[:30]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._database = database
        self._runner = Runner(database, handlers, context)
        self._schedules = tuple(schedules)
        self._queues = tuple(queues)
        self._exclusive = database.dialect == "sqlite" if exclusive is None else exclusive
        self._bell = database.service(Bell)
        self._pulses = [Pulse("jobs.schedules", timedelta(seconds=1), self._tick), *pulses]
        self._declared = False
        self._faulty: set[str] = set()
        """Queues in which something may be left in our hands."""

    def run_pending(self, limit: int = 10_000) -> int:
        """Do what is due now, in this thread: schedules, jobs and those they make, pulses; return how many jobs ran."""
        self._tick(self._database)
        ran = 0
        while ran < limit and (done := sum(self._batch(queue, min(BATCH, limit - ran)) for queue in self._queues)):
            ran += done
        for pulse in self._pulses:
            pulse.beat(self._database)
        return ran

    def run(self, stop: threading.Event) -> None:
        """Work until ``stop`` is set; jobs that have begun are finished, those only taken are given back."""
        while not stop.is_set():
            if self._has_lease():
                self._serve(stop)
            else:
                stop.wait(1)

    def _serve(self, stop: threading.Event) -> None:
        log.info("worker_started", worker=self.name, queues=self._queues)
        halt = threading.Event()
        lanes = [
            threading.Thread(target=self._lane, args=(queue, halt), name=f"worker-{queue}") for queue in self._queues
        ]
        for lane in lanes:
            lane.start()
        try:
            self._keep_time(stop)
        finally:
            halt.set()
            self._bell.ring(*self._queues)
            for lane in lanes:
                lane.join()
            self._leave()
            log.info("worker_stopped", worker=self.name)

    def _keep_time(self, stop: threading.Event) -> None:
        renew_at = time.monotonic() + 3
        while not stop.is_set():
            if time.monotonic() >= renew_at:
                if not self._has_lease():
                    return
                renew_at = time.monotonic() + 3
            for pulse in self._pulses:
                self._beat(pulse)
            stop.wait(0.1)

    def _beat(self, pulse: Pulse) -> None:
        if time.monotonic() < pulse.next_at:
            return
        pause = pulse.every.total_seconds()
        try:
            pulse.beat(self._database)
        except Exception as error:  # noqa: BLE001 - one pulse must not stop the others, nor the worker
            log.error("pulse_failed", pulse=pulse.name, error=type(error).__name__, place=place_of(error))
            pause = max(pause, 2.0)
        pulse.next_at = time.monotonic() + pause

    def _tick(self, database: Database) -> None:
        if not self._declared:
            declare_schedules(database, self._schedules)
            self._declared = True
        start_due(database, self._schedules)

    def _lane(self, queue: str, halt: threading.Event) -> None:
        pause = 0.5
        sure = False
        while not halt.is_set():
            seen = self._bell.rung(queue)
            try:
                busy = self._batch(queue, BATCH, halt, sure=sure)
                pause = 0.5
            except Exception as error:  # noqa: BLE001 - the database is gone or full: wait for it
                self._faulty.add(queue)
                log.error("worker_fault", queue=queue, error=type(error).__name__, place=place_of(error))
                halt.wait(pause)
                pause, sure = min(pause * 2, LONGEST_PAUSE), False
                continue
            sure = busy == BATCH or self._bell.rung(queue) != seen
            if not (busy or sure):
                sure = self._bell.wait(queue, seen, POLL)

    def _batch(self, queue: str, limit: int, halt: threading.Event | None = None, *, sure: bool = False) -> int:
        if not (sure or self._sees_work(queue)):
            return 0
        worker = f"{self.name}:{queue}"
        with self._database.writing(WORKER) as session:
            if queue in self._faulty:
                give_back(session, worker)  # what an earlier fault left in our hands
            claims = claim(session, queue, worker, LEASE, limit)
        self._faulty.discard(queue)
        for number, claimed in enumerate(claims):
            if halt is not None and halt.is_set():
                with self._database.writing(WORKER) as session:
                    give_back(session, worker)
                return number
            self._runner.run(claimed)
        return len(claims)

    def _sees_work(self, queue: str) -> bool:
        with self._database.reading() as session:
            return has_work(session, queue)

    def _has_lease(self) -> bool:
        if not self._exclusive:
            return True
        try:
            return hold(self._database, LEASE_NAME, self.name)
        except Exception as error:  # noqa: BLE001 - no database, no lease: wait for it
            log.error("worker_fault", queue="lease", error=type(error).__name__, place=place_of(error))
            return False

    def _leave(self) -> None:
        if not self._exclusive:
            return
        try:
            let_go(self._database, LEASE_NAME, self.name)
        except Exception as error:  # noqa: BLE001 - it ends by itself in seconds
            log.error("worker_fault", queue="lease", error=type(error).__name__, place=place_of(error))
