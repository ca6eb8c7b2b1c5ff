"""Whether a search of the record finds what the chain holds: by kind and by hour, as the sealer wrote it."""

from __future__ import annotations

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import (
    KINDS,
    AuditEntry,
    AuditHead,
    AuditHour,
    AuditIndex,
    AuditSeal,
    hour_of,
)
from egovframe.core.persistence import dialect_of

Found = tuple[str, str] | None
"""The record that does not fit, and what is wrong with it."""


def first_unfindable(session: Session) -> Found:
    """Return where the search goes astray, or None. That each link's entry is indexed is seen with the link."""
    return _index(session) or _hours(session)


def _index(session: Session) -> Found:
    rows = select(func.count()).select_from(AuditIndex).scalar_subquery().label("rows")
    head = session.execute(select(AuditHead.n, AuditHead.indexed, AuditHead.timed, rows)).one_or_none()
    if head is not None and not head.indexed == head.timed == head.n:
        upto = min(head.indexed, head.timed)
        return "head", f"says that the search finds up to link {upto}: does older software seal too?"
    if head is not None and head.rows != len(KINDS) * head.n:
        return "index", f"of the search has {head.rows} rows where {len(KINDS)} for each link are due"
    return None


def _hours(session: Session) -> Found:
    entry = AuditEntry.__table__.c
    hour = hour_of(entry.at, dialect_of(session)).label("hour")
    due = (
        select(hour, func.min(entry.id).label("first"), func.max(entry.id).label("last"))
        .join_from(AuditSeal, AuditEntry, AuditEntry.id == AuditSeal.audit_id)
        .group_by(hour)
    )
    # One statement: a sealer may be at work.
    both = union_all(due, select(AuditHour.hour, AuditHour.first, AuditHour.last)).subquery().c
    alone = select(func.min(both.hour)).group_by(both.hour, both.first, both.last).having(func.count() != 2)
    wrong = session.scalar(select(func.min(alone.subquery().c[0])))
    return None if wrong is None else (f"hour {wrong}", "in the search names other entries than the chain")
