"""Lending rights along the reporting line: an official for themselves, a head for those who report to them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from egovframe.actor import Actor
from egovframe.core.auth import (
    Account,
    Delegation,
    RoleGrant,
    add_loans,
    close_loan,
    end_loan,
    lend_rights,
)
from egovframe.core.modules.organisation.models import Absence, Official, Post
from egovframe.core.modules.organisation.queries import MAX_LINE, in_force, posts_of
from egovframe.core.persistence import now
from egovframe.errors import NotFound


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

    Raises:
        Forbidden, Invalid, Conflict: as ``auth.lend_rights``.
    """
    is_head = actor.account_id is not None and reports_to(session, actor.account_id, lender.id, now(session))
    verb = add_loans if is_head and actor.allowed is None else lend_rights
    return verb(
        session, actor, lender, delegate, valid_from=valid_from, valid_until=valid_until, grants=grants, reason=reason
    )


def take_back(session: Session, actor: Actor, public_id: str, reason: str = "") -> None:
    """End a loan as ``auth.end_loan`` does; heads may end those of whoever reports to them.

    Raises:
        NotFound: there is none, it has ended, or it is not the actor's to end.
    """
    loan = session.scalar(select(Delegation).where(Delegation.public_id == public_id).with_for_update())
    if loan is None:
        raise NotFound
    lender_id = session.get_one(RoleGrant, loan.grant_id).account_id
    if actor.account_id is not None and reports_to(session, actor.account_id, lender_id, now(session)):
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


__all__ = [
    "absence_to_cover",
    "lend",
    "open_seats",
    "posts_below",
    "reports_to",
    "seats",
    "take_back",
]
