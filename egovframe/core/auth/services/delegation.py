"""Verbs on loans: an official lends own grants to a colleague for some days, and takes them back.

What is lent is the grant itself, so a loan is never more than the lender holds and ends with it. Only own grants can
be lent: whoever has borrowed one cannot lend it on.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from egovframe.actor import Actor
from egovframe.core.auth.events import LoanEnded, RightsLent
from egovframe.core.auth.models import Account, Delegation, RoleGrant
from egovframe.core.auth.permissions import MANAGE_GRANTS, OVER_RIGHTS
from egovframe.core.auth.queries import found
from egovframe.core.auth.services.rights import beyond, holds_everywhere
from egovframe.core.auth.services.sessions import rotate_sessions
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound

LONGEST_LOAN = timedelta(days=366)


def lend_rights(
    session: Session,
    actor: Actor,
    lender: Account,
    delegate: Account,
    *,
    valid_from: datetime,
    valid_until: datetime,
    grants: Collection[str] | None = None,
    reason: str = "",
) -> list[Delegation]:
    """Lend an official's grants to a colleague from an instant until another.

    Args:
        actor: the lender, or somebody who manages grants and holds themselves what is lent; heads of departments come
            through the organisation room.
        grants: public ids of the lender's own grants; None for all that can be lent.
        reason: kept in the audit.

    Raises:
        Forbidden: the actor is neither the lender nor manages grants, or holds less than what would be lent.
        Invalid: the dates, the colleague, or a grant that is not the lender's own.
        Conflict: the colleague has one of these grants at that time already.
    """
    if actor.account_id != lender.id or actor.allowed is not None:
        if not holds_everywhere(session, actor, MANAGE_GRANTS):
            raise Forbidden  # before anything is said of what the lender holds
        chosen = _chosen(session, lender, grants, max(valid_from, now(session)), valid_until)
        _allow_manager(session, actor, chosen, valid_until)
    return add_loans(
        session, actor, lender, delegate, valid_from=valid_from, valid_until=valid_until, grants=grants, reason=reason
    )


def add_loans(
    session: Session,
    actor: Actor,
    lender: Account,
    delegate: Account,
    *,
    valid_from: datetime,
    valid_until: datetime,
    grants: Collection[str] | None = None,
    reason: str = "",
) -> list[Delegation]:
    """Store loans and tell both; the caller has checked that the actor may, and nobody lends to themselves.

    Raises as ``lend_rights``.
    """
    at = now(session)
    begins = max(valid_from, at)
    _check_dates(begins, valid_until)
    _check_people(actor, lender, delegate)
    chosen = _chosen(session, lender, grants, begins, valid_until)
    _refuse_twice(session, chosen, delegate, begins, valid_until)
    made = [
        Delegation(
            grant_id=grant.id,
            delegate_id=delegate.id,
            valid_from=begins,
            valid_until=valid_until,
            made_by_id=actor.account_id,
            created_at=at,
        )
        for grant in chosen
    ]
    session.add_all(made)
    session.flush()
    rotate_sessions(session, delegate.id)
    after = {
        "to": delegate.public_id,
        "roles": [grant.role.code for grant in chosen],
        "loans": [each.public_id for each in made],
        "valid_from": begins.isoformat(),
        "valid_until": valid_until.isoformat(),
    }
    audit(session, actor, "auth:delegation:give", f"account:{lender.public_id}", after=after, reason=reason)
    record(session, RightsLent(lender.id, delegate.id, [each.id for each in made]), actor)
    return made


def end_loan(session: Session, actor: Actor, public_id: str, reason: str = "") -> None:
    """Take a loan back, or give it back, before its time.

    Raises:
        NotFound: there is none, it has ended, or it is not the actor's to end.
    """
    loan = found(session.scalar(select(Delegation).where(Delegation.public_id == public_id).with_for_update()))
    lender_id = session.get_one(RoleGrant, loan.grant_id).account_id
    party = actor.account_id is not None and actor.account_id in {lender_id, loan.delegate_id}
    if not party and not holds_everywhere(session, actor, MANAGE_GRANTS):
        raise NotFound
    close_loan(session, actor, loan, reason)


def close_loan(session: Session, actor: Actor, loan: Delegation, reason: str = "") -> None:
    """End a loan and tell both; the caller has checked that the actor may. Raises NotFound when it has ended."""
    at = now(session)
    if loan.ended_at is not None or loan.valid_until <= at:
        raise NotFound
    loan.ended_at = at
    session.flush()
    rotate_sessions(session, loan.delegate_id)
    grant = session.get_one(RoleGrant, loan.grant_id)
    lender = session.get_one(Account, grant.account_id)
    facts = {"loan": loan.public_id, "grant": grant.public_id}
    audit(session, actor, "auth:delegation:end", f"account:{lender.public_id}", before=facts, reason=reason)
    record(session, LoanEnded(lender.id, loan.delegate_id, loan.id), actor)


def close_loans_of_grant(session: Session, actor: Actor, grant_id: int, reason: str = "") -> None:
    """End whatever is lent of a grant that ends; the caller has checked that the actor may."""
    at = now(session)
    running = Delegation.grant_id == grant_id, Delegation.ended_at.is_(None), Delegation.valid_until > at
    for loan in session.scalars(select(Delegation).where(*running).order_by(Delegation.id).with_for_update()):
        close_loan(session, actor, loan, reason)


def lendable(session: Session, account_id: int, begins: datetime, ends: datetime) -> Sequence[RoleGrant]:
    """Return the grants of an account that hold at some time between the two and carry a right that can be lent."""
    statement = (
        select(RoleGrant)
        .options(joinedload(RoleGrant.role))
        .where(
            RoleGrant.account_id == account_id,
            or_(RoleGrant.valid_from.is_(None), RoleGrant.valid_from < ends),
            or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > begins),
        )
        .order_by(RoleGrant.id)
    )
    return [grant for grant in session.scalars(statement) if set(grant.role.permissions) - OVER_RIGHTS]


def _allow_manager(session: Session, actor: Actor, chosen: Collection[RoleGrant], valid_until: datetime) -> None:
    at = now(session)
    for grant in chosen:
        if beyond(actor, set(grant.role.permissions) - OVER_RIGHTS, grant.pairs, valid_until, at):
            raise Forbidden(_("You cannot lend a role that may do more, in more places or for longer than you may."))


def _check_dates(begins: datetime, ends: datetime) -> None:
    if ends <= begins:
        raise Invalid(errors={"valid_until": [_("The end must come after the beginning, and after today.")]})
    if ends - begins > LONGEST_LOAN:
        raise Invalid(errors={"valid_until": [_("Lend rights for at most a year; give the colleague a role instead.")]})


def _check_people(actor: Actor, lender: Account, delegate: Account) -> None:
    if lender.id == delegate.id:
        raise Invalid(errors={"delegate": [_("Choose somebody else than the person who will be away.")]})
    if actor.account_id == delegate.id:
        raise Invalid(errors={"delegate": [_("You cannot make yourself the stand-in. Choose somebody else.")]})
    if delegate.kind != "staff" or delegate.state != "active":
        raise Invalid(errors={"delegate": [_("Rights can only be lent to an official with an open account.")]})
    if lender.kind != "staff" or lender.state != "active":
        raise Invalid(_("Only officials with an open account lend rights."))


def _chosen(
    session: Session, lender: Account, wanted: Collection[str] | None, begins: datetime, ends: datetime
) -> list[RoleGrant]:
    known = lendable(session, lender.id, begins, ends)
    chosen = [grant for grant in known if wanted is None or grant.public_id in wanted]
    if not chosen or (wanted is not None and len(chosen) != len(set(wanted))):
        raise Invalid(errors={"grants": [_("Choose roles that this person holds at that time.")]})
    return chosen


def _refuse_twice(
    session: Session, grants: Collection[RoleGrant], delegate: Account, begins: datetime, ends: datetime
) -> None:
    twice = select(Delegation.id).where(
        Delegation.grant_id.in_([grant.id for grant in grants]),
        Delegation.delegate_id == delegate.id,
        Delegation.ended_at.is_(None),
        Delegation.valid_from < ends,
        Delegation.valid_until > begins,
    )
    if session.scalars(twice.limit(1)).first() is not None:
        raise Conflict(_("This colleague has one of these roles from the same person at that time already."))
