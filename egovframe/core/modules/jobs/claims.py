"""The queue's SQL: who takes which job, and how a job ends. Everything runs in the caller's unit of work."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import ColumnElement, CursorResult, Executable, and_, case, delete, exists, or_, select, update
from sqlalchemy.orm import Session

from egovframe.core.modules.jobs.models import DEAD, READY, RUNNING, Job
from egovframe.core.persistence import now

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
LEASE_EXPIRED = "LeaseExpired"
"""Stands as the error of a job whose worker died or hung."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker; ``attempt`` tells it from a later claim of the same job."""

    id: str
    name: str
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    worker: str

    @property
    def mine(self) -> ColumnElement[bool]:
        """Holds while nobody else has taken the job over."""
        return and_(Job.id == self.id, Job.locked_by == self.worker, Job.attempts == self.attempt)


def has_work(session: Session, queue: str) -> bool:
    """Whether something is due or abandoned: a plain read, so that an idle worker never asks for the write lock."""
    at = now(session)
    found = session.execute(select(or_(exists().where(_due(queue, at)), exists().where(_expired(at))))).scalar_one()
    return bool(found)


def claim(session: Session, queue: str, worker: str, lease: timedelta, limit: int) -> list[Claim]:
    """Take up to ``limit`` due jobs, most urgent first; abandoned ones are put back before."""
    at = now(session)
    _put_back_expired(session, at)
    rows = session.execute(
        select(Job.id, Job.name, Job.payload, Job.attempts, Job.max_attempts)
        .where(_due(queue, at))
        .order_by(Job.priority, Job.run_at, Job.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    ).all()
    if rows:
        session.execute(
            update(Job)
            .where(Job.id.in_([row.id for row in rows]))
            .values(state=RUNNING, locked_by=worker, locked_until=at + lease, attempts=Job.attempts + 1)
            .execution_options(synchronize_session=False)
        )
    return [Claim(row.id, row.name, row.payload, row.attempts + 1, row.max_attempts, worker) for row in rows]


def finish(session: Session, claimed: Claim) -> bool:
    """Delete the job, to be committed with its effects; False when another worker has taken it over.

    Called before the effects: a failure rolls the deletion back, and on PostgreSQL the locked row keeps others away
    even when the lease runs out meanwhile.
    """
    return _changed(session, delete(Job).where(claimed.mine)) == 1


def extend(session: Session, claimed: Claim, lease: timedelta) -> bool:
    """Renew the lease before long work; False when another worker has taken the job over."""
    return _changed(session, update(Job).where(claimed.mine).values(locked_until=now(session) + lease)) == 1


def fail(session: Session, claimed: Claim, error: str) -> None:
    """Let the job try again later, or die when it has tried often enough."""
    dead = claimed.attempt >= claimed.max_attempts
    _changed(
        session,
        update(Job)
        .where(claimed.mine)
        .values(
            state=DEAD if dead else READY,
            run_at=now(session) + back_off(claimed.attempt),
            locked_by=None,
            locked_until=None,
            last_error=error[:200],
        ),
    )


def give_back(session: Session, worker: str) -> int:
    """Return jobs that this worker took and did not start: when it stops, or after the database was gone."""
    return _changed(
        session,
        update(Job)
        .where(Job.state == RUNNING, Job.locked_by == worker)
        .values(state=READY, locked_by=None, locked_until=None, attempts=Job.attempts - 1),
    )


def back_off(attempt: int) -> timedelta:
    """Return the pause after the n-th failure: 5 s, doubled each time up to an hour, times 0.5 to 1.5 by chance."""
    pause: timedelta = min(FIRST_RETRY * int(2 ** min(attempt - 1, 20)), LONGEST_RETRY)
    return pause * random.uniform(0.5, 1.5)  # noqa: S311 - spreads retries, guards nothing


def _due(queue: str, at: datetime) -> ColumnElement[bool]:
    return and_(Job.state == READY, Job.queue == queue, Job.run_at <= at)


def _expired(at: datetime) -> ColumnElement[bool]:
    return and_(Job.state == RUNNING, Job.locked_until < at)


def _put_back_expired(session: Session, at: datetime) -> None:
    ids = session.scalars(select(Job.id).where(_expired(at)).limit(1000).with_for_update(skip_locked=True)).all()
    if not ids:
        return
    _changed(
        session,
        update(Job)
        .where(Job.id.in_(ids))
        .values(
            state=case((Job.attempts >= Job.max_attempts, DEAD), else_=READY),
            locked_by=None,
            locked_until=None,
            last_error=LEASE_EXPIRED,
        ),
    )


def _changed(session: Session, statement: Executable) -> int:
    result = session.execute(statement, execution_options={"synchronize_session": False})
    return cast("CursorResult[Any]", result).rowcount
