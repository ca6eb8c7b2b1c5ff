"""Reads for reviewing access: who can do this, and what can this person do; by the grants that ``can`` goes by.

No personal column is read: accounts are told by their public ids, and whoever shows names asks for them with a reason.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from egovframe.actor import Grant
from egovframe.core.auth.access import PlacedGrant, reach_of
from egovframe.core.auth.loading import lent_to
from egovframe.core.auth.models import Account, Delegation, Role, RoleGrant, pairs_of
from egovframe.core.auth.scopes import expanded, version_now

SOON = timedelta(days=14)
"""Grants that end within this time are shown to whoever gives them."""


@dataclass(frozen=True, slots=True)
class Holding:
    """One way in which an account comes by rights.

    Attributes:
        account_id: whose.
        public_id: the account's public id.
        kind: staff, citizen, organisation or service.
        grant: role, permissions, scope with what lies below, from when, until when, who lent it.
    """

    account_id: int
    public_id: str
    kind: str
    grant: PlacedGrant


def holdings(
    session: Session, at: datetime, *, account_ids: Collection[int] | None = None, permission: str | None = None
) -> list[Holding]:
    """Return every grant in force, own and lent, of active accounts, in the order of accounts.

    Args:
        account_ids: only of these accounts.
        permission: only those that carry it.
    """
    people = _own(session, at, account_ids, permission)
    lent = _lent(session, at, account_ids, permission)
    return sorted([*people, *lent], key=lambda each: (each.account_id, each.grant.lent_by, each.grant.role))


def who_can(
    session: Session, permission: str, place: Mapping[str, int] | None = None, *, at: datetime
) -> list[Holding]:
    """Return by which grants active accounts may do it at the instant.

    Args:
        place: ids by kind of scope, such as ``{"department": 3, "area": 7}``: only grants that hold there, perhaps
            limited further by a kind that the place does not name.
    """
    found = holdings(session, at, permission=permission)
    return [each for each in found if reaches(each.grant, place or {})]


def reaches(grant: Grant, place: Mapping[str, int]) -> bool:
    """Whether a grant holds in a place, or in a part of it."""
    return all(kind not in place or place[kind] in ids for kind, ids in reach_of(grant))


def what_can(session: Session, account_id: int, *, at: datetime) -> dict[str, list[Holding]]:
    """Return by permission the grants that give it to an account at the instant, permissions in order."""
    found: dict[str, list[Holding]] = {}
    for each in holdings(session, at, account_ids=[account_id]):
        for permission in each.grant.permissions:
            found.setdefault(permission, []).append(each)
    return dict(sorted(found.items()))


def every_grant_of(session: Session, account_id: int) -> Sequence[RoleGrant]:
    """Return all grants of an account, past, present and future, the newest first, with their roles."""
    statement = select(RoleGrant).options(joinedload(RoleGrant.role)).where(RoleGrant.account_id == account_id)
    return session.scalars(statement.order_by(RoleGrant.id.desc())).all()


def ending_grants(session: Session, at: datetime, within: timedelta = SOON, limit: int = 100) -> Sequence[RoleGrant]:
    """Return the grants of active accounts that end soon, the first to end first, with role and account."""
    statement = (
        select(RoleGrant)
        .join(RoleGrant.account)
        .options(joinedload(RoleGrant.role), joinedload(RoleGrant.account))
        .where(Account.state == "active", RoleGrant.valid_until > at, RoleGrant.valid_until <= at + within)
    )
    return session.scalars(statement.order_by(RoleGrant.valid_until, RoleGrant.id).limit(limit)).all()


def loans(
    session: Session,
    at: datetime,
    *,
    lender_id: int | None = None,
    delegate_id: int | None = None,
    lender_ids: Collection[int] = (),
) -> Sequence[Delegation]:
    """Return the loans that have not ended, by when they begin, with grant and role.

    Args:
        lender_id: only of this account.
        delegate_id: only to this account.
        lender_ids: only of one of these accounts.
    """
    statement = (
        select(Delegation)
        .join(Delegation.grant)
        .options(joinedload(Delegation.grant).joinedload(RoleGrant.role))
        .where(Delegation.ended_at.is_(None), Delegation.valid_until > at)
    )
    if lender_id is not None:
        statement = statement.where(RoleGrant.account_id == lender_id)
    if lender_ids:
        statement = statement.where(RoleGrant.account_id.in_(sorted(lender_ids)))
    if delegate_id is not None:
        statement = statement.where(Delegation.delegate_id == delegate_id)
    return session.scalars(statement.order_by(Delegation.valid_from, Delegation.id)).all()


def _own(session: Session, at: datetime, account_ids: Collection[int] | None, permission: str | None) -> list[Holding]:
    columns = (Account.id, Account.public_id, Account.kind, RoleGrant.scope, RoleGrant.valid_from)
    statement: Any = (
        select(*columns, RoleGrant.valid_until, Role.code, Role.permissions, version_now().label("version"))
        .join(RoleGrant, RoleGrant.account_id == Account.id)
        .join(Role, Role.id == RoleGrant.role_id)
        .where(
            Account.state == "active",
            or_(RoleGrant.valid_from.is_(None), RoleGrant.valid_from <= at),
            or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at),
        )
    )
    if permission is not None:
        codes = [role.id for role in session.scalars(select(Role)) if permission in role.permissions]
        statement = statement.where(Role.id.in_(codes))
    if account_ids is not None:
        statement = statement.where(Account.id.in_(sorted(account_ids)))
    return [Holding(row.id, row.public_id, row.kind, _placed(session, row)) for row in session.execute(statement).all()]


def _placed(session: Session, row: Any) -> PlacedGrant:
    scope = pairs_of(row.scope)
    return PlacedGrant(
        role=row.code,
        permissions=frozenset(row.permissions),
        scope=scope,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        reach=expanded(session, scope, row.version),
    )


def _lent(session: Session, at: datetime, account_ids: Collection[int] | None, permission: str | None) -> list[Holding]:
    ids = account_ids
    if ids is None:
        running = select(Delegation.delegate_id).where(Delegation.ended_at.is_(None), Delegation.valid_until > at)
        ids = set(session.scalars(running))
    if not ids:
        return []
    people = {
        row.id: row
        for row in session.execute(
            select(Account.id, Account.public_id, Account.kind).where(
                Account.id.in_(sorted(ids)), Account.state == "active"
            )
        )
    }
    return [
        Holding(account_id, people[account_id].public_id, people[account_id].kind, grant)
        for account_id, grants in lent_to(session, list(people), at).items()
        for grant in grants
        if grant.holds(at) and (permission is None or permission in grant.permissions)
    ]
