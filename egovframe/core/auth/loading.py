"""From a cookie or a bearer token to an actor: one joined statement each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, or_, select, update
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.access import PlacedGrant
from egovframe.core.auth.models import Account, ApiToken, Role, RoleGrant, WebSession, pairs_of
from egovframe.core.auth.scopes import expanded, version_now
from egovframe.core.modules.privacy import by_the_system
from egovframe.core.persistence import Database, UTCDateTime, now
from egovframe.errors import NotSignedIn

AnySelect = Select[*tuple[Any, ...]]
TOUCH_EVERY = timedelta(minutes=1)
MOST_TOUCHED = 10_000
"""How often "last seen" and "last used" are written at most."""


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A browser session that opens the door.

    Attributes:
        actor: who it is.
        session_id: the row of the session.
        stale: whether "last seen" is due (write it with ``touch_session``, outside the reading unit).
        rotate: whether the account's rights have changed, so that the browser needs a new id (``rotate_session``).
    """

    actor: Actor
    session_id: int
    stale: bool
    rotate: bool


def digest(token: str) -> str:
    """Return what is stored of a token (SHA-256; tokens carry 256 random bits, so no key and no cost are needed)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def session_entry(session: Session, raw_token: str, at: datetime | None = None) -> SessionEntry | None:
    """Return the live session that a cookie names; None when it is unknown, ended, expired, or its account disabled."""
    if not raw_token:
        return None
    at = at or now(session)
    with by_the_system(session):  # whose door it is, not a look at anybody
        rows = session.execute(_session_statement(), {"digest": digest(raw_token), "at": at}).all()
    if not rows or rows[0].idle_until <= at or rows[0].expires_at <= at:
        return None
    first = rows[0]
    return SessionEntry(_actor(session, rows), first.id, at - first.last_seen_at >= TOUCH_EVERY, first.rotate)


def actor_of_session(session: Session, raw_token: str, at: datetime | None = None) -> Actor:
    """Return who a session cookie stands for; an anonymous actor when it opens nothing."""
    entry = session_entry(session, raw_token, at)
    return ANONYMOUS if entry is None else entry.actor


def actor_of_token(session: Session, bearer: str, at: datetime | None = None) -> Actor:
    """Return who a bearer token stands for, narrowed to what the token may do.

    Raises:
        NotSignedIn: the token is unknown, revoked or expired, or its account is disabled.
    """
    at = at or now(session)
    with by_the_system(session):  # whose door it is, not a look at anybody
        rows = session.execute(_token_statement(), {"digest": digest(bearer), "at": at}).all()
    if not rows or rows[0].expires_at <= at:
        raise NotSignedIn(headers={"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'})
    allowed = rows[0].permissions
    return _actor(session, rows, None if allowed is None else frozenset(allowed))


def actor_of_account(session: Session, account: Account, at: datetime | None = None) -> Actor:
    """Return an account as an actor, for jobs and the command line that work in a person's name."""
    at = at or now(session)
    with by_the_system(session):  # whose door it is, not a look at anybody
        rows = session.execute(_account_statement(), {"account": account.id, "at": at}).all()
    if not rows or account.state != "active":
        return ANONYMOUS
    return _actor(session, rows)


def touch_session(database: Database, session_id: int, idle: timedelta) -> None:
    """Write that the session was seen now and prolong its idle limit, in a short unit of its own."""
    with database.writing() as session:
        at = now(session)
        session.execute(
            update(WebSession)
            .where(WebSession.id == session_id, WebSession.last_seen_at <= at - TOUCH_EVERY)
            .values(last_seen_at=at, idle_until=at + idle)
        )


class _Touched:
    """When this process last looked whether a token's use was written, by the token's digest."""

    def __init__(self) -> None:
        self.at: dict[str, datetime] = {}


def touch_token(database: Database, bearer: str) -> None:
    """Write that the token was used now, in a short unit of its own, unless that was written within the minute."""
    seen, name = database.service(_Touched).at, digest(bearer)
    at = datetime.now(UTC) + database.clock_offset
    if name in seen and timedelta() <= at - seen[name] < TOUCH_EVERY:
        return
    unwritten = or_(ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= database.now() - TOUCH_EVERY)
    with database.reading() as reader:
        due = reader.scalar(select(ApiToken.id).where(ApiToken.token_hash == name, unwritten))
    if due is not None:
        with database.writing() as session:
            session.execute(update(ApiToken).where(ApiToken.id == due).values(last_used_at=now(session)))
    if len(seen) >= MOST_TOUCHED:
        seen.clear()
    seen[name] = at


# The statements are built once: building one takes longer than running it, and every request needs one.


@lru_cache(maxsize=1)
def _session_statement() -> AnySelect:
    columns = (WebSession.id, WebSession.last_seen_at, WebSession.rotate, WebSession.idle_until, WebSession.expires_at)
    return _behind(WebSession, select(*columns)).where(WebSession.revoked_at.is_(None))


@lru_cache(maxsize=1)
def _token_statement() -> AnySelect:
    columns = (ApiToken.id, ApiToken.permissions, ApiToken.expires_at)
    return _behind(ApiToken, select(*columns)).where(ApiToken.revoked_at.is_(None))


@lru_cache(maxsize=1)
def _account_statement() -> AnySelect:
    return _with_grants(select(*_person()).select_from(Account)).where(Account.id == bindparam("account"))


def _behind(door: type[WebSession] | type[ApiToken], statement: Any) -> AnySelect:
    joined = statement.add_columns(*_person()).select_from(door).join(Account, Account.id == door.account_id)
    return _with_grants(joined).where(door.token_hash == bindparam("digest"), Account.state == "active")


def _person() -> tuple[ColumnElement[Any], ...]:
    return (
        Account.id.label("account_id"),
        Account.public_id.label("public_id"),
        Account.display_name.label("display_name"),
        Account.language.label("language"),
        Account.kind.label("kind"),
        version_now().label("scope_version"),
    )


def _with_grants(statement: AnySelect) -> AnySelect:
    ended = bindparam("at", type_=UTCDateTime())
    unended = or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > ended)
    return (
        statement.add_columns(
            RoleGrant.id.label("grant_id"),
            RoleGrant.scope,
            RoleGrant.valid_from,
            RoleGrant.valid_until,
            Role.code,
            Role.permissions.label("role_permissions"),
        )
        .outerjoin(RoleGrant, and_(RoleGrant.account_id == Account.id, unended))
        .outerjoin(Role, Role.id == RoleGrant.role_id)
    )


def _actor(session: Session, rows: Any, allowed: frozenset[str] | None = None) -> Actor:
    first = rows[0]
    return Actor(
        kind="service" if first.kind == "service" else "account",
        account_id=first.account_id,
        public_id=first.public_id,
        name=first.display_name,
        language=first.language,
        grants=tuple(_grant(session, row) for row in rows if row.grant_id is not None),
        allowed=allowed,
    )


def _grant(session: Session, row: Row[*tuple[Any, ...]]) -> PlacedGrant:
    scope = pairs_of(row.scope)
    return PlacedGrant(
        role=row.code,
        permissions=frozenset(row.role_permissions),
        scope=scope,
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        reach=expanded(session, scope, row.scope_version),
    )
