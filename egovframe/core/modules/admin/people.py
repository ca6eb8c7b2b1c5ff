"""Reads for the pages about accounts. No personal column is read here: names are asked for with a reason elsewhere."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, false, func, or_, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import (
    READ_ACCOUNTS,
    Account,
    Holding,
    PlacedGrant,
    Role,
    RoleGrant,
    account_by_public_id,
    accounts,
    holdings,
    holds_everywhere,
    sessions_of,
    what_can,
    who_can,
)
from egovframe.core.i18n import LocalText
from egovframe.core.modules.organisation import Official, Place, Post, places_of, seats
from egovframe.core.persistence import CursorPage, keyset_page, now
from egovframe.errors import Forbidden, NotFound

KINDS = ("staff", "citizen", "organisation", "service")
STATES = ("active", "disabled")
MOST_HOLDINGS = 500
"""What a review page lists at most; the command and the API list everything."""


@dataclass(frozen=True, slots=True)
class AccountRow:
    """An account in a list: what is public of it, the titles of its roles, the titles of its posts."""

    account: Account
    roles: tuple[LocalText, ...]
    posts: tuple[LocalText, ...]


@dataclass(frozen=True, slots=True)
class Right:
    """One way to a right, in words.

    Attributes:
        holding: account and grant.
        role: title of the role.
        places: where it holds; empty is everywhere.
        posts: titles of the posts that the account holds.
        lender: titles of the lender's posts, or the lender's public id; empty for an own grant.
    """

    holding: Holding
    role: LocalText
    places: tuple[Place, ...]
    posts: tuple[LocalText, ...]
    lender: str = ""


@dataclass(frozen=True, slots=True)
class Narrow:
    """What a list of accounts is narrowed to."""

    kind: str = ""
    state: str = ""
    role: str = ""


def account_page(session: Session, actor: Actor, narrow: Narrow, cursor: str | None = None) -> CursorPage[AccountRow]:
    """Return one page of the accounts that the actor may see, newest first."""
    at = now(session)
    statement = visible_accounts(session, actor, at).order_by(None)
    if narrow.kind:
        statement = statement.where(Account.kind == narrow.kind)
    if narrow.state:
        statement = statement.where(Account.state == narrow.state)
    if narrow.role:
        held = select(RoleGrant.account_id).join(Role, Role.id == RoleGrant.role_id)
        held = held.where(Role.code == narrow.role, *_in_force(at))
        statement = statement.where(Account.id.in_(held))
    page = keyset_page(session, statement, Account.created_at, Account.id, cursor=cursor, page_size=50)
    ids = [account.id for account in page.items]
    titles, posts = role_titles(session), post_titles(session, at)
    own: dict[int, list[str]] = {}
    for each in holdings(session, at, account_ids=ids) if ids else []:
        own.setdefault(each.account_id, []).append(each.grant.role)
    rows = [
        AccountRow(
            account,
            tuple(titles[code] for code in dict.fromkeys(own.get(account.id, ()))),
            posts.get(account.id, ()),
        )
        for account in page.items
    ]
    return CursorPage(rows, page.next_cursor)


def visible_accounts(session: Session, actor: Actor, at: datetime) -> Select[Account]:
    """Return the accounts that the actor may see: all, or those that sit in the departments of the actor's grants."""
    reached = departments_reached(actor, at)
    if reached is None:
        return accounts()
    posts = select(Post.id).where(Post.department_id.in_(sorted(reached)))
    sitting = select(Official.account_id).where(Official.post_id.in_(posts))
    return accounts().where(Account.id.in_(sitting) if reached else false())


def departments_reached(actor: Actor, at: datetime) -> set[int] | None:
    """Return the departments over which the actor sees accounts; None for the whole city."""
    found: set[int] = set()
    if actor.kind == "system":
        return None
    for grant in actor.grants_for(READ_ACCOUNTS, at):
        if not grant.scope:
            return None
        reach = dict(grant.reach) if isinstance(grant, PlacedGrant) else {}
        # A grant for a district as well opens no account: accounts sit in departments only.
        if set(reach) == {"department"}:
            found |= reach["department"]
    return found


def visible_account(session: Session, actor: Actor, public_id: str) -> Account:
    """Return an account that the actor may see; raise NotFound for an unknown one and for any other."""
    account = account_by_public_id(session, public_id)
    statement = visible_accounts(session, actor, now(session)).where(Account.id == account.id)
    if session.scalars(statement).first() is None:
        raise NotFound
    return account


def account_under(session: Session, actor: Actor, public_id: str, permission: str) -> Account:
    """Return an account for a page or verb that needs a right over accounts, which is held for the whole city.

    Raises:
        NotFound: there is none, or the actor does not see it.
        Forbidden: the actor sees it, and holds the right in a part of the city only.
    """
    if holds_everywhere(session, actor, permission):
        return account_by_public_id(session, public_id)
    visible_account(session, actor, public_id)
    raise Forbidden


def who(session: Session, actor: Actor, permission: str, place: Mapping[str, int]) -> list[Right]:
    """Return who can do it in the place.

    Raises:
        Forbidden: the actor sees accounts of some departments only, and asks beyond them.
    """
    at = now(session)
    reached = departments_reached(actor, at)
    if reached is not None and place.get("department") not in reached:
        raise Forbidden
    return rights(session, who_can(session, permission, place, at=at), at)


def what(session: Session, account: Account) -> dict[str, list[Right]]:
    """Return what an account may do, by permission."""
    at = now(session)
    found = what_can(session, account.id, at=at)
    every = {id(each): each for several in found.values() for each in several}
    worded = dict(zip(every, rights(session, list(every.values()), at), strict=True))
    return {permission: [worded[id(each)] for each in several] for permission, several in found.items()}


def rights(session: Session, found: Sequence[Holding], at: datetime) -> list[Right]:
    """Return holdings in words, with a fixed number of statements."""
    titles, posts = role_titles(session), post_titles(session, at)
    places = places_of(session, [each.grant.scope for each in found])
    lenders = _ids(session, {each.grant.lent_by for each in found if each.grant.lent_by})
    return [
        Right(
            holding=each,
            role=titles[each.grant.role],
            places=tuple(places[pair] for pair in sorted(each.grant.scope)),
            posts=posts.get(each.account_id, ()),
            lender=_lender(each, lenders, posts),
        )
        for each in found
    ]


def role_titles(session: Session) -> dict[str, LocalText]:
    """Return the titles of roles by code, in the current language."""
    return {role.code: role.title.pick() for role in session.scalars(select(Role).order_by(Role.code))}


def post_titles(session: Session, at: datetime) -> dict[int, tuple[LocalText, ...]]:
    """Return the titles of the posts that accounts hold at the instant, by account."""
    found: dict[int, tuple[LocalText, ...]] = {}
    for seat in seats(session, at):
        found[seat.account_id] = (*found.get(seat.account_id, ()), seat.post.title.pick())
    return found


def session_count(session: Session, account: Account) -> int:
    """Return on how many devices the account is signed in."""
    return len(sessions_of(session, account.id, now(session)))


def holders_by_role(session: Session, actor: Actor, at: datetime) -> dict[int, int]:
    """Return how many open accounts among those that the actor sees hold each role now, by the role's id."""
    seen = visible_accounts(session, actor, at).where(Account.state == "active").order_by(None)
    statement = (
        select(RoleGrant.role_id, func.count(func.distinct(RoleGrant.account_id)))
        .where(RoleGrant.account_id.in_(seen.with_only_columns(Account.id)), *_in_force(at))
        .group_by(RoleGrant.role_id)
    )
    return {row[0]: row[1] for row in session.execute(statement)}


def _in_force(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    begun = or_(RoleGrant.valid_from.is_(None), RoleGrant.valid_from <= at)
    return begun, or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at)


def _ids(session: Session, public_ids: Collection[str]) -> dict[str, int]:
    if not public_ids:
        return {}
    rows = session.execute(select(Account.public_id, Account.id).where(Account.public_id.in_(sorted(public_ids))))
    return {row[0]: row[1] for row in rows}


def _lender(each: Holding, ids: Mapping[str, int], posts: Mapping[int, tuple[LocalText, ...]]) -> str:
    if not each.grant.lent_by:
        return ""
    own = posts.get(ids.get(each.grant.lent_by, 0), ())
    return ", ".join(str(title) for title in own) or each.grant.lent_by
