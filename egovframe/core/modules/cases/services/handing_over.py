"""Verb: hand the open cases of somebody who leaves to a successor, or back to the departments that have them."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import Account, actor_of_account, can
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.events import CaseChanged
from egovframe.core.modules.cases.models import Case, CaseEntry
from egovframe.core.modules.cases.permissions import ASSIGN, WORK
from egovframe.core.modules.cases.services.opening import facts_of
from egovframe.core.modules.cases.services.people import author_of
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, Invalid

HAND_OVER = "hand_over"


def unfinished(account_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the cases that an account has and has not ended."""
    return (Case.assignee_id == account_id, Case.kind != "terminal")


def count_unfinished(session: Session, account_id: int) -> int:
    """Return how many cases an account has and has not ended."""
    return session.scalar(select(func.count()).select_from(Case).where(*unfinished(account_id))) or 0


def hand_over_cases(
    session: Session, actor: Actor, account: Account, successor: Account | None = None, *, reason: str = ""
) -> int:
    """Give every unfinished case of an account to a successor, or leave it to its department; return how many.

    State, post and deadline stay. Each case gets an internal line on its timeline, an event and an audit entry.

    Raises:
        Forbidden: the actor may not pass on one of the cases.
        Invalid: the successor may not work on one of them.
    """
    at = now(session)
    heir = None if successor is None else actor_of_account(session, successor, at)
    cases = session.scalars(select(Case).where(*unfinished(account.id)).order_by(Case.id).with_for_update()).all()
    for case in cases:
        if not can(actor, ASSIGN, case, at=at):
            raise Forbidden
        if heir is not None and not can(heir, WORK, case, at=at):
            text = _("The successor may not work on %(reference)s: give the role first.", reference=case.reference)
            raise Invalid(errors={"successor": [text]})
    for case in cases:
        _hand_over(session, actor, case, heir, reason)
    return len(cases)


def _hand_over(session: Session, actor: Actor, case: Case, heir: Actor | None, reason: str) -> None:
    at, before = now(session), facts_of(case)
    case.assignee_id = heir.account_id if heir else None
    case.version += 1
    case.updated_at = at
    author = author_of(session, actor, case)
    entry = CaseEntry(
        case_id=case.id, case_version=case.version, at=at, kind="note", public=False, action=HAND_OVER,
        from_state=case.state, to_state=case.state, text=reason, data={}, **author.columns(),
    )  # fmt: skip
    session.add(entry)
    session.flush()
    record(session, CaseChanged(case.id, case.type_code, HAND_OVER, case.state, case.state, case.version), actor)
    after = facts_of(case)
    audit(session, actor, "cases:case:hand_over", f"case:{case.public_id}", before=before, after=after, reason=reason)
