"""Verbs on browser sessions: begin, renew the id, end. The cookie holds 256 random bits, the row only their digest."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import ApiToken, WebSession
from egovframe.core.auth.policy import policy_of
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import now, unit_of
from egovframe.errors import NotFound


def new_secret() -> str:
    """Return 256 random bits as text for a cookie or a header."""
    return secrets.token_urlsafe(32)


def begin_session(session: Session, account_id: int, agent: str = "") -> tuple[str, WebSession]:
    """Start a browser session; return what goes into the cookie, which is never shown again, and the row."""
    policy, at, raw = policy_of(unit_of(session).database), now(session), new_secret()
    row = WebSession(
        token_hash=digest(raw),
        account_id=account_id,
        created_at=at,
        last_seen_at=at,
        idle_until=at + policy.idle,
        expires_at=at + policy.absolute,
        agent=agent[:64],
    )
    session.add(row)
    session.flush()
    return raw, row


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


def end_sessions(session: Session, account_id: int, *, keep: int | None = None, at: datetime | None = None) -> None:
    """End every session of an account, except the row given."""
    statement = update(WebSession).where(*_live(account_id))
    if keep is not None:
        statement = statement.where(WebSession.id != keep)
    session.execute(statement.values(revoked_at=at or now(session)))


def end_tokens(session: Session, account_id: int) -> None:
    """Revoke every API token of an account."""
    live = update(ApiToken).where(ApiToken.account_id == account_id, ApiToken.revoked_at.is_(None))
    session.execute(live.values(revoked_at=now(session)))


def _live(account_id: int) -> tuple[ColumnElement[bool], ...]:
    return (WebSession.account_id == account_id, WebSession.revoked_at.is_(None))
