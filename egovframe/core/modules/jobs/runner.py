"""Runs single jobs: inside a unit of work with their effects, or outside of one when they wait for the network."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta
from typing import Any, TypeVar

import structlog
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from egovframe.core.modules.jobs.claims import Claim, extend, fail, finish
from egovframe.core.persistence import SYSTEM_ERRAND, WORKER, Database, on_errand

JobHandler = Callable[[Session, Mapping[str, Any]], None]
Settle = Callable[[Session], None]
OutsideHandler = Callable[[Database, Mapping[str, Any]], Settle | None]
Context = Callable[[], AbstractContextManager[Any]]
H = TypeVar("H", bound=OutsideHandler)

LEASE = timedelta(minutes=5)
"""How long a job may take before another worker supposes that its worker died."""
YOUNG = timedelta(seconds=30)
"""A lease taken so lately need not be renewed before long work: most jobs are begun at once."""

log = structlog.get_logger(__name__)


class UnknownJob(LookupError):
    """No room or plugin handles the job: it is switched off, or the job comes from a newer version."""


class Postponed(Exception):
    """Raised by a handler whose time has not come, through nobody's fault: the job comes back as after a failure.

    It is no error until the last attempt; say in one or two words what is waited for.
    """


def outside(handler: H) -> H:
    """Mark a handler that reaches outside (mail, webhooks): it is given the database and opens short units itself.

    No transaction stays open while it waits for the network. It runs at least once: what it sends needs a stable id.
    What it has to write at the end it may return as a function of a session, run in the unit that ends the job.
    """
    handler.egovframe_outside = True  # type: ignore[attr-defined]
    return handler


class Runner:
    """Runs claimed jobs and records how they end.

    Args:
        database: the city's.
        handlers: by job name; ``(session, payload)``, or ``(database, payload)`` when marked ``outside``.
        context: opened around every job, such as ``app.app_context``.
    """

    def __init__(self, database: Database, handlers: Mapping[str, Callable[..., None]], context: Context = nullcontext):
        self._database = database
        self._handlers = dict(handlers)
        self._context = context

    def run(self, claimed: Claim) -> None:
        """Run one job; its failure is recorded and never raised.

        Raises:
            Unavailable: the database does not answer, so that nothing could be recorded.
        """
        with bound_contextvars(request_id=f"job:{claimed.id}"):
            try:
                self._attempt(claimed)
            except (Exception, SystemExit) as error:  # noqa: BLE001 - a job is plugin code: its failure is recorded
                self._failed(claimed, error)

    def _attempt(self, claimed: Claim) -> None:
        handler = self._handlers.get(claimed.name)
        if handler is None:
            raise UnknownJob(claimed.name)
        # A job shows nothing to anybody unless it says on whose order it works (privacy.on_the_order_of).
        with self._context(), on_errand(SYSTEM_ERRAND):
            if getattr(handler, "egovframe_outside", False):
                self._outside(handler, claimed)
            else:
                self._inside(handler, claimed)

    def _inside(self, handler: JobHandler, claimed: Claim) -> None:
        with self._database.writing(WORKER) as session:
            if finish(session, claimed):
                handler(session, claimed.payload)
            else:
                log.warning("job_lost", job=claimed.id, name=claimed.name)

    def _outside(self, handler: OutsideHandler, claimed: Claim) -> None:
        if claimed.age > YOUNG and not self._renewed(claimed):
            log.warning("job_lost", job=claimed.id, name=claimed.name)
            return
        settle = handler(self._database, claimed.payload)
        with self._database.writing(WORKER) as session:
            finish(session, claimed)
            if callable(settle):
                settle(session)

    def _renewed(self, claimed: Claim) -> bool:
        with self._database.writing(WORKER) as session:
            return extend(session, claimed, LEASE)

    def _failed(self, claimed: Claim, error: BaseException) -> None:
        # Class and place only: the text of an exception may quote personal data.
        expected = isinstance(error, Postponed) and claimed.attempt < claimed.max_attempts
        (log.info if expected else log.error)(
            "job_postponed" if expected else "job_failed",
            job=claimed.id,
            name=claimed.name,
            attempt=claimed.attempt,
            of=claimed.max_attempts,
            error=type(error).__name__,
            place=place_of(error),
        )
        with self._database.writing(WORKER) as session:
            fail(session, claimed, type(error).__name__)


def place_of(error: BaseException) -> str:
    """Return file, line and function where an error was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno} {frames[-1].name}" if frames else ""
