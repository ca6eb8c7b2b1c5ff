"""Reads of the audit record."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import AuditEntry, AuditHead, AuditPending


def chain_length(session: Session) -> int:
    """Return the number of sealed entries, as the head says."""
    return session.scalar(select(AuditHead.n)) or 0


def pending_count(session: Session) -> int:
    """Return how many entries wait for their seal."""
    return session.scalar(select(func.count()).select_from(AuditPending)) or 0


def entries_of(session: Session, thing: str, limit: int = 100) -> list[AuditEntry]:
    """Return what was done to a thing, newest first."""
    statement = select(AuditEntry).where(AuditEntry.thing == thing).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(statement))
