"""What goes with time: used states, and what was kept of sessions that are over."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, or_, select
from sqlalchemy.orm import Session

from egovframe.core.auth.models import WebSession
from egovframe.core.auth.outside.leaving import LIFE
from egovframe.core.auth.outside.models import OutsideOnce, OutsideSession
from egovframe.core.persistence import now


def sweep_outside(session: Session) -> None:
    """Delete what is over; a session that has just ended keeps its row as long as its owner may sign out outside."""
    at = now(session)
    session.execute(delete(OutsideOnce).where(OutsideOnce.expires_at <= at))
    over = select(WebSession.id).where(_over(at - LIFE - timedelta(minutes=1)))
    session.execute(
        delete(OutsideSession).where(OutsideSession.session_id.in_(over)).execution_options(synchronize_session=False)
    )


def _over(before: datetime) -> ColumnElement[bool]:
    return or_(WebSession.revoked_at <= before, WebSession.expires_at <= before, WebSession.idle_until <= before)
