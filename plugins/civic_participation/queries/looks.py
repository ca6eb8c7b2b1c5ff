"""Who looked at how to reach the reporter of a complaint."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.models import Complaint, Contact
from egovframe.core.modules.cases import Case
from egovframe.core.modules.privacy import SeenLook, looks_at
from egovframe.core.persistence import CursorPage


def looks_at_reporter(session: Session, case: Case, cursor: str | None = None) -> CursorPage[SeenLook] | None:
    """Return who looked at the contact that was left with a complaint, the newest first; None when none was left.

    Raises:
        BadRequest: a cursor that is not ours.
    """
    statement = select(Contact.id).join(Complaint, Complaint.id == Contact.complaint_id)
    contact: Any = session.scalar(statement.where(Complaint.case_id == case.id))
    if contact is None:
        return None
    return looks_at(session, None, [(Contact.__tablename__, str(contact))], cursor=cursor)
