"""The clock of a case: when it is due, how a pause moves that, when it ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session

from egovframe.core.modules.cases.definition import Definition
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.worktime import NeverOpen, calendar_for, deadline, remaining

NO_DEADLINE = datetime(9999, 1, 1, tzinfo=UTC)
"""Where cases without a deadline stand in queues: last."""


def set_due(case: Case, due_at: datetime | None) -> None:
    """Give the whole case a deadline, or none."""
    case.due_at = due_at
    _sort(case)


def start_clock(session: Session, case: Case, at: datetime) -> None:
    """Count the deadline of the whole case from the instant."""
    due_at = None
    if case.deadline_hours is not None:
        due_at = _due(session, case, at, timedelta(hours=case.deadline_hours))
    set_due(case, due_at)


def enter_state(session: Session, case: Case, definition: Definition, at: datetime) -> None:
    """Note since when the case is in its state, and by when it must leave it where the case type says so."""
    hours = definition.states[case.state].hours
    case.state_since = at
    case.state_due_at = None
    if hours is not None:
        case.state_due_at = _due(session, case, at, timedelta(hours=hours))
    _sort(case)


def next_due(case: Case) -> datetime | None:
    """Return the deadline that comes first, of the case or of its state; None when there is none."""
    return min(filter(None, (case.due_at, case.state_due_at)), default=None)


def move_clock(session: Session, case: Case, before: str, at: datetime) -> None:
    """Let the clock follow a change of the kind of state: pause, go on, end, begin again.

    What was left at the pause is left after it, in the mode of the deadline. A deadline that had passed before the
    pause stays where it was: late is late.
    """
    if case.kind == before:
        return
    if before == "waiting" and case.paused_at is not None:
        _resume(session, case, at)
    if case.kind == "waiting":
        case.paused_at = at
    if before == "terminal":
        _reopen(session, case, at)
    case.closed_at = at if case.kind == "terminal" else None


def is_overdue(case: Case, at: datetime) -> bool:
    """Whether the deadline has passed while the clock was running, or had passed when it was paused."""
    due_at = next_due(case)
    if due_at is None or case.kind == "terminal":
        return False
    return due_at < (case.paused_at or at)


def was_late(case: Case) -> bool:
    """Whether an ended case ended after its deadline."""
    return case.closed_at is not None and case.due_at is not None and case.due_at < case.closed_at


def _resume(session: Session, case: Case, at: datetime) -> None:
    paused_at = case.paused_at
    if paused_at is None:
        return
    case.paused_seconds += max(0, round((at - paused_at).total_seconds()))
    case.paused_at = None
    if case.due_at is None or case.due_at <= paused_at:
        return
    left = case.due_at - paused_at
    if case.deadline_mode == "working":
        left = remaining(calendar_for(session, case.department_id), paused_at, case.due_at, "working")
    set_due(case, _due(session, case, at, left))


def _reopen(session: Session, case: Case, at: datetime) -> None:
    # A case that is taken up again gets its whole time again: the old deadline is history on the timeline.
    if case.deadline_hours is not None:
        start_clock(session, case, at)


def _sort(case: Case) -> None:
    before, case.sort_at = case.sort_at, next_due(case) or NO_DEADLINE
    if before is None or case.sort_at > before:
        case.escalation_level = 0


def _due(session: Session, case: Case, at: datetime, amount: timedelta) -> datetime:
    """Return the instant an amount later in the case's mode; only working time asks for the department's calendar."""
    if case.deadline_mode != "working":
        return at + amount
    try:
        return deadline(calendar_for(session, case.department_id), at, amount, "working")
    except NeverOpen:
        # A calendar without hours must not stop a citizen: then the hours of the clock count.
        return at + amount
