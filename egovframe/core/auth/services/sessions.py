"""Verbs on browser sessions: begin, renew the id, end. The cookie holds 256 random bits, the row only their digest."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.addresses.ending import end_address_changes
from egovframe.core.auth.factors.history import note_completed, note_sign_in
from egovframe.core.auth.factors.steps import SECOND_FACTOR
from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import Account, ApiToken, WebSession
from egovframe.core.auth.policy import policy_of
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import now, unit_of
from egovframe.errors import NotFound


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or a header."""
    return secrets.token_urlsafe(32)


def begin_session(
    session: Session, account_id: int, agent: str = "", *, method: str = "password", two_factors: bool = False
) -> tuple[str, WebSession]:
    """Start a browser session: the one verb in which every way of signing in ends. It also writes the history.

    Args:
        account_id: whose session; the caller has proved it.
        agent: family of the browser.
        method: ``password``, ``passkey``, ``recovery``, ``oidc:<provider>``.
        two_factors: whether the way in was itself two factors (a passkey that verified its user), so that the
            account's second factor is not asked for.

    Returns:
        What goes into the cookie, which is never shown again, and the row. While its ``steps`` are open the session
        opens nothing but their pages, and it ends soon.
    """
    policy, at, raw = policy_of(unit_of(session).database), now(session), new_secret()
    has_factor = session.get_one(Account, account_id).second_factor
    steps = [SECOND_FACTOR] if has_factor and not two_factors else []
    row = WebSession(
        token_hash=digest(raw),
        account_id=account_id,
        created_at=at,
        last_seen_at=at,
        idle_until=at + (policy.under_way if steps else policy.idle),
        expires_at=at + policy.absolute,
        agent=agent[:64],
        method=method,
        steps=steps,
        proved_at=at,
    )
    session.add(row)
    session.flush()
    outcome = "begun" if steps else "entered"
    note_sign_in(session, account_id, outcome, method=method, agent=agent, session_id=row.id)
    return raw, row


def complete_session(session: Session, row: WebSession, factor: str) -> str:
    """Take the step of the second factor: the session opens under a new id, which is returned."""
    policy, at, raw = policy_of(unit_of(session).database), now(session), new_secret()
    row.token_hash = digest(raw)
    row.steps = [step for step in row.steps if step != SECOND_FACTOR]
    row.last_seen_at = row.proved_at = at
    row.idle_until = at + policy.idle
    note_completed(session, row.id, factor)
    return raw


def rotate_session(session: Session, raw_token: str) -> str | None:
    """Give a live session a new id and return it; None when another request has just done so."""
    raw = new_secret()
    statement = update(WebSession).where(
        WebSession.token_hash == digest(raw_token), WebSession.rotate.is_(True), WebSession.revoked_at.is_(None)
    )
    changed = session.execute(statement.values(token_hash=digest(raw), rotate=False).returning(WebSession.id))
    return raw if changed.first() else None


def rotate_sessions(session: Session, account_id: int) -> None:
    """Mark an account's sessions so that each gets a new id at its next request."""
    session.execute(update(WebSession).where(*_live(account_id)).values(rotate=True))


def sign_out(session: Session, actor: Actor, raw_token: str) -> None:
    """End the session of a cookie; an unknown one is ignored."""
    statement = update(WebSession).where(WebSession.token_hash == digest(raw_token), WebSession.revoked_at.is_(None))
    ended = session.execute(statement.values(revoked_at=now(session)).returning(WebSession.public_id)).scalar()
    if ended is not None:
        audit(session, actor, "auth:session:end", f"session:{ended}")


def revoke_session(session: Session, actor: Actor, public_id: str) -> None:
    """End one of the actor's own sessions.

    Raises:
        NotFound: it is not the actor's, or has ended.
    """
    statement = update(WebSession).where(*_live(actor.account_id or 0), WebSession.public_id == public_id)
    if session.execute(statement.values(revoked_at=now(session)).returning(WebSession.id)).first() is None:
        raise NotFound
    audit(session, actor, "auth:session:revoke", f"session:{public_id}")


def sign_out_everywhere(session: Session, actor: Actor) -> None:
    """End every browser session of the actor, the present one too, and a change of address that was begun in one."""
    account_id = actor.account_id or 0
    end_sessions(session, account_id)
    end_address_changes(session, account_id)
    audit(session, actor, "auth:session:end-all", f"account:{actor.public_id}")


def end_sessions(session: Session, account_id: int, *, keep: int | None = None, at: datetime | None = None) -> None:
    """End every session of an account, except the row given."""
    statement = update(WebSession).where(*_live(account_id))
    if keep is not None:
        statement = statement.where(WebSession.id != keep)
    session.execute(statement.values(revoked_at=at or now(session)))


def end_tokens(session: Session, account_id: int) -> None:
    """Stop every API token of an account for good."""
    live = update(ApiToken).where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    session.execute(live.values(revoked_at=now(session)))


def _live(account_id: int) -> tuple[ColumnElement[bool], ...]:
    return (WebSession.account_id == account_id, WebSession.revoked_at.is_(None))
