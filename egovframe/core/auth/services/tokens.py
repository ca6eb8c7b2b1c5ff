"""Verbs on API tokens: create, revoke."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.events import TokenMade
from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import Account, ApiToken
from egovframe.core.auth.permissions import MANAGE_ACCOUNTS, MANAGE_GRANTS
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.services.rights import need
from egovframe.core.auth.services.roles import known_permissions
from egovframe.core.auth.services.sessions import new_secret
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now, unit_of
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound, NotSignedIn
from egovframe.hooks import Hooks

PREFIX = "egov_"
"""Begins every token, so that scanners of published code can recognise one."""


@dataclass(frozen=True, slots=True)
class NewToken:
    """A token that was just made: the secret, shown this once, and its row."""

    secret: str
    row: ApiToken


def create_token(
    session: Session,
    actor: Actor,
    *,
    name: str,
    permissions: Collection[str] | None = None,
    life: timedelta | None = None,
) -> NewToken:
    """Make a bearer token for the actor's own account.

    Args:
        name: what the owner calls it.
        permissions: what it may do of what the account may do, now or later; None for all of it.
        life: how long it works; the policy's default when None.

    Raises:
        NotSignedIn: the actor has no account.
        Invalid: the life is longer than the policy allows, or a name is not written like a permission; names that
            come from outside go through ``need_known`` first.
        Forbidden: the actor came with a token and asks for more than that token may do.
    """
    if actor.account_id is None:
        raise NotSignedIn
    if actor.allowed is not None and (permissions is None or not actor.allowed >= set(permissions)):
        raise Forbidden
    return _make(session, actor, actor.account_id, name, permissions, life)


def tell_of_token(session: Session, actor: Actor, made: NewToken) -> None:
    """Tell the owner of a person's new token, at every door at which people make them: it may have been a thief."""
    record(session, TokenMade(made.row.account_id, made.row.id), actor)


def need_known(hooks: Hooks, permissions: Collection[str] | None) -> None:
    """Let pass names of permissions that some room declares: a mistyped one would make a key that does nothing.

    Raises:
        Invalid: a name is no permission.
    """
    if not permissions:
        return
    unknown = sorted(set(permissions) - known_permissions(hooks).keys())
    if unknown:
        raise Invalid(
            errors={
                "permissions": [
                    _("There is no permission %(name)s; one is written room:thing:action.", name=each)
                    for each in unknown
                ]
            }
        )


def create_token_for(
    session: Session,
    actor: Actor,
    account: Account,
    *,
    name: str,
    permissions: Collection[str] | None = None,
    life: timedelta | None = None,
) -> NewToken:
    """Make a bearer token for a service account, which cannot sign in to make its own.

    Args:
        name: what it is called in lists.
        permissions: what it may do of what the account's roles allow; None for all of it.
        life: how long it works; the policy's default when None.

    Raises:
        Forbidden: the actor may not manage accounts and give roles.
        Conflict: the account is closed, or a person's: people make their own tokens.
        Invalid: the life is longer than the policy allows, or a name is not written like a permission.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    need(session, actor, MANAGE_GRANTS)
    if account.kind != "service" or account.state != "active":
        raise Conflict(_("Tokens are made for open service accounts; people make their own."))
    return _make(session, actor, account.id, name, permissions, life)


def revoke_token(session: Session, actor: Actor, public_id: str) -> None:
    """Stop one of the actor's own tokens at once.

    Raises:
        NotFound: it is not the actor's, or was revoked before, or the actor came with a narrowed token and names
            another one.
    """
    if actor.allowed is not None and public_id != actor.token:
        raise NotFound
    _revoke(session, actor, actor.account_id or 0, public_id)


def revoke_token_of(session: Session, actor: Actor, account: Account, public_id: str) -> None:
    """Stop a token of somebody's account at once.

    Raises:
        Forbidden: the actor may not manage accounts.
        NotFound: it is not the account's, or was revoked before.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    _revoke(session, actor, account.id, public_id)


def _revoke(session: Session, actor: Actor, account_id: int, public_id: str) -> None:
    statement = update(ApiToken).where(
        ApiToken.account_id == account_id, ApiToken.public_id == public_id, ApiToken.revoked_at.is_(None)
    )
    if session.execute(statement.values(revoked_at=now(session)).returning(ApiToken.id)).first() is None:
        raise NotFound
    audit(session, actor, "auth:token:revoke", f"token:{public_id}")


def _make(
    session: Session,
    actor: Actor,
    account_id: int,
    name: str,
    permissions: Collection[str] | None,
    life: timedelta | None,
) -> NewToken:
    policy = policy_of(unit_of(session).database)
    life = policy.token if life is None else life
    if not timedelta() < life <= policy.longest_token:
        raise Invalid(errors={"days": [_("Choose from 1 to %(days)d days.", days=policy.longest_token.days)]})
    if permissions is not None and any(len(each.split(":")) != 3 for each in permissions):
        raise Invalid(errors={"permissions": [_("A permission is written room:thing:action.")]})
    raw, at = PREFIX + new_secret(), now(session)
    row = ApiToken(
        token_hash=digest(raw),
        account_id=account_id,
        name=name,
        permissions=None if permissions is None else sorted(set(permissions)),
        created_at=at,
        expires_at=at + life,
    )
    session.add(row)
    session.flush()
    audit(session, actor, "auth:token:create", f"token:{row.public_id}", after={"permissions": row.permissions})
    return NewToken(raw, row)
