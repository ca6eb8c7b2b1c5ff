"""Reads for operators: dead letters, counters, and when schedules run."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from egovframe.core.modules.jobs.models import DEAD, Job, ScheduleState
from egovframe.core.persistence import NumberedPage, numbered_page


def dead_jobs(session: Session, page: int = 1, page_size: int = 20) -> NumberedPage[Job]:
    """Return the jobs that gave up, newest first."""
    return numbered_page(session, select(Job).where(Job.state == DEAD).order_by(Job.id.desc()), page, page_size)


def job_counts(session: Session) -> dict[str, int]:
    """Return how many jobs are in each state."""
    rows = session.execute(select(Job.state, func.count()).group_by(Job.state)).all()
    return {row[0]: row[1] for row in rows}


def schedule_states(session: Session) -> list[ScheduleState]:
    """Return every schedule with its last and next run, the next one first."""
    return list(session.scalars(select(ScheduleState).order_by(ScheduleState.next_run)))
