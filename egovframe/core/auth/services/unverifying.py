"""The end of a verification: withdrawn by an official with a reason, or its time is over."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth.events import VerificationEnded
from egovframe.core.auth.models import Account
from egovframe.core.auth.persons import Verification
from egovframe.core.auth.services.accounts import thing
from egovframe.core.auth.services.persons import need_other
from egovframe.core.auth.services.sessions import rotate_sessions
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Invalid

BATCH = 500


def withdraw_verification(session: Session, actor: Actor, account: Account, reason: str) -> None:
    """Take a verification back; the person is told, with the reason. What was verified stays as history.

    Raises:
        Forbidden: the actor may not verify residents, or it is the actor's own account.
        Invalid: no reason.
        Conflict: the account is not verified.
    """
    need_other(session, actor, account)
    if not reason.strip():
        raise Invalid(errors={"reason": [_("Please fill this in.")]})
    statement = select(Verification).where(Verification.account_id == account.id, Verification.ended_at.is_(None))
    row = session.scalar(statement.with_for_update())
    if row is None:
        raise Conflict(_("This account is not verified."))
    row.end_reason = reason[:1000]
    _end(session, actor, row, account, "withdrawn", reason)


def end_overdue(session: Session) -> int:
    """End verifications whose time is over, at most a batch; return how many."""
    due = select(Verification).where(Verification.ended_at.is_(None), Verification.expires_at <= now(session))
    rows = session.scalars(due.order_by(Verification.id).limit(BATCH).with_for_update(skip_locked=True)).all()
    for row in rows:
        _end(session, SYSTEM, row, session.get_one(Account, row.account_id), "expired", "")
    return len(rows)


def end_vouched(session: Session, account: Account, provider: str) -> None:
    """End the verification that a provider made, now that it no longer vouches for the person; others stay."""
    made = select(Verification).where(
        Verification.account_id == account.id,
        Verification.ended_at.is_(None),
        Verification.method == "provider",
        Verification.source == provider,
    )
    row = session.scalar(made.with_for_update())
    if row is not None:
        _end(session, SYSTEM, row, account, "expired", "")


def _end(session: Session, actor: Actor, row: Verification, account: Account, how: str, reason: str) -> None:
    row.ended_at, row.ended_as = now(session), how
    account.assurance = "contact_verified" if account.confirmed_at is not None else "registered"
    session.flush()
    rotate_sessions(session, account.id)
    after = {"verification": row.public_id, "ended_as": how, "assurance": account.assurance}
    audit(session, actor, "auth:resident:withdraw", thing(account), after=after, reason=reason)
    record(session, VerificationEnded(account.id, row.id), actor)


__all__ = ["end_overdue", "end_vouched", "withdraw_verification"]
