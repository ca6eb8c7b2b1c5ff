"""How a case looks in words, shape and colour, the same on every page and in every plugin."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from egovframe.core.i18n import format_deadline, gettext
from egovframe.core.modules.cases.clock import is_overdue, was_late
from egovframe.core.modules.cases.definition import Definition
from egovframe.core.modules.cases.models import Case

TONES = {"open": "info", "waiting": "warning", "terminal": "success"}
ICONS = {"open": "circle-dot", "waiting": "pause", "terminal": "check"}


@dataclass(frozen=True, slots=True)
class StateView:
    """A state as a tag: word, colour (``info``, ``warning``, ``success``) and shape (an icon's name)."""

    code: str
    title: str
    kind: str
    tone: str
    icon: str


@dataclass(frozen=True, slots=True)
class DeadlineView:
    """A deadline in words with its colour; ``late`` also for a case that ended after it."""

    text: str
    tone: str
    late: bool


def state_view(definition: Definition, state: str) -> StateView:
    """Return how a state is shown, in the current language."""
    known = definition.states[state]
    return StateView(state, gettext(known.title), known.kind, TONES[known.kind], ICONS[known.kind])


def deadline_view(case: Case, at: datetime) -> DeadlineView | None:
    """Return how the deadline is shown at an instant, or None when there is none and nothing to say."""
    if case.kind == "terminal":
        late = was_late(case)
        return DeadlineView(gettext("ended late"), "warning", late=True) if late else None
    if case.paused_at is not None:
        late = is_overdue(case, at)
        return DeadlineView(gettext("clock stands still"), "danger" if late else "warning", late)
    if case.due_at is None:
        return None
    late = is_overdue(case, at)
    soon = (case.due_at - at).total_seconds() < 24 * 3600
    return DeadlineView(format_deadline(case.due_at, at), "danger" if late else "warning" if soon else "info", late)
