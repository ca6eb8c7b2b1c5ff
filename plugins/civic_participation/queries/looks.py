"""Who looked at a complaint that is not public, and at how to reach its reporter."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.models import Complaint, Contact
from egovframe.core.modules.cases import Case
from egovframe.core.modules.privacy import SeenLook, looks_at
from egovframe.core.persistence import CursorPage


def looks_at_reporter(session: Session, case: Case, cursor: str | None = None) -> CursorPage[SeenLook] | None:
    """Return who looked at a complaint that is not public, and at the contact left with it, the newest first.

    None where there is neither: a public complaint without a contact.

    Raises:
        BadRequest: a cursor that is not ours.
    """
    statement = select(Contact.id).join(Complaint, Complaint.id == Contact.complaint_id)
    contact: Any = session.scalar(statement.where(Complaint.case_id == case.id))
    rows = [] if contact is None else [(Contact.__tablename__, str(contact))]
    if case.is_private or case.hidden:
        rows.append((Case.__tablename__, str(case.id)))
    return looks_at(session, None, rows, cursor=cursor) if rows else None
