"""Reads of auth."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, or_, select
from sqlalchemy.orm import Session, joinedload, undefer_group

from egovframe.actor import Actor, Scope
from egovframe.core.auth.models import Account, ApiToken, Role, RoleGrant, WebSession, pairs_of
from egovframe.core.auth.scopes import expanded, version_now
from egovframe.core.persistence import Keyring, kept, now, unit_of
from egovframe.errors import NotFound
from egovframe.hooks import Recipient

T = TypeVar("T")


def email_index(keyring: Keyring, email: str) -> str:
    """Return the digest by which an address is found: upper and lower case are one address."""
    return keyring.blind_index("account-email", email.strip().casefold())


def account_by_email(session: Session, email: str) -> Account | None:
    """Return the account of an address, or None."""
    index = email_index(unit_of(session).database.keyring, email)
    return session.scalar(select(Account).where(Account.email_index == index))


def account_by_public_id(session: Session, public_id: str) -> Account:
    """Return an account; raise NotFound."""
    return found(session.scalar(select(Account).where(Account.public_id == public_id)))


def account_of(session: Session, actor: Actor) -> Account:
    """Return the actor's own account with its personal columns; raise NotFound for actors without one."""
    statement = select(Account).where(Account.id == (actor.account_id or 0)).options(undefer_group("personal"))
    return found(session.scalar(statement))


def accounts(kind: str | None = None) -> Select[Account]:
    """Return the statement of all accounts, newest first, without personal columns."""
    statement = select(Account).order_by(Account.created_at.desc(), Account.id.desc())
    return statement if kind is None else statement.where(Account.kind == kind)


def every_account(session: Session, kind: str | None = None) -> Sequence[Account]:
    """Return all accounts with their personal columns, newest first, for an administrator's command line."""
    return session.scalars(accounts(kind).options(undefer_group("personal"))).all()


def service_accounts(session: Session) -> Sequence[Account]:
    """Return the accounts of programs with their names, newest first."""
    return session.scalars(accounts("service").options(undefer_group("personal"))).all()


def service_account_by_name(session: Session, name: str) -> Account:
    """Return the service account of a name or public id; raise NotFound, also when several have the name."""
    fitting = [each for each in service_accounts(session) if name in {each.display_name, each.public_id}]
    return found(fitting[0] if len(fitting) == 1 else None)


def sessions_of(session: Session, account_id: int, at: datetime) -> Sequence[WebSession]:
    """Return the live browser sessions of an account that are open, last used first."""
    statement = select(WebSession).where(
        WebSession.account_id == account_id,
        WebSession.revoked_at.is_(None),
        WebSession.steps == "[]",
        WebSession.idle_until > at,
        WebSession.expires_at > at,
    )
    return session.scalars(statement.order_by(WebSession.last_seen_at.desc(), WebSession.id.desc())).all()


def tokens_of(session: Session, account_id: int, at: datetime) -> Sequence[ApiToken]:
    """Return the live API tokens of an account, newest first."""
    statement = select(ApiToken).where(
        ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > at
    )
    return session.scalars(statement.order_by(ApiToken.created_at.desc(), ApiToken.id.desc())).all()


def own_tokens(session: Session, actor: Actor, at: datetime) -> Sequence[ApiToken]:
    """Return the actor's own live API tokens, newest first; who came with a narrowed one sees that one alone."""
    found = tokens_of(session, actor.account_id or 0, at)
    return found if actor.allowed is None else [each for each in found if each.public_id == actor.token]


def grants_of(session: Session, account_id: int, at: datetime) -> Sequence[RoleGrant]:
    """Return the grants of an account that have not ended, with their roles, oldest first."""
    statement = (
        select(RoleGrant)
        .options(joinedload(RoleGrant.role))
        .where(RoleGrant.account_id == account_id, _unended(at))
        .order_by(RoleGrant.id)
    )
    return session.scalars(statement).all()


def roles(session: Session) -> Sequence[Role]:
    """Return every role by code."""
    return session.scalars(select(Role).order_by(Role.code)).all()


def role_by_code(session: Session, code: str) -> Role:
    """Return a role; raise NotFound."""
    return found(session.scalar(select(Role).where(Role.code == code)))


def holders(session: Session, permission: str, scope: Scope = frozenset(), at: datetime | None = None) -> list[int]:
    """Return ids of active accounts that hold a permission where all the pairs of the scope are covered, in order.

    Meant for "who must be told": a grant without scope covers everything, one for a department covers those below it.
    """
    at = at or now(session)
    codes = [role.id for role in roles(session) if permission in role.permissions]
    statement = (
        select(RoleGrant.account_id, RoleGrant.scope, RoleGrant.valid_from, version_now())
        .join(Account, Account.id == RoleGrant.account_id)
        .where(RoleGrant.role_id.in_(codes), Account.state == "active", _unended(at))
        .order_by(RoleGrant.account_id)
    )
    covering = [
        account_id
        for account_id, stored, valid_from, version in session.execute(statement)
        if (valid_from is None or valid_from <= at) and _covers(session, pairs_of(stored), scope, version)
    ]
    return list(dict.fromkeys(covering))


def recipient_of(session: Session, account_id: int) -> Recipient | None:
    """Return how an active account is reached, or None."""
    account = session.scalar(_reachable(), {"account": account_id})
    if account is None:
        return None
    return Recipient(account.email, account.addressed_as or account.display_name, account.language, account.id)


@kept
def _reachable() -> Select[Account]:
    statement = select(Account).where(Account.id == bindparam("account"), Account.state == "active")
    return statement.options(undefer_group("personal"))


def found(thing: T | None) -> T:
    """Return the thing or raise NotFound: unknown and hidden look alike."""
    if thing is None:
        raise NotFound
    return thing


def _unended(at: datetime) -> ColumnElement[bool]:
    return or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > at)


def _covers(session: Session, granted: Scope, wanted: Iterable[tuple[str, int]], version: int) -> bool:
    pairs = set(wanted)
    return all(
        any(kind == other and identity in ids for other, identity in pairs)
        for kind, ids in expanded(session, granted, version)
    )
