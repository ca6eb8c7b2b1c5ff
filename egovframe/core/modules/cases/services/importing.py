"""Verb: give a case that was imported the state and history that it had in the earlier system."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.clock import set_due
from egovframe.core.modules.cases.models import Case, CaseEntry
from egovframe.core.modules.cases.services.opening import facts_of
from egovframe.core.modules.cases.types import definition_of
from egovframe.errors import Invalid


def place_past(
    session: Session,
    case: Case,
    *,
    state: str,
    at: datetime,
    text: str = "",
    due_at: datetime | None = None,
    public: bool = True,
    actor: Actor = SYSTEM,
) -> Case:
    """Put a freshly opened case into a state that it reached in the past, with one line on its timeline.

    Nobody is told, and thresholds that had passed by then count as dealt with, so that an import starts no storm.

    Args:
        case: opened in the same unit with ``received_at`` and ``external``.
        state: any state of its type.
        at: when it reached that state.
        text: what was answered, or where the earlier system's note goes.
        due_at: the deadline it had there; the one already set when None.
        public: whether the line is for everybody.

    Raises:
        Invalid: the type has no such state, or the instant lies before the case was received.
    """
    definition = definition_of(session, case)
    if state not in definition.states:
        raise Invalid(errors={"state": [_("This kind of case has no state “%(state)s”.", state=state)]})
    if at < case.received_at:
        raise Invalid(errors={"at": [_("A case cannot end before it was received.")]})
    before = facts_of(case)
    case.version += 1
    case.state, case.kind = state, definition.states[state].kind
    case.state_since = case.updated_at = at
    case.state_due_at = None
    case.closed_at = at if case.kind == "terminal" else None
    case.paused_at = at if case.kind == "waiting" else None
    set_due(case, due_at or case.due_at)
    case.escalation_level = len(definition.escalations)
    session.add(
        CaseEntry(
            case_id=case.id,
            case_version=case.version,
            at=at,
            kind="imported",
            public=public,
            author_kind="system",
            from_state=before["state"],
            to_state=state,
            text=text,
            data={},
        )
    )
    audit(session, actor, "cases:case:import", f"case:{case.public_id}", before=before, after=facts_of(case))
    return case
