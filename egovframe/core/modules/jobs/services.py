"""Verbs: put a job into the queue with the business transaction; retry or drop what died."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any, Literal, cast

from sqlalchemy import text
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.jobs.bell import Bell
from egovframe.core.modules.jobs.models import DEAD, READY, Job
from egovframe.core.persistence import insert_for, insert_rows, moment, new_ordered_id, unit_of
from egovframe.errors import NotFound

MAX_ATTEMPTS = 8
Queue = Literal["default", "outside", "slow"]


def enqueue(
    session: Session,
    name: str,
    payload: Mapping[str, Any],
    *,
    queue: Queue = "default",
    run_at: datetime | None = None,
    unique: str | None = None,
    max_attempts: int = MAX_ATTEMPTS,
    priority: int = 0,
) -> str:
    """Write a job into the session's transaction; it exists when that commits, and never otherwise.

    Args:
        session: of a writing unit.
        name: the handler's name, as given by the hook ``job_handlers``.
        payload: ids only, no personal data; at most 4 KB of JSON.
        queue: ``default`` for short work; ``outside`` for what waits for the network; ``slow`` for long computing.
        run_at: not before this instant; now when left out.
        unique: while a job with this key waits or runs, it stands for the new one too.
        max_attempts: after so many failures the job is dead and waits for a person.
        priority: lower goes first.

    Returns:
        The job's id, or the id of the one that stands for it.
    """
    values = {
        "id": new_ordered_id(),
        "queue": queue,
        "name": name,
        "payload": dict(payload),
        "priority": priority,
        "state": READY,
        "run_at": run_at or moment(session),
        "attempts": 0,
        "max_attempts": max_attempts,
        "unique_key": unique,
    }
    unit = unit_of(session)
    unit.after_commit(partial(unit.database.service(Bell).ring, queue))
    if unique is None:
        insert_rows(session, Job, values)
        return str(values["id"])
    return _insert_unique(session, values)


def _insert_unique(session: Session, values: Mapping[str, Any]) -> str:
    # DO UPDATE instead of DO NOTHING: it locks the waiting row until we commit, so that its run sees our changes.
    statement = insert_for(session, Job).values(**values)
    kept: str = session.execute(
        statement.on_conflict_do_update(
            index_elements=["unique_key"],
            index_where=text("unique_key IS NOT NULL AND state <> 'dead'"),
            set_={"unique_key": statement.excluded.unique_key},
        ).returning(Job.id)
    ).scalar_one()
    return kept


def retry_job(session: Session, actor: Actor, job_id: str) -> None:
    """Let a dead job start over; when a living one has the same unique key, that one stands for it.

    Raises:
        NotFound: no dead job has the id.
    """
    job = _dead(session, job_id)
    audit(session, actor, "jobs:job:retry", f"job:{job.id}", before={"name": job.name, "last_error": job.last_error})
    session.delete(job)
    session.flush()
    enqueue(
        session,
        job.name,
        job.payload,
        queue=cast(Queue, job.queue),
        unique=job.unique_key,
        max_attempts=job.max_attempts,
        priority=job.priority,
    )


def drop_job(session: Session, actor: Actor, job_id: str, reason: str = "") -> None:
    """Delete a dead job for good.

    Raises:
        NotFound: no dead job has the id.
    """
    job = _dead(session, job_id)
    audit(
        session,
        actor,
        "jobs:job:drop",
        f"job:{job.id}",
        before={"name": job.name, "payload": job.payload, "last_error": job.last_error},
        reason=reason,
    )
    session.delete(job)


def _dead(session: Session, job_id: str) -> Job:
    job = session.get(Job, job_id, with_for_update=True)
    if job is None or job.state != DEAD:
        raise NotFound(_("There is no failed job with this number. It may have been retried already."))
    return job
