"""Hooks of the web room: its small tables are swept every hour."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.idempotency import sweep_replies
from egovframe.core.web.kept import sweep_kept
from egovframe.core.web.limits import sweep
from egovframe.hooks import Retention, Schedule, hookimpl

SWEEP = "core.web.sweep"


def sweep_all(session: Session, _payload: Mapping[str, Any]) -> None:
    """Delete counts, kept answers and kept forms whose time is over."""
    sweep(session)
    sweep_replies(session)
    sweep_kept(session)


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """Name the sweeping."""
    return {SWEEP: sweep_all}


@hookimpl
def schedules() -> Sequence[Schedule]:
    """Sweep once an hour."""
    return (Schedule(SWEEP, SWEEP, timedelta(hours=1)),)


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Answers for programs and kept forms are swept every hour; a day later none can be there."""
    return (
        Retention("reply", 1, since="ended", counted_from=_("the end of the time for asking again")),
        Retention("kept_form", 1, since="ended", counted_from=_("the end of the time for coming back")),
    )
