"""What privacy answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from egovframe.core.modules.jobs import Postponed, outside
from egovframe.core.modules.privacy.permissions import PERMISSIONS, ROLES
from egovframe.core.modules.privacy.services.erasing import COMPACT, resume_erasures
from egovframe.core.modules.privacy.services.ledger import note_erasures
from egovframe.core.modules.privacy.services.retention import run_retention
from egovframe.core.persistence import WORKER, Database, truncate_log
from egovframe.hooks import Permission, RoleTemplate, Schedule, hookimpl

DAILY = "privacy.daily"


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give them to the default roles."""
    return ROLES


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """Name the daily run, and what follows an erasure."""
    return {DAILY: daily, COMPACT: compact}


@hookimpl
def schedules() -> Sequence[Schedule]:
    """Once a day."""
    return (Schedule(DAILY, DAILY, timedelta(days=1)),)


@outside
def daily(database: Database, _payload: Mapping[str, Any]) -> None:
    """Go on with waiting erasures, let go what is due, bring the ledger up to date."""
    with database.writing(WORKER) as session:
        resume_erasures(session)
    run_retention(database)
    note_erasures(database)


@outside
def compact(database: Database, _payload: Mapping[str, Any]) -> None:
    """Shorten the write-ahead log; put off while readers need it, so that the job comes back."""
    if not truncate_log(database):
        raise Postponed("readers")
