"""Verb: replay the steps that were taken on a case in the past, each at its own instant, without telling anybody."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.clock import enter_state, move_clock, next_due, start_clock
from egovframe.core.modules.cases.definition import Definition, Transition
from egovframe.core.modules.cases.models import Case, CaseEntry
from egovframe.core.modules.cases.services.opening import facts_of
from egovframe.core.modules.cases.services.people import author_of
from egovframe.core.modules.cases.types import definition_of
from egovframe.core.persistence import now
from egovframe.errors import Invalid


@dataclass(frozen=True, slots=True)
class PastStep:
    """One action that was taken.

    Args:
        action: code of a transition of the case's type.
        at: when it was taken, UTC.
        actor: who took it.
        text: the answer, question or reason.
        facts: values of the action's fields that everybody may read.
        as_reporter: the actor is the case's reporter.
    """

    action: str
    at: datetime
    actor: Actor
    text: str = ""
    facts: Mapping[str, Any] = field(default_factory=dict)
    as_reporter: bool = False


def replay(session: Session, case: Case, steps: Iterable[PastStep], *, actor: Actor = SYSTEM) -> Case:
    """Put steps of the past on a case that was opened in the same unit with ``received_at``.

    State, clock and timeline come out as if the steps had been taken then. Nobody is told, no event is recorded, the
    audit notes one import, and thresholds of the deadline that have passed by now count as dealt with.

    Args:
        steps: the oldest first.
        actor: who imports.

    Raises:
        Invalid: a step is not possible in the state that the one before led to, it lies before it or in the future,
            or it passes the case on (which needs a new decision).
    """
    definition = definition_of(session, case)
    before, last = facts_of(case), case.received_at
    authors: dict[tuple[Actor, bool], dict[str, Any]] = {}
    for step in steps:
        transition = definition.transition(step.action, case.state)
        if transition is None or transition.effect == "pass_on":
            raise Invalid(errors={"steps": [_("The step “%(action)s” is not possible here.", action=step.action)]})
        if not last <= step.at <= now(session):
            raise Invalid(errors={"steps": [_("Steps of the past must follow each other.")]})
        who = (step.actor, step.as_reporter)
        if who not in authors:
            authors[who] = author_of(session, step.actor, case, as_reporter=step.as_reporter).columns()
        _take(session, case, definition, transition, step, authors[who])
        last = step.at
    case.escalation_level = _passed(case, definition, now(session))
    audit(session, actor, "cases:case:import", f"case:{case.public_id}", before=before, after=facts_of(case))
    return case


def _take(
    session: Session,
    case: Case,
    definition: Definition,
    transition: Transition,
    step: PastStep,
    author: Mapping[str, Any],
) -> None:
    state_before, kind_before = case.state, case.kind
    case.version += 1
    case.state = transition.target or case.state
    case.kind = definition.states[case.state].kind
    case.updated_at = step.at
    if transition.effect == "take":
        case.assignee_id = step.actor.account_id
    elif transition.effect == "release":
        case.assignee_id = None
    move_clock(session, case, kind_before, step.at)
    if case.state != state_before:
        enter_state(session, case, definition, step.at)
    if transition.clock == "restart":
        start_clock(session, case, step.at)
    session.add(
        CaseEntry(
            case_id=case.id,
            case_version=case.version,
            at=step.at,
            kind="action",
            public=transition.public,
            action=step.action,
            from_state=state_before,
            to_state=case.state,
            text=step.text,
            data={"public": dict(step.facts)} if step.facts else {},
            **author,
        )
    )


def _passed(case: Case, definition: Definition, at: datetime) -> int:
    due = next_due(case)
    if due is None:
        return 0
    return sum(due + timedelta(hours=threshold.after_hours) <= at for threshold in definition.escalations)


__all__ = ["PastStep", "replay"]
