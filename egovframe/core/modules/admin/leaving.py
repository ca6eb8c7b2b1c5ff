"""Verb: an official leaves the city. Cases, posts, roles and the account, in one transaction with one reason."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import Account, close_loan, disable_account, grants_of, loans, revoke_grant
from egovframe.core.modules.cases import count_unfinished, hand_over_cases
from egovframe.core.modules.organisation import end_seat, open_seats
from egovframe.core.persistence import now


@dataclass(frozen=True, slots=True)
class Left:
    """What somebody left behind."""

    cases: int
    posts: int
    grants: int


def what_is_left(session: Session, account: Account) -> Left:
    """Return what an account still has: unfinished cases, posts, grants that have not ended."""
    at = now(session)
    return Left(
        cases=count_unfinished(session, account.id),
        posts=len(open_seats(session, account.id)),
        grants=len(grants_of(session, account.id, at)),
    )


def let_leave(
    session: Session,
    actor: Actor,
    account: Account,
    *,
    reason: str,
    successor: Account | None = None,
    end_posts: bool = True,
    end_grants: bool = True,
) -> Left:
    """Close an official's account, hand over the unfinished cases, end posts, roles and loans; return what there was.

    Raises:
        Forbidden: the actor may not close accounts, pass on the cases, end posts or roles.
        Invalid: the successor may not work on one of the cases.
        Conflict: it is the last administrator.
    """
    at, left = now(session), what_is_left(session, account)
    hand_over_cases(session, actor, account, successor, reason=reason)
    if end_posts:
        for seat in open_seats(session, account.id):
            end_seat(session, actor, seat, at)
    # The account before the roles: whether it is the last administrator must be asked while it is one.
    disable_account(session, actor, account, reason)
    for loan in (*loans(session, at, lender_id=account.id), *loans(session, at, delegate_id=account.id)):
        close_loan(session, actor, loan, reason)
    if end_grants:
        for grant in grants_of(session, account.id, at):
            revoke_grant(session, actor, grant.public_id, reason)
    return left
