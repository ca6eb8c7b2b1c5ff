"""Finding a case by the code that only its reporter holds."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.modules.cases.models import Case
from egovframe.core.modules.cases.references import normal_tracking_code
from egovframe.core.persistence import unit_of

PURPOSE = "case-tracking-code"


def digest_of(session: Session, code: str) -> str:
    """Return the keyed digest under which a tracking code is stored; of an impossible code the digest of nothing."""
    return unit_of(session).database.keyring.blind_index(PURPOSE, normal_tracking_code(code) or "")


def case_by_tracking_code(session: Session, code: str) -> Case | None:
    """Return the case that the code opens, or None; typing mistakes of look-alikes do not matter."""
    if normal_tracking_code(code) is None:
        return None
    return session.scalars(select(Case).where(Case.tracking_digest == digest_of(session, code))).one_or_none()
