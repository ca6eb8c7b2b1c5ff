"""How a case looks in words, shape and colour, the same on every page and in every plugin."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, TypeAlias

from sqlalchemy.orm import Session

from egovframe.core.i18n import format_deadline, gettext
from egovframe.core.modules.cases.clock import is_overdue, next_due, was_late
from egovframe.core.modules.cases.definition import Definition
from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.cases.types import definitions_of

TAGS = {"open": "work", "waiting": "wait", "terminal": "done"}


@dataclass(frozen=True, slots=True)
class StateView:
    """A state in words, and the ``tag`` of ``core/tag.html`` that gives it shape and colour."""

    code: str
    title: str
    kind: str
    tag: str


StateViews: TypeAlias = Mapping[tuple[str, int, str], StateView]
"""By (type, its version, state)."""


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline in words with its ``tag``; ``late`` also for a case that ended after it."""

    text: str
    tag: str
    late: bool


def state_view(definition: Definition, state: str) -> StateView:
    """Return how a state is shown, in the current language."""
    known = definition.states[state]
    return StateView(state, gettext(known.title), known.kind, TAGS[known.kind])


def state_views(session: Session, cases: Iterable[Any]) -> StateViews:
    """Return how the states of several cases (or rows with their type and state) are shown, each worked out once."""
    known = definitions_of(session, cases)
    wanted = {(case.type_code, case.type_version, case.state) for case in cases}
    return {(code, version, state): state_view(known[code, version], state) for code, version, state in wanted}


def deadline_view(case: Case, at: datetime) -> DeadlineView | None:
    """Return how the deadline is shown at an instant, or None when there is none and nothing to say."""
    if case.kind == "terminal":
        return DeadlineView(gettext("ended late"), "closed", late=True) if was_late(case) else None
    late = is_overdue(case, at)
    if case.paused_at is not None:
        return DeadlineView(gettext("the clock stands still"), "late" if late else "wait", late)
    due_at = next_due(case)
    if due_at is None:
        return None
    soon = due_at - at < timedelta(hours=24)
    return DeadlineView(format_deadline(due_at, at), "late" if late else "wait" if soon else "work", late)
