"""Builds the worker of an application from what its rooms and plugins answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from datetime import timedelta
from pathlib import Path

from egovframe.core.modules.audit import HeadFile, seal
from egovframe.core.modules.jobs.models import QUEUES
from egovframe.core.modules.jobs.runner import Context
from egovframe.core.modules.jobs.worker import Pulse, Worker
from egovframe.core.persistence import Database
from egovframe.hooks import Hooks

SEAL_EVERY = timedelta(milliseconds=250)


def build_worker(
    database: Database,
    hooks: Hooks,
    *,
    context: Context = nullcontext,
    queues: Sequence[str] = QUEUES,
    heads: Path | None = None,
) -> Worker:
    """Return a worker with every handler and schedule of the core and the plugins, which also seals the audit chain.

    Args:
        database: the city's.
        hooks: of the application.
        context: opened around every job: ``app.app_context``.
        queues: which queues to serve.
        heads: file to append the signed heads of the audit chain to; should lie outside the database's reach.
    """
    database.service(HeadFile).path = heads
    handlers: dict[str, Callable[..., None]] = {}
    for answer in hooks.collect("job_handlers"):
        handlers.update(answer)
    return Worker(
        database,
        handlers,
        hooks.collect("schedules"),
        context=context,
        pulses=[Pulse("audit.seal", SEAL_EVERY, seal)],
        queues=queues,
    )
