"""Verb: open a case. It gets a number, a tracking code, an office with the reason why, and a deadline."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from egovframe.actor import Actor
from egovframe.core.i18n import SOURCE_LANGUAGE, city_zone
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.clock import enter_state, start_clock
from egovframe.core.modules.cases.definition import Definition
from egovframe.core.modules.cases.events import CaseOpened
from egovframe.core.modules.cases.models import Case, CaseArea, CaseCounter, CaseEntry
from egovframe.core.modules.cases.references import make_reference, new_tracking_code
from egovframe.core.modules.cases.services.people import Author, author_of, tell_opened
from egovframe.core.modules.cases.tracking import digest_of
from egovframe.core.modules.cases.types import CurrentType, current_type
from egovframe.core.modules.events import record
from egovframe.core.modules.routing import Decision, Matter, closest, decide
from egovframe.core.persistence import dialect_of, insert_on, insert_rows, kept, now, quick_rows

MAX_TITLE = 200
MAX_ADDRESS = 300


@dataclass(frozen=True, slots=True)
class Opened:
    """A new case, the code its reporter keeps (shown once, then only in messages), and the routing decision."""

    case: Case
    tracking_code: str
    decision: Decision


@dataclass(frozen=True, slots=True)
class NewCase:
    """What a case is opened with.

    Attributes:
        type_code: a published case type.
        matter: what routing needs to find the office (``matter.at`` is the instant it decides for).
        title: short text for lists, without personal data.
        language: of the reporter, for messages.
        latitude: of the place in WGS 84, with longitude; None for "no place".
        longitude: see latitude.
        address: the place in words.
        reporter_account_id: account of the reporter, who then may act on the case when signed in.
        reporter_reference: whom ``notify`` reaches, such as ``civic_participation.contact:12``.
        is_private: never shown in public lists.
        external: (source, id) in the system it was imported from; unique.
    """

    type_code: str
    matter: Matter
    title: str
    language: str = SOURCE_LANGUAGE
    latitude: float | None = None
    longitude: float | None = None
    address: str = ""
    reporter_account_id: int | None = None
    reporter_reference: str = ""
    is_private: bool = False
    external: tuple[str, str] | None = None


def open_case(
    session: Session,
    actor: Actor,
    new: NewCase,
    *,
    text: str = "",
    due_hours: float | None = None,
    due_mode: str | None = None,
    received_at: datetime | None = None,
    quiet: bool = False,
    decision: Decision | None = None,
) -> Opened:
    """Open a case in the session's writing unit; the caller decides whether the actor may.

    Args:
        actor: who files, or the agent who files for somebody; the system for imports.
        new: what is known of the case.
        text: first public line of the timeline, if there is one.
        due_hours: hours until the deadline; the case type's own when None.
        due_mode: ``calendar`` or ``working``; the case type's own when None.
        received_at: when it reached the city, for imports; now when None.
        quiet: tell nobody (imports, demo).
        decision: of ``decide`` for the same matter, where the caller has it already; asked for when None.

    Raises:
        NotFound: the case type was never published.
    """
    kind = current_type(session, new.type_code)
    definition = kind.definition
    decision = decision or decide(session, new.matter)
    at = received_at or now(session)
    code = new_tracking_code()
    case = unplaced_case(session, kind, new, code)
    case.deadline_hours = definition.deadline_hours if due_hours is None else due_hours
    case.deadline_mode = due_mode or definition.deadline_mode
    place_case(case, definition, decision, new.matter, at)
    start_clock(session, case, at)
    enter_state(session, case, definition, at)
    _store(session, case, definition, new.matter)
    _remember(session, actor, case, text, author_of(session, actor, case))
    if not quiet:
        tell_opened(session, case, definition)
    return Opened(case, code, decision)


def unplaced_case(session: Session, kind: CurrentType, new: NewCase, code: str) -> Case:
    """Return a case of the type that is not stored yet: without office, clock and number."""
    return Case(
        type_code=kind.code,
        type_version=kind.version,
        title=new.title[:MAX_TITLE],
        subject=new.matter.subject,
        channel=new.matter.channel,
        language=new.language,
        address=new.address[:MAX_ADDRESS],
        latitude=new.latitude,
        longitude=new.longitude,
        reporter_account_id=new.reporter_account_id,
        reporter_reference=new.reporter_reference,
        is_private=new.is_private,
        hidden=False,
        version=1,
        paused_seconds=0,
        escalation_level=0,
        tracking_digest=digest_of(session, code),
        tracking_code=code,
        external_source=new.external[0] if new.external else None,
        external_id=new.external[1] if new.external else None,
    )


def find_imported(session: Session, source: str, ids: list[str]) -> Mapping[str, Case]:
    """Return the cases already imported from a source by their ids there, so that a rerun adds nothing."""
    statement = select(Case).where(Case.external_source == source, Case.external_id.in_(ids))
    return {str(case.external_id): case for case in session.scalars(statement)}


def place_case(case: Case, definition: Definition, decision: Decision, matter: Matter, at: datetime) -> None:
    """Give a new case its first state and the office that the decision names."""
    found = decision.department_id is not None
    case.state = definition.start_assigned if found else definition.start
    case.kind = definition.states[case.state].kind
    case.department_id = decision.department_id
    case.post_id = decision.post_id
    case.assignee_id = decision.account_id
    case.is_triage = decision.triage
    case.routing = decision.explanation()
    nearest = closest(matter.areas)
    case.area_id = nearest[0].id if nearest else None
    case.received_at = case.updated_at = at


def _store(session: Session, case: Case, definition: Definition, matter: Matter) -> None:
    # The number comes last: its counter row stays locked until the unit commits.
    year = case.received_at.astimezone(city_zone()).year
    case.reference = make_reference(definition.reference, year, take_numbers(session, case.type_code, year)[0])
    session.add(case)
    session.flush()
    store_areas(session, (case, matter))


def store_areas(session: Session, *placed: tuple[Case, Matter]) -> None:
    """Note in which areas stored cases lie, those around them included."""
    pairs = [
        (case.id, {one for area in matter.areas for one in (area.id, *area.parent_ids)}) for case, matter in placed
    ]
    rows = [{"case_id": number, "area_id": area} for number, areas in pairs for area in sorted(areas)]
    insert_rows(session, CaseArea, *rows)


def take_numbers(session: Session, type_code: str, year: int, count: int = 1) -> range:
    """Return the next numbers of a type in a year; its counter stays locked until the unit ends."""
    values = {"type_code": type_code, "year": year, "value": count}
    last: int = quick_rows(session, _counted(dialect_of(session)), values)[0].value
    return range(last - count + 1, last + 1)


@kept
def _counted(dialect: str) -> ReturningInsert[int]:
    statement = insert_on(dialect, CaseCounter)
    risen = {"value": CaseCounter.value + statement.excluded.value}
    return statement.on_conflict_do_update(index_elements=["type_code", "year"], set_=risen).returning(
        CaseCounter.value
    )


def _remember(session: Session, actor: Actor, case: Case, text: str, author: Author) -> None:
    entry = {
        "case_id": case.id,
        "case_version": 1,
        "at": case.received_at,
        "kind": "opened",
        "public": True,
        "to_state": case.state,
        "text": text,
        "data": {"on_behalf": case.channel} if actor.on_behalf_of else {},
        **author.columns(),
    }
    insert_rows(session, CaseEntry, entry)
    record(session, CaseOpened(case.id, case.type_code, case.subject, case.department_id), actor)
    audit(session, actor, "cases:case:open", f"case:{case.public_id}", after=facts_of(case))


def facts_of(case: Case) -> dict[str, Any]:
    """Return what the audit keeps of a case: codes, ids and instants, nothing personal."""
    return {
        "reference": case.reference,
        "type": f"{case.type_code}@{case.type_version}",
        "state": case.state,
        "version": case.version,
        "department_id": case.department_id,
        "post_id": case.post_id,
        "assignee_id": case.assignee_id,
        "due_at": case.due_at,
    }


__all__ = [
    "NewCase",
    "Opened",
    "facts_of",
    "find_imported",
    "open_case",
    "place_case",
    "store_areas",
    "take_numbers",
    "unplaced_case",
]
