"""Signing in with a password.

These verbs take the database, not a session: the password is verified between two short units, because hashing takes
tens of milliseconds and nothing slow may run inside a writing unit.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.factors.history import note_refused
from egovframe.core.auth.loading import actor_of_account, session_entry
from egovframe.core.auth.models import Account, WebSession
from egovframe.core.auth.passwords import PasswordHash, hash_password, is_outdated, rehash, verify_password
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import email_index
from egovframe.core.auth.services.accounts import replace_password, thing
from egovframe.core.auth.services.sessions import begin_session, sign_out
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit, audit_refusal
from egovframe.core.persistence import Database
from egovframe.errors import Invalid, NotSignedIn

Throttle = Callable[[str, str], None]
"""``throttle(limit, subject)`` counts one attempt and raises TooManyRequests; limits: ``sign-in-account`` (subject: a
digest of the address tried), ``sign-in-address`` (subject: the network address), and ``second-factor-account``,
``second-factor-day`` and ``second-factor-address`` for what comes after the password."""

WRONG = _("The e-mail address or the password is not right.")


@dataclass(frozen=True, slots=True)
class Verified:
    """An account whose password was right, and the hash that proved it."""

    account_id: int
    password_hash: str
    better_hash: PasswordHash | None = None


@dataclass(frozen=True, slots=True)
class SignedIn:
    """A begun session.

    Attributes:
        token: for the cookie; never shown again.
        expires_at: absolute end of the session.
        account_id: whose it is.
        language: what the person reads, if they said so.
        factors: steps still to take before the session opens anything (``second_factor``, ``choose_factor``).
    """

    token: str
    expires_at: datetime
    account_id: int
    language: str | None
    factors: tuple[str, ...] = ()


def enter_account(
    session: Session,
    account: Account,
    *,
    method: str,
    agent: str = "",
    previous: str = "",
    two_factors: bool = False,
) -> SignedIn:
    """Begin the session of somebody who proved who they are, by whatever way; the browser's old session ends.

    Args:
        account: whose; loaded in this unit, active.
        method: as in ``begin_session``.
        agent: family of the browser.
        previous: the cookie the browser came with.
        two_factors: whether the way in was itself two factors.

    Raises:
        Invalid: the account is closed.
    """
    actor = actor_of_account(session, account)
    if not actor.is_signed_in:
        raise Invalid(WRONG)
    if previous:
        sign_out(session, actor, previous)
    raw, row = begin_session(session, account.id, agent, method=method, two_factors=two_factors)
    after = {"session": row.public_id, "method": method, "steps": row.steps}
    audit(session, actor, "auth:session:begin", thing(account), after=after)
    return signed_in_with(session, raw, row, account)


def signed_in_with(session: Session, raw: str, row: WebSession, account: Account) -> SignedIn:
    """Return what the caller needs of a session that was just begun or completed."""
    session.flush()
    entry = session_entry(session, raw)
    return SignedIn(raw, row.expires_at, account.id, account.language, entry.steps if entry else ())


def sign_in(
    database: Database,
    *,
    email: str,
    password: str,
    address: str,
    throttle: Throttle,
    agent: str = "",
    previous: str = "",
) -> SignedIn:
    """Begin a browser session, always with a new id.

    Args:
        email: as typed.
        password: as typed.
        address: network address of the caller, for throttling only.
        throttle: counts the attempt for the account and for the address before anything is looked up.
        agent: family of the browser, shown in the list of one's sessions.
        previous: the cookie the browser came with; its session ends.

    Raises:
        Invalid: unknown address, wrong password, or a closed account: one answer, one path, the same work.
        TooManyRequests: from ``throttle``.
    """
    verified = verify_credentials(
        database, email=email, password=password, address=address, throttle=throttle, agent=agent
    )
    with database.writing() as session:
        account = _still_valid(session, verified)
        if verified.better_hash is not None:
            account.password_hash = verified.better_hash
        return enter_account(session, account, method="password", agent=agent, previous=previous)


def verify_credentials(
    database: Database,
    *,
    email: str,
    password: str,
    address: str,
    throttle: Throttle,
    agent: str = "",
    method: str = "password",
) -> Verified:
    """Verify an address and a password; a failure is recorded in short units of their own.

    Raises:
        Invalid: unknown address, wrong password, or a closed account.
        TooManyRequests: from ``throttle``.
    """
    index = email_index(database.keyring, email)
    throttle("sign-in-address", address)
    throttle("sign-in-account", index)
    found = _lookup(database, index)
    policy = policy_of(database)
    right = verify_password(found.password_hash if found else None, password, policy)
    if found is None or found.password_hash is None or not right or found.state != "active":
        audit_refusal(database, ANONYMOUS, "auth:session:begin", thing(found) if found else "account:unknown")
        note_refused(database, found.id if found else None, "refused", method=method, agent=agent)
        raise Invalid(WRONG)
    better = rehash(password, policy) if is_outdated(found.password_hash, policy) else None
    return Verified(found.id, found.password_hash, better)


def account_of_credentials(session: Session, verified: Verified) -> Actor:
    """Return the actor behind verified credentials, looked at again in this unit.

    Raises:
        Invalid: the account was closed or its password changed meanwhile.
    """
    return actor_of_account(session, _still_valid(session, verified))


def change_password(
    database: Database,
    actor: Actor,
    *,
    current: str,
    new: str,
    throttle: Throttle,
    keep_session: int | None = None,
) -> None:
    """Change one's own password; every other session of the account ends.

    Args:
        current: the present password, asked again so that a borrowed browser cannot lock its owner out.
        new: the new one.
        throttle: counts the attempt.
        keep_session: the row of the session that asks.

    Raises:
        NotSignedIn: the actor has no account.
        Invalid: the present password is wrong, or the new one too weak.
    """
    if actor.account_id is None:
        raise NotSignedIn
    throttle("sign-in-account", f"change:{actor.account_id}")
    policy = policy_of(database)
    with database.reading() as session:
        columns = select(Account.password_hash, Account.email).where(Account.id == actor.account_id)
        stored, address = session.execute(columns).one()
    if not verify_password(stored, current, policy):
        audit_refusal(database, actor, "auth:password:change", actor.label)
        raise Invalid(errors={"current": [_("This is not your present password.")]})
    hashed = hash_password(new, policy, email=address or "", field="new")
    with database.writing() as session:
        account = session.get_one(Account, actor.account_id)
        replace_password(session, actor, account, hashed, keep_session=keep_session)


def _lookup(database: Database, index: str) -> Account | None:
    with database.reading() as session:
        return session.scalar(select(Account).where(Account.email_index == index))


def _still_valid(session: Session, verified: Verified) -> Account:
    account = session.get(Account, verified.account_id, with_for_update=True)
    if account is None or account.state != "active" or account.password_hash != verified.password_hash:
        raise Invalid(WRONG)
    return account
