"""Verb: take over many cases of another system at once, with the state and answer that they had there.

Statements are counted by the batch, not by the case: the rows of a batch are inserted together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import city_zone
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.clock import set_due
from egovframe.core.modules.cases.definition import Definition
from egovframe.core.modules.cases.events import CasesAdopted
from egovframe.core.modules.cases.models import Case, CaseEntry
from egovframe.core.modules.cases.references import make_reference, new_tracking_code
from egovframe.core.modules.cases.services.opening import (
    NewCase,
    facts_of,
    place_case,
    store_areas,
    take_numbers,
    unplaced_case,
)
from egovframe.core.modules.cases.types import CurrentType, current_type
from egovframe.core.modules.events import record
from egovframe.core.modules.routing import Decision, Matter
from egovframe.core.modules.worktime import Calendar, calendar_for, deadline
from egovframe.core.persistence import now


@dataclass(frozen=True, slots=True)
class Ending:
    """How a past case ended: a terminal state of its type, when, and what was answered."""

    state: str
    at: datetime
    text: str = ""


@dataclass(frozen=True, slots=True)
class Adoption:
    """A case of another system: what ``open_case`` takes, and what became of it.

    Attributes:
        external: (source, id) in the other system; unique.
        due_at: the deadline it had there; the type's own, counted from ``received_at``, when None.
        ending: None for a case that is still open.
    """

    matter: Matter
    decision: Decision
    title: str
    language: str
    received_at: datetime
    external: tuple[str, str]
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    is_private: bool = False
    due_at: datetime | None = None
    due_hours: float | None = None
    ending: Ending | None = None


def adopt_cases(session: Session, actor: Actor, type_code: str, adoptions: Sequence[Adoption]) -> list[Case]:
    """Store past cases in the session's writing unit and return them in the order given.

    Nobody is told. Thresholds that have passed by now count as dealt with, so that an import starts no storm of
    escalations. One event tells of all of them, one audit entry of each.

    Raises:
        NotFound: the case type was never published.
        ValueError: an ending names a state that is not terminal, or an instant before the case was received.
    """
    if not adoptions:
        return []
    kind = current_type(session, type_code)
    at = now(session)
    calendars: dict[int | None, Calendar] = {}
    cases = [_built(session, kind, each, at, calendars) for each in adoptions]
    _number(session, kind.definition, cases)
    session.add_all(cases)
    session.flush()
    for case, each in zip(cases, adoptions, strict=True):
        session.add_all(_entries(case, each))
        audit(session, actor, "cases:case:import", f"case:{case.public_id}", after=facts_of(case))
    store_areas(session, *((case, each.matter) for case, each in zip(cases, adoptions, strict=True)))
    record(session, CasesAdopted(type_code, adoptions[0].external[0], len(cases)), actor)
    session.flush()
    return cases


def _built(
    session: Session, kind: CurrentType, each: Adoption, at: datetime, calendars: dict[int | None, Calendar]
) -> Case:
    definition = kind.definition
    new = NewCase(
        kind.code,
        each.matter,
        each.title,
        language=each.language,
        latitude=each.latitude,
        longitude=each.longitude,
        address=each.address,
        is_private=each.is_private,
        external=each.external,
    )
    case = unplaced_case(session, kind, new, new_tracking_code())
    place_case(case, definition, each.decision, each.matter, each.received_at)
    case.state_since = each.received_at
    case.deadline_hours = definition.deadline_hours if each.due_hours is None else each.due_hours
    case.deadline_mode = "calendar" if each.due_at else definition.deadline_mode
    set_due(case, each.due_at or _due(session, case, calendars))
    if each.ending is not None:
        _end(case, definition, each.ending)
    case.escalation_level = len(definition.escalations) if case.due_at is not None and case.due_at < at else 0
    return case


def _due(session: Session, case: Case, calendars: dict[int | None, Calendar]) -> datetime | None:
    if case.deadline_hours is None:
        return None
    if case.deadline_mode == "calendar":
        return case.received_at + timedelta(hours=case.deadline_hours)
    if case.department_id not in calendars:
        calendars[case.department_id] = calendar_for(session, case.department_id)
    return deadline(calendars[case.department_id], case.received_at, case.deadline_hours, "working")


def _end(case: Case, definition: Definition, ending: Ending) -> None:
    state = definition.states.get(ending.state)
    if state is None or state.kind != "terminal":
        raise ValueError(f"{ending.state!r} is no terminal state of {definition.code}")
    if ending.at < case.received_at:
        raise ValueError("a case cannot end before it was received")
    case.version = 2
    case.state, case.kind = ending.state, state.kind
    case.state_since = case.updated_at = case.closed_at = ending.at


def _number(session: Session, definition: Definition, cases: Sequence[Case]) -> None:
    """Give reference numbers by the year of receipt in the city's zone, each year's together."""
    by_year: dict[int, list[Case]] = {}
    for case in cases:
        by_year.setdefault(case.received_at.astimezone(city_zone()).year, []).append(case)
    for year, own in sorted(by_year.items()):
        numbers = take_numbers(session, definition.code, year, len(own))
        for case, number in zip(own, numbers, strict=True):
            case.reference = make_reference(definition.reference, year, number)


def _entries(case: Case, each: Adoption) -> list[CaseEntry]:
    common: dict[str, Any] = {"case_id": case.id, "public": True, "author_kind": "system", "data": {}}
    first = "" if each.ending else case.state
    entries = [CaseEntry(case_version=1, at=each.received_at, kind="opened", to_state=first, **common)]
    if each.ending is not None:
        ended = {"at": each.ending.at, "to_state": case.state, "text": each.ending.text}
        entries.append(CaseEntry(case_version=2, kind="imported", **ended, **common))
    return entries
