"""Schedules: rows that say when a repeated job is due next, so that every process sees the same plan."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Select, bindparam, select, update
from sqlalchemy.orm import Session

from egovframe.core.modules.jobs.models import ScheduleState
from egovframe.core.modules.jobs.services import enqueue
from egovframe.core.persistence import WORKER, Database, insert_for, kept, now
from egovframe.hooks import Schedule


def declare_schedules(database: Database, schedules: Sequence[Schedule]) -> None:
    """Write the rows of new schedules, due at once; those that stand keep their plan."""
    with database.reading() as session:
        known = set(session.scalars(select(ScheduleState.name)))
    missing = [schedule for schedule in schedules if schedule.name not in known]
    if not missing:
        return
    with database.writing(WORKER) as session:
        at = now(session)
        for schedule in missing:
            statement = insert_for(session, ScheduleState).values(name=schedule.name, next_run=at)
            session.execute(statement.on_conflict_do_nothing(index_elements=[ScheduleState.name]))


def start_due(database: Database, schedules: Sequence[Schedule]) -> int:
    """Enqueue what is due and plan its next run; return how many jobs were made.

    However long nobody looked, a schedule runs once and goes on in its own rhythm: no storm after a pause.
    """
    wanted = {schedule.name: schedule for schedule in schedules}
    with database.reading() as session:
        if not _due(session, wanted):
            return 0
    with database.writing(WORKER) as session:
        return sum(_start(session, wanted[row.name], row.next_run) for row in _due(session, wanted))


def next_run(planned: datetime, every: timedelta, at: datetime) -> datetime:
    """Return the first instant after ``at`` in the rhythm of the plan."""
    return planned + every * ((at - planned) // every + 1)


def _due(session: Session, wanted: dict[str, Schedule]) -> list[ScheduleState]:
    rows = session.scalars(_planned(), {"now": now(session)})
    return [row for row in rows if row.name in wanted]


@kept
def _planned() -> Select[ScheduleState]:
    return select(ScheduleState).where(ScheduleState.next_run <= bindparam("now"))


def _start(session: Session, schedule: Schedule, planned: datetime) -> int:
    at = now(session)
    # The plan is compared again: of two workers that saw it due, one makes the job.
    moved = session.execute(
        update(ScheduleState)
        .where(ScheduleState.name == schedule.name, ScheduleState.next_run == planned)
        .values(last_run=at, next_run=next_run(planned, schedule.every, at))
        .returning(ScheduleState.name)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if moved is None:
        return 0
    enqueue(session, schedule.job, schedule.payload, run_at=at, unique=f"schedule:{schedule.name}")
    return 1
