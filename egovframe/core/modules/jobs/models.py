"""Tables of the queue: jobs to do, schedules that make jobs, leases that let one process do a thing."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Integer, String, text
from sqlalchemy.orm import Mapped, mapped_column

from egovframe.core.persistence import BoundedJSON, CoreBase, UTCDateTime, new_ordered_id

READY, RUNNING, DEAD = "ready", "running", "dead"
DEFAULT, OUTSIDE, SLOW = "default", "outside", "slow"
QUEUES = (DEFAULT, OUTSIDE, SLOW)
"""Short transactions; work that waits for the network; long computing. Each queue has a thread of its own."""


class Job(CoreBase):
    """One thing to do.

    A job that succeeded is deleted in the transaction of its effects; a dead one waits for a person.
    """

    __tablename__ = "core_job"
    __table_args__ = (
        CheckConstraint("state IN ('ready', 'running', 'dead')", name="state"),
        CheckConstraint("queue IN ('default', 'outside', 'slow')", name="queue"),
        # Each index covers only the rows its question is about, so that dead letters cost the claim nothing.
        Index(
            "ix_core_job_ready",
            "queue",
            "priority",
            "run_at",
            "id",
            sqlite_where=text("state = 'ready'"),
            postgresql_where=text("state = 'ready'"),
        ),
        Index(
            "ix_core_job_running",
            "locked_until",
            sqlite_where=text("state = 'running'"),
            postgresql_where=text("state = 'running'"),
        ),
        Index(
            "ix_core_job_dead",
            "id",
            sqlite_where=text("state = 'dead'"),
            postgresql_where=text("state = 'dead'"),
        ),
        Index(
            "uq_core_job_unique_key",
            "unique_key",
            unique=True,
            sqlite_where=text("unique_key IS NOT NULL AND state <> 'dead'"),
            postgresql_where=text("unique_key IS NOT NULL AND state <> 'dead'"),
        ),
    )

    id: Mapped[str] = mapped_column(String(26), primary_key=True, default=new_ordered_id)
    queue: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(120))
    payload: Mapped[Any] = mapped_column(BoundedJSON(4_096))
    priority: Mapped[int] = mapped_column(Integer, default=0)
    """Lower goes first."""
    state: Mapped[str] = mapped_column(String(10), default=READY)
    run_at: Mapped[datetime] = mapped_column(UTCDateTime())
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    max_attempts: Mapped[int] = mapped_column(Integer)
    locked_by: Mapped[str | None] = mapped_column(String(80))
    locked_until: Mapped[datetime | None] = mapped_column(UTCDateTime())
    unique_key: Mapped[str | None] = mapped_column(String(200))
    """While a job with the key waits or runs, no second one is made."""
    last_error: Mapped[str | None] = mapped_column(String(200))
    """The class of the last error only: messages may quote personal data."""


class ScheduleState(CoreBase):
    """When a schedule ran and runs again; rows of schedules that no plugin declares any more stay and rest."""

    __tablename__ = "core_schedule"

    name: Mapped[str] = mapped_column(String(120), primary_key=True)
    last_run: Mapped[datetime | None] = mapped_column(UTCDateTime())
    next_run: Mapped[datetime] = mapped_column(UTCDateTime(), index=True)


class Lease(CoreBase):
    """Something that one process at a time may do, such as running the embedded worker."""

    __tablename__ = "core_lease"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    holder: Mapped[str] = mapped_column(String(80))
    held_until: Mapped[datetime] = mapped_column(UTCDateTime())
