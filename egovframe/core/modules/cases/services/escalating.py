"""What time does to cases: late ones go up the reporting line, answered ones are closed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.definition import Automatic, Definition
from egovframe.core.modules.cases.events import CaseEscalated
from egovframe.core.modules.cases.models import Case, CaseEntry, CaseType
from egovframe.core.modules.cases.services.acting import CaseChanged, act
from egovframe.core.modules.cases.services.people import superior, tell_escalation
from egovframe.core.modules.events import record
from egovframe.core.persistence import now

BATCH = 100
"""Cases dealt with in one run and one transaction; a longer queue waits for the next run."""


def escalate(session: Session) -> int:
    """Tell superiors about cases whose deadline has passed a threshold; return how many cases were moved up.

    After a standstill a case goes straight to the highest threshold it has reached, and one message is sent for it,
    not one for each; thresholds passed longer ago than the case type's ``stale_hours`` are noted silently.
    """
    at = now(session)
    done = 0
    for definition, version in _definitions(session):
        for level in range(len(definition.escalations), 0, -1):
            for case in _late(session, definition, version, level, at, BATCH - done):
                _raise(session, case, definition, level, at)
                done += 1
    return done


def act_automatically(session: Session) -> int:
    """Take the actions that the case types set for cases that have rested long enough; return how many."""
    at = now(session)
    done = 0
    for definition, version in _definitions(session):
        for rule in definition.automatic:
            for case in _rested(session, definition, version, rule, at, BATCH - done):
                try:
                    act(session, SYSTEM, case.id, rule.action, version=case.version)
                except CaseChanged:
                    continue
                done += 1
    return done


def _definitions(session: Session) -> list[tuple[Definition, int]]:
    rows = session.scalars(select(CaseType).order_by(CaseType.code, CaseType.version))
    return [(row.definition, row.version) for row in rows]


def _late(
    session: Session, definition: Definition, version: int, level: int, at: datetime, limit: int
) -> Sequence[Case]:
    threshold = definition.escalations[level - 1]
    statement = (
        select(Case)
        .where(Case.kind == "open", Case.sort_at <= at - timedelta(hours=threshold.after_hours))
        .where(Case.type_code == definition.code, Case.type_version == version, Case.escalation_level < level)
        .order_by(Case.sort_at, Case.id)
        .limit(max(0, limit))
    )
    return session.scalars(statement).all()


def _raise(session: Session, case: Case, definition: Definition, level: int, at: datetime) -> None:
    threshold = definition.escalations[level - 1]
    taken = session.execute(
        update(Case)
        .where(Case.id == case.id, Case.version == case.version, Case.escalation_level < level)
        .values(escalation_level=level, version=Case.version + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        return
    session.refresh(case)
    account_id = superior(session, case, threshold.level, at)
    stale = case.sort_at + timedelta(hours=threshold.after_hours + definition.stale_hours) < at
    session.add(
        CaseEntry(
            case_id=case.id,
            case_version=case.version,
            at=at,
            kind="escalation",
            public=False,
            author_kind="system",
            from_state=case.state,
            to_state=case.state,
            text="",
            data={"level": level, "told": account_id if not stale else None},
        )
    )
    audit(session, SYSTEM, "cases:case:escalate", f"case:{case.public_id}", after={"level": level, "told": account_id})
    if account_id is not None and not stale:
        tell_escalation(session, case, definition, account_id, level)
        record(session, CaseEscalated(case.id, case.type_code, level), SYSTEM)


def _rested(
    session: Session, definition: Definition, version: int, rule: Automatic, at: datetime, limit: int
) -> Sequence[Case]:
    statement = (
        select(Case)
        .where(Case.type_code == definition.code, Case.state == rule.state, Case.type_version == version)
        .where(Case.state_since <= at - timedelta(hours=rule.after_hours))
        .order_by(Case.state_since)
        .limit(max(0, limit))
    )
    return session.scalars(statement).all()
