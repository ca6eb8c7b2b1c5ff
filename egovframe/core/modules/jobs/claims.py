"""The queue's SQL: who takes which job, and how a job ends. Everything runs in the caller's unit of work."""

from __future__ import annotations

import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, cast

from sqlalchemy import (
    CursorResult,
    Delete,
    Executable,
    Integer,
    Select,
    Update,
    and_,
    bindparam,
    case,
    delete,
    exists,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from egovframe.core.modules.jobs.models import DEAD, READY, RUNNING, Job
from egovframe.core.persistence import kept, now, quick_change

FIRST_RETRY = timedelta(seconds=5)
LONGEST_RETRY = timedelta(hours=1)
LEASE_EXPIRED = "LeaseExpired"
"""Stands as the error of a job whose worker died or hung."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A job in the hands of one worker; ``attempt`` tells it from a later claim of the same job.

    Attributes:
        taken_at: by the clock of ``time.monotonic``: the lease is as young as this.
    """

    id: str
    name: str
    payload: Mapping[str, Any]
    attempt: int
    max_attempts: int
    worker: str
    taken_at: float = field(default_factory=time.monotonic, compare=False)

    @property
    def mine(self) -> dict[str, Any]:
        """Values for ``_MINE``, which holds while nobody else has taken the job over."""
        return {"my_id": self.id, "my_worker": self.worker, "my_attempt": self.attempt}

    @property
    def age(self) -> timedelta:
        """How long ago the job was taken, or its lease renewed."""
        return timedelta(seconds=time.monotonic() - self.taken_at)


_MINE = and_(
    Job.id == bindparam("my_id"), Job.locked_by == bindparam("my_worker"), Job.attempts == bindparam("my_attempt")
)
_DUE = and_(Job.state == READY, Job.queue == bindparam("wanted"), Job.run_at <= bindparam("now"))
_EXPIRED = and_(Job.state == RUNNING, Job.locked_until < bindparam("now"))
_AS_IT_IS: dict[str, Any] = {"synchronize_session": False}
"""No session here holds jobs as objects."""


def has_work(session: Session, queue: str) -> bool:
    """Whether something is due or abandoned: a plain read, so that an idle worker never asks for the write lock."""
    return bool(session.execute(_has_work(), {"wanted": queue, "now": now(session)}).scalar_one())


@kept
def _has_work() -> Select[bool]:
    return select(or_(exists().where(_DUE), exists().where(_EXPIRED)))


def claim(session: Session, queue: str, worker: str, lease: timedelta, limit: int) -> list[Claim]:
    """Take up to ``limit`` due jobs, most urgent first; abandoned ones are put back before."""
    at = now(session)
    _put_back_expired(session, at)
    given = {"wanted": queue, "now": at, "at_most": limit, "worker": worker, "until": at + lease}
    rows = session.execute(_claim(), given, execution_options=_AS_IT_IS).all()
    in_order = sorted(rows, key=lambda row: (row.priority, row.run_at, row.id))
    return [Claim(row.id, row.name, row.payload, row.attempts, row.max_attempts, worker) for row in in_order]


@kept
def _claim() -> ReturningUpdate[*tuple[Any, ...]]:
    first = select(Job.id).where(_DUE).order_by(Job.priority, Job.run_at, Job.id)
    some = first.limit(bindparam("at_most", type_=Integer())).with_for_update(skip_locked=True)
    # Of a plain subquery PostgreSQL may ask again for each row; every time it skips what is locked by now and takes
    # the next ones, beyond the limit. Materialised it is asked once.
    taken = some.cte("taken").prefix_with("MATERIALIZED")
    return (
        update(Job)
        .where(Job.id.in_(select(taken.c.id)))
        .values(
            state=RUNNING, locked_by=bindparam("worker"), locked_until=bindparam("until"), attempts=Job.attempts + 1
        )
        .returning(Job.id, Job.name, Job.payload, Job.attempts, Job.max_attempts, Job.priority, Job.run_at)
    )


def finish(session: Session, claimed: Claim) -> bool:
    """Delete the job, to be committed with its effects; False when another worker has taken it over.

    Called before the effects: a failure rolls the deletion back, and on PostgreSQL the locked row keeps others away
    even when the lease runs out meanwhile.
    """
    return quick_change(session, _finish(), claimed.mine) == 1


@kept
def _finish() -> Delete:
    return delete(Job.__table__).where(_MINE)  # type: ignore[arg-type]


def extend(session: Session, claimed: Claim, lease: timedelta) -> bool:
    """Renew the lease before long work; False when another worker has taken the job over."""
    return _changed(session, _extend(), {**claimed.mine, "until": now(session) + lease}) == 1


@kept
def _extend() -> Update:
    return update(Job).where(_MINE).values(locked_until=bindparam("until"))


def fail(session: Session, claimed: Claim, error: str) -> None:
    """Let the job try again later, or die when it has tried often enough."""
    dead = claimed.attempt >= claimed.max_attempts
    statement = (
        update(Job)
        .where(_MINE)
        .values(
            state=DEAD if dead else READY,
            run_at=now(session) + back_off(claimed.attempt),
            locked_by=None,
            locked_until=None,
            last_error=error[:200],
        )
    )
    _changed(session, statement, claimed.mine)


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


def _put_back_expired(session: Session, at: datetime) -> None:
    ids = session.scalars(_expired(), {"now": at}).all()
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


@kept
def _expired() -> Select[str]:
    return select(Job.id).where(_EXPIRED).limit(1000).with_for_update(skip_locked=True)


def _changed(session: Session, statement: Executable, values: Mapping[str, Any] | None = None) -> int:
    result = session.execute(statement, values, execution_options=_AS_IT_IS)
    return cast("CursorResult[Any]", result).rowcount
