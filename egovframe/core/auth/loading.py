"""From a cookie or a bearer token to an actor: one joined statement each."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, bindparam, exists, or_, select, update
from sqlalchemy.orm import Session, aliased

from egovframe.actor import ANONYMOUS, Actor, Assurance
from egovframe.core.auth.access import PlacedGrant
from egovframe.core.auth.factors.steps import CHOOSE_FACTOR
from egovframe.core.auth.models import Account, ApiToken, Delegation, Role, RoleGrant, WebSession, pairs_of
from egovframe.core.auth.permissions import OVER_RIGHTS
from egovframe.core.auth.persons import Verification
from egovframe.core.auth.scopes import expanded, version_now
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import by_the_system
from egovframe.core.persistence import Database, UTCDateTime, now
from egovframe.errors import FactorMissing, NotSignedIn

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
        steps: what is still to be done before the session opens anything; while there are any, ``actor`` is nobody.
        pending: who has begun to sign in and has steps to take; None once the door is open.
        method: how the session began.
        proved_at: when the person last proved who they are.
    """

    actor: Actor
    session_id: int
    stale: bool
    rotate: bool
    steps: tuple[str, ...] = ()
    pending: Actor | None = None
    method: str = "password"
    proved_at: datetime | None = None


def digest(token: str) -> str:
    """Return what is stored of a token (SHA-256; tokens carry 256 random bits, so no key and no cost are needed)."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def session_entry(session: Session, raw_token: str, at: datetime | None = None) -> SessionEntry | None:
    """Return the live session that a cookie names; None when it is unknown, ended, expired, or its account disabled.

    Here, and nowhere else, a session with open steps is kept from opening anything: its actor is nobody.
    """
    if not raw_token:
        return None
    at = at or now(session)
    with by_the_system(session):  # whose door it is, not a look at anybody
        rows = session.execute(_session_statement(), {"digest": digest(raw_token), "at": at}).all()
    if not rows or rows[0].idle_until <= at or rows[0].expires_at <= at:
        return None
    first, known, steps = rows[0], _actor(session, rows, at), _open_steps(rows, at)
    return SessionEntry(
        actor=ANONYMOUS if steps else known,
        session_id=first.id,
        stale=not first.steps and at - first.last_seen_at >= TOUCH_EVERY,
        rotate=first.rotate,
        steps=steps,
        pending=known if steps else None,
        method=first.method,
        proved_at=first.proved_at,
    )


def account_of_ended_session(session: Session, raw_token: str) -> int | None:
    """Return whose session a cookie named, over or not; it opens nothing. None when the session is forgotten."""
    known = select(WebSession.account_id).where(WebSession.token_hash == digest(raw_token))
    return session.scalar(known) if raw_token else None


def actor_of_session(session: Session, raw_token: str, at: datetime | None = None) -> Actor:
    """Return who a session cookie stands for; an anonymous actor when it opens nothing."""
    entry = session_entry(session, raw_token, at)
    return ANONYMOUS if entry is None else entry.actor


def actor_of_token(session: Session, bearer: str, at: datetime | None = None) -> Actor:
    """Return who a bearer token stands for, narrowed to what the token may do.

    Raises:
        NotSignedIn: the token is unknown, revoked or expired, or its account is disabled.
        FactorMissing: a role of the account asks for a second factor, and none is set up.
    """
    at = at or now(session)
    with by_the_system(session):  # whose door it is, not a look at anybody
        rows = session.execute(_token_statement(), {"digest": digest(bearer), "at": at}).all()
    if not rows or rows[0].expires_at <= at:
        raise NotSignedIn(headers={"WWW-Authenticate": 'Bearer realm="api", error="invalid_token"'})
    if rows[0].kind != "service" and lacks_factor(rows, at):
        raise FactorMissing(_("Your role asks for a second factor. Sign in on the portal and set one up."))
    allowed = rows[0].permissions
    known = _actor(session, rows, at, None if allowed is None else frozenset(allowed))
    return replace(known, token=rows[0].token_id)


def actor_of_account(session: Session, account: Account, at: datetime | None = None) -> Actor:
    """Return an account as an actor, for jobs and the command line that work in a person's name."""
    at = at or now(session)
    with by_the_system(session):  # whose door it is, not a look at anybody
        rows = session.execute(_account_statement(), {"account": account.id, "at": at}).all()
    if not rows or account.state != "active":
        return ANONYMOUS
    return _actor(session, rows, at)


def lent_to(session: Session, account_ids: Collection[int], at: datetime) -> dict[int, list[PlacedGrant]]:
    """Return what colleagues have lent and not taken back, by the account it was lent to; some of it may not have
    begun. Whoever lent it must be active, and what they hold must not have ended."""
    found: dict[int, list[PlacedGrant]] = {}
    for row in session.execute(_lent_statement(), {"accounts": sorted(account_ids), "at": at}):
        found.setdefault(row.delegate_id, []).append(_lent(session, row))
    return found


def role_needs_factor(session: Session, account_id: int, at: datetime | None = None) -> bool:
    """Whether a grant in force asks for a second factor that the account does not have."""
    at = at or now(session)
    return lacks_factor(session.execute(_account_statement(), {"account": account_id, "at": at}).all(), at)


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
    seen = (WebSession.id, WebSession.last_seen_at, WebSession.rotate, WebSession.idle_until, WebSession.expires_at)
    proof = (WebSession.steps, WebSession.method, WebSession.proved_at)
    return _behind(WebSession, select(*seen, *proof)).where(WebSession.revoked_at.is_(None))


@lru_cache(maxsize=1)
def _token_statement() -> AnySelect:
    columns = (ApiToken.id, ApiToken.public_id.label("token_id"), ApiToken.permissions, ApiToken.expires_at)
    return _behind(ApiToken, select(*columns)).where(ApiToken.revoked_at.is_(None))


@lru_cache(maxsize=1)
def _account_statement() -> AnySelect:
    return _with_grants(select(*_person()).select_from(Account)).where(Account.id == bindparam("account"))


def _behind(door: type[WebSession] | type[ApiToken], statement: Any) -> AnySelect:
    joined = statement.add_columns(*_person()).select_from(door).join(Account, Account.id == door.account_id)
    return _with_grants(joined).where(door.token_hash == bindparam("digest"), Account.state == "active")


@lru_cache(maxsize=1)
def _lent_statement() -> AnySelect:
    lender, delegate = aliased(Account), aliased(Account)
    return (
        select(
            Delegation.delegate_id,
            Delegation.valid_from.label("lent_from"),
            Delegation.valid_until.label("lent_until"),
            RoleGrant.scope,
            RoleGrant.valid_from,
            RoleGrant.valid_until,
            Role.code,
            Role.permissions.label("role_permissions"),
            lender.public_id.label("lender"),
            version_now().label("scope_version"),
        )
        .join(RoleGrant, RoleGrant.id == Delegation.grant_id)
        .join(Role, Role.id == RoleGrant.role_id)
        .join(lender, lender.id == RoleGrant.account_id)
        .join(delegate, delegate.id == Delegation.delegate_id)
        .where(
            # A role that asks for a second factor asks whoever stands in, too.
            or_(Role.needs_second_factor.is_(False), delegate.second_factor),
            Delegation.delegate_id.in_(bindparam("accounts", expanding=True)),
            *_unended_loan(),
            lender.state == "active",
            _unended(),
        )
        .order_by(Delegation.id)
    )


def _unended_loan() -> tuple[ColumnElement[bool], ...]:
    return (Delegation.ended_at.is_(None), Delegation.valid_until > bindparam("at", type_=UTCDateTime()))


def _unended() -> ColumnElement[bool]:
    return or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until > bindparam("at", type_=UTCDateTime()))


def _person() -> tuple[ColumnElement[Any], ...]:
    return (
        Account.id.label("account_id"),
        Account.public_id.label("public_id"),
        Account.display_name.label("display_name"),
        Account.language.label("language"),
        Account.kind.label("kind"),
        Account.second_factor.label("second_factor"),
        Account.assurance.label("assurance"),
        Account.confirmed_at.label("confirmed_at"),
        version_now().label("scope_version"),
        # Hardly anybody: so the loans are another statement, and this one stays as quick as it is.
        exists().where(Delegation.delegate_id == Account.id, *_unended_loan()).label("borrows"),
    )


def _with_grants(statement: AnySelect) -> AnySelect:
    at = bindparam("at", type_=UTCDateTime())
    lasting = or_(Verification.expires_at.is_(None), Verification.expires_at > at)
    return (
        statement.add_columns(
            Verification.person_id.label("person_id"),
            RoleGrant.id.label("grant_id"),
            RoleGrant.scope,
            RoleGrant.valid_from,
            RoleGrant.valid_until,
            Role.code,
            Role.permissions.label("role_permissions"),
            Role.needs_second_factor.label("needs_factor"),
        )
        .outerjoin(Verification, and_(Verification.account_id == Account.id, Verification.ended_at.is_(None), lasting))
        .outerjoin(RoleGrant, and_(RoleGrant.account_id == Account.id, _unended()))
        .outerjoin(Role, Role.id == RoleGrant.role_id)
    )


def lacks_factor(rows: Sequence[Any], at: datetime) -> bool:
    """Whether a grant in force asks for a second factor that the account does not have.

    Args:
        rows: one a grant, with ``second_factor``, ``needs_factor`` and ``valid_from``.
        at: the instant.
    """
    return not rows[0].second_factor and any(
        row.needs_factor and (row.valid_from is None or row.valid_from <= at) for row in rows
    )


def _open_steps(rows: Sequence[Any], at: datetime) -> tuple[str, ...]:
    chosen = (CHOOSE_FACTOR,) if lacks_factor(rows, at) else ()
    return (*rows[0].steps, *chosen)


def _actor(session: Session, rows: Any, at: datetime, allowed: frozenset[str] | None = None) -> Actor:
    first = rows[0]
    lent = lent_to(session, [first.account_id], at).get(first.account_id, []) if first.borrows else []
    return Actor(
        kind="service" if first.kind == "service" else "account",
        account_id=first.account_id,
        public_id=first.public_id,
        name=first.display_name,
        language=first.language,
        grants=(*(_grant(session, row) for row in rows if row.grant_id is not None), *lent),
        allowed=allowed,
        assurance=_assurance(first),
        person_id=first.person_id,
    )


def _assurance(row: Any) -> Assurance:
    """Return the level in force: who is verified has a person, whatever the account's own column still says."""
    if row.person_id is not None:
        return "resident_verified"
    return "contact_verified" if row.confirmed_at is not None else "registered"


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


def _lent(session: Session, row: Any) -> PlacedGrant:
    own = _grant(session, row)
    ends = [row.lent_until] if own.valid_until is None else [row.lent_until, own.valid_until]
    begins = [row.lent_from] if own.valid_from is None else [row.lent_from, own.valid_from]
    return replace(
        own,
        permissions=own.permissions - OVER_RIGHTS,
        valid_from=max(begins),
        valid_until=min(ends),
        lent_by=row.lender,
    )
