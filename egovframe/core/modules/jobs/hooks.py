"""What the queue answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.modules.jobs.permissions import PERMISSIONS
from egovframe.core.modules.jobs.queries import job_counts
from egovframe.hooks import Permission, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """The right to look after jobs."""
    return PERMISSIONS


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    """How many jobs wait, run and have died."""
    return {f"jobs_{state}": count for state, count in job_counts(session).items()}
