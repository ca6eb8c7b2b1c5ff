"""Verbs for those who leave or must be shut out: end sessions, tokens and roles of an account."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.addresses.ending import end_address_changes
from egovframe.core.auth.models import Account, ApiToken, WebSession
from egovframe.core.auth.permissions import MANAGE_ACCOUNTS
from egovframe.core.auth.queries import grants_of
from egovframe.core.auth.services.accounts import ROLE_OF_CITIZENS, disable_account, thing
from egovframe.core.auth.services.grants import revoke_grant
from egovframe.core.auth.services.rights import need
from egovframe.core.auth.services.sessions import end_sessions
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import now


@dataclass(frozen=True, slots=True)
class Ended:
    """What stopped: browser sessions, tokens, and the codes of roles."""

    sessions: int = 0
    tokens: int = 0
    roles: tuple[str, ...] = ()


def end_every_session(session: Session, actor: Actor, account: Account, reason: str = "") -> Ended:
    """End every browser session, revoke every token and stop an open change of address of an account.

    Raises:
        Forbidden: the actor may not manage accounts.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    at = now(session)
    sessions = session.scalar(
        select(func.count())
        .select_from(WebSession)
        .where(WebSession.account_id == account.id, WebSession.revoked_at.is_(None), WebSession.expires_at > at)
    )
    end_sessions(session, account.id, at=at)
    end_address_changes(session, account.id)
    statement = update(ApiToken).where(ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None))
    tokens = len(session.execute(statement.values(revoked_at=at).returning(ApiToken.id)).all())
    ended = Ended(sessions or 0, tokens)
    facts = {"sessions": ended.sessions, "tokens": ended.tokens}
    audit(session, actor, "auth:sessions:end", thing(account), after=facts, reason=reason)
    return ended


def close_account(session: Session, actor: Actor, account: Account, reason: str = "") -> Ended:
    """Close the account of somebody who leaves: sessions, tokens and every role but a citizen's end.

    Opened again later, the account has to be given its roles anew.

    Raises:
        Forbidden: the actor may not manage accounts, or not end roles.
        Conflict: it is the last administrator.
    """
    ended = end_every_session(session, actor, account, reason)
    held = [each for each in grants_of(session, account.id, now(session)) if each.role.code != ROLE_OF_CITIZENS]
    for each in held:
        revoke_grant(session, actor, each.public_id, reason)
    disable_account(session, actor, account, reason)
    return Ended(ended.sessions, ended.tokens, tuple(each.role.code for each in held))
