"""The list of sign-ins that a person sees: when, how, with which kind of browser, and what was refused."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Select, and_, delete, or_, select, update
from sqlalchemy.orm import Session

from egovframe.core.auth.factors.models import SignInRecord
from egovframe.core.auth.policy import policy_of
from egovframe.core.persistence import Database, now, unit_of

NOBODY = timedelta(days=1)
"""How long attempts on addresses that nobody has are kept."""


def note_sign_in(
    session: Session,
    account_id: int | None,
    outcome: str,
    *,
    method: str,
    agent: str = "",
    session_id: int | None = None,
    factor: str = "",
) -> None:
    """Add one line to the history."""
    session.add(
        SignInRecord(
            account_id=account_id,
            session_id=session_id,
            at=now(session),
            method=method[:40],
            factor=factor,
            outcome=outcome,
            agent=agent[:64],
        )
    )


def note_refused(database: Database, account_id: int | None, outcome: str, *, method: str, agent: str) -> None:
    """Add a refused attempt in a unit of its own; without an account the work is the same."""
    with database.writing() as session:
        note_sign_in(session, account_id, outcome, method=method, agent=agent)


def note_completed(session: Session, session_id: int, factor: str) -> None:
    """Write that the session that had begun is in, and by which second factor."""
    session.execute(
        update(SignInRecord)
        .where(SignInRecord.session_id == session_id, SignInRecord.outcome == "begun")
        .values(outcome="entered", factor=factor)
    )


def sign_ins(account_id: int) -> Select[SignInRecord]:
    """Return the statement of a person's sign-ins, newest first."""
    mine = select(SignInRecord).where(SignInRecord.account_id == account_id)
    return mine.order_by(SignInRecord.at.desc(), SignInRecord.id.desc())


def sweep_history(session: Session) -> None:
    """Delete what is older than the policy keeps."""
    at, kept = now(session), policy_of(unit_of(session).database).history
    nobody = and_(SignInRecord.account_id.is_(None), SignInRecord.at <= at - NOBODY)
    session.execute(delete(SignInRecord).where(or_(SignInRecord.at <= at - kept, nobody)))
