"""Lending rights along the reporting line: an official for themselves, a head for those who report to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from egovframe.actor import Actor
from egovframe.core.auth import (
    MANAGE_GRANTS,
    Account,
    Delegation,
    RoleGrant,
    add_loans,
    close_loan,
    end_loan,
    holds_everywhere,
    lend_rights,
    lendable,
    loans,
)
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.organisation.models import Absence, Official, Post
from egovframe.core.modules.organisation.queries import MAX_LINE, departments_below, in_force, posts_of
from egovframe.core.persistence import now
from egovframe.errors import Invalid, NotFound


def seats(session: Session, at: datetime) -> Sequence[Official]:
    """Return who sits where, with posts, in the order of post codes; only people with an open account."""
    statement = (
        select(Official)
        .join(Account, Account.id == Official.account_id)
        .options(joinedload(Official.post))
        .where(in_force(Official, at), Account.state == "active")
    )
    return sorted(session.scalars(statement), key=lambda seat: seat.post.code)


def posts_below(session: Session, account_id: int, at: datetime) -> set[int]:
    """Return the ids of the posts that report to a post of the account, directly or through others."""
    level = {post.id for post in posts_of(session, account_id, at)}
    found: set[int] = set()
    for _step in range(MAX_LINE):
        level = set(session.scalars(select(Post.id).where(Post.reports_to_id.in_(level)))) - found if level else set()
        found |= level
    return found


def reports_to(session: Session, head_id: int, account_id: int, at: datetime) -> bool:
    """Whether the account sits on a post below one of the head's; somebody in charge of themselves is no head."""
    below = posts_below(session, head_id, at)
    return head_id != account_id and any(post.id in below for post in posts_of(session, account_id, at))


def lend(
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
    """Lend rights as ``auth.lend_rights`` does; heads may do it for those who report to them.

    A head lends to somebody else than themselves, and only grants that hold in departments which they head.

    Raises:
        Forbidden, Invalid, Conflict: as ``auth.lend_rights``.
    """
    verb = lend_rights
    if _acts_as_head(session, actor, lender):
        verb = add_loans
        grants = _grants_of_the_own_people(session, actor, lender, grants, valid_from, valid_until)
    return verb(
        session, actor, lender, delegate, valid_from=valid_from, valid_until=valid_until, grants=grants, reason=reason
    )


def departments_headed(session: Session, account_id: int, at: datetime) -> set[int]:
    """Return the departments of the account's posts to which others report, with those below them."""
    posts = {post.id: post.department_id for post in posts_of(session, account_id, at)}
    heads = set(session.scalars(select(Post.reports_to_id).where(Post.reports_to_id.in_(sorted(posts)))))
    return {below for key in heads if key for below in departments_below(session, posts[key])}


def loans_below(session: Session, account_id: int, at: datetime) -> Sequence[Delegation]:
    """Return what those who report to the account have lent, or a head for them, and what has not ended."""
    below = posts_below(session, account_id, at)
    people = {seat.account_id for seat in seats(session, at) if seat.post_id in below} - {account_id}
    return loans(session, at, lender_ids=people) if people else []


def take_back(session: Session, actor: Actor, public_id: str, reason: str = "") -> None:
    """End a loan as ``auth.end_loan`` does; heads may end those of whoever reports to them.

    Raises:
        NotFound: there is none, it has ended, or it is not the actor's to end.
    """
    loan = session.scalar(select(Delegation).where(Delegation.public_id == public_id).with_for_update())
    if loan is None:
        raise NotFound
    lender_id = session.get_one(RoleGrant, loan.grant_id).account_id
    if actor.allowed is None and actor.account_id and reports_to(session, actor.account_id, lender_id, now(session)):
        close_loan(session, actor, loan, reason)
    else:
        end_loan(session, actor, public_id, reason)


def absence_to_cover(session: Session, account_id: int, at: datetime) -> Absence | None:
    """Return the next absence of the account's posts in which another post stands in; it proposes a loan."""
    own = [post.id for post in posts_of(session, account_id, at)]
    statement = (
        select(Absence)
        .options(joinedload(Absence.substitute))
        .where(
            Absence.post_id.in_(own),
            Absence.valid_until > at,
            Absence.substitute_id.is_not(None),
            or_(Absence.account_id.is_(None), Absence.account_id == account_id),
        )
        .order_by(Absence.valid_from, Absence.id)
    )
    return session.scalars(statement.limit(1)).first()


def open_seats(session: Session, account_id: int, at: datetime | None = None) -> list[Official]:
    """Return the seats of an account that have not ended by the instant (now when None), with posts."""
    at = at or now(session)
    statement = (
        select(Official)
        .options(joinedload(Official.post))
        .where(Official.account_id == account_id, or_(Official.valid_until.is_(None), Official.valid_until > at))
    )
    return sorted(session.scalars(statement), key=lambda seat: seat.post.code)


def _acts_as_head(session: Session, actor: Actor, lender: Account) -> bool:
    if actor.account_id is None or actor.allowed is not None or actor.account_id == lender.id:
        return False
    if holds_everywhere(session, actor, MANAGE_GRANTS):
        return False
    return reports_to(session, actor.account_id, lender.id, now(session))


def _grants_of_the_own_people(
    session: Session,
    actor: Actor,
    lender: Account,
    wanted: Collection[str] | None,
    begins: datetime,
    ends: datetime,
) -> list[str]:
    at = now(session)
    headed = {("department", key) for key in departments_headed(session, actor.account_id or 0, at)}
    held = lendable(session, lender.id, max(begins, at), ends)
    found = [grant.public_id for grant in held if grant.pairs & headed]
    if held and not found:
        message = _("This person holds no role that is limited to your departments. Other roles are theirs to lend.")
        raise Invalid(errors={"lender_post": [message]})
    if not set(wanted or ()) <= set(found):
        raise Invalid(errors={"grants": [_("Choose roles that this person holds in your departments.")]})
    return list(wanted or found)


__all__ = [
    "absence_to_cover",
    "departments_headed",
    "lend",
    "loans_below",
    "open_seats",
    "posts_below",
    "reports_to",
    "seats",
    "take_back",
]
