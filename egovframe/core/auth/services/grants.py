"""Verbs on grants: give a role, end it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor, Scope
from egovframe.core.auth.events import RoleGranted, RoleRevoked
from egovframe.core.auth.models import Account, Role, RoleGrant, stored_scope
from egovframe.core.auth.permissions import MANAGE_GRANTS
from egovframe.core.auth.queries import found
from egovframe.core.auth.services.administrators import keep_an_administrator
from egovframe.core.auth.services.rights import need
from egovframe.core.auth.services.sessions import rotate_sessions
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, Invalid, NotFound


def grant_role(
    session: Session,
    actor: Actor,
    account: Account,
    role: str,
    scope: Scope = frozenset(),
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> RoleGrant:
    """Give an account a role, somewhere (all pairs must hold; empty is everywhere) and for some time.

    The account's browser sessions get new ids at their next request.

    Raises:
        Forbidden: the actor may not give roles, or the role may more than the actor itself.
        NotFound: no such role.
        Invalid: the end is not after the beginning.
    """
    need(session, actor, MANAGE_GRANTS)
    given = add_grant(session, actor, account, role, scope, valid_from=valid_from, valid_until=valid_until)
    if given is None:
        raise NotFound(_("There is no role %(code)s.", code=role))
    return given


def add_grant(
    session: Session,
    actor: Actor,
    account: Account,
    code: str,
    scope: Scope = frozenset(),
    *,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> RoleGrant | None:
    """Store a grant, or return None when the role does not exist (a city may have removed it)."""
    role = session.scalar(select(Role).where(Role.code == code))
    if role is None:
        return None
    at = now(session)
    _check_giving(actor, role, valid_from or at, valid_until, at)
    grant = RoleGrant(
        account_id=account.id,
        role_id=role.id,
        scope=stored_scope(scope),
        valid_from=valid_from,
        valid_until=valid_until,
        granted_by_id=actor.account_id,
        created_at=at,
    )
    session.add(grant)
    session.flush()
    rotate_sessions(session, account.id)
    audit(session, actor, "auth:grant:give", f"account:{account.public_id}", after=_facts(grant, role))
    record(session, RoleGranted(account.id, grant.id), actor)
    return grant


def revoke_grant(session: Session, actor: Actor, public_id: str, reason: str = "") -> None:
    """End a grant now; the row stays as history.

    Raises:
        Forbidden: the actor may not give roles.
        NotFound: no such grant, or it has ended.
        Conflict: it makes the last administrator.
    """
    need(session, actor, MANAGE_GRANTS)
    at = now(session)
    grant = found(session.scalar(select(RoleGrant).where(RoleGrant.public_id == public_id).with_for_update()))
    if grant.valid_until is not None and grant.valid_until <= at:
        raise NotFound
    role = session.get_one(Role, grant.role_id)
    account = session.get_one(Account, grant.account_id)
    before = _facts(grant, role)
    with keep_an_administrator(session, grant.account_id):
        grant.valid_until = at
        session.flush()
    rotate_sessions(session, grant.account_id)
    audit(
        session,
        actor,
        "auth:grant:end",
        f"account:{account.public_id}",
        before=before,
        after=_facts(grant, role),
        reason=reason,
    )
    record(session, RoleRevoked(grant.account_id, grant.id), actor)


def set_grant_end(
    session: Session, actor: Actor, public_id: str, valid_until: datetime | None, reason: str = ""
) -> RoleGrant:
    """Let a grant end at an instant to come, or never (None).

    Raises:
        Forbidden: the actor may not give roles, or the role may more than the actor itself.
        NotFound: no such grant, or it has ended.
        Invalid: the end is not after the beginning and after now; ``revoke_grant`` ends one at once.
        Conflict: nobody would be left who is an administrator for good.
    """
    need(session, actor, MANAGE_GRANTS)
    at = now(session)
    grant = found(session.scalar(select(RoleGrant).where(RoleGrant.public_id == public_id).with_for_update()))
    if grant.valid_until is not None and grant.valid_until <= at:
        raise NotFound
    role, account = session.get_one(Role, grant.role_id), session.get_one(Account, grant.account_id)
    _check_giving(actor, role, max(grant.valid_from or at, at), valid_until, at)
    before = _facts(grant, role)
    with keep_an_administrator(session, grant.account_id):
        grant.valid_until = valid_until
        session.flush()
    rotate_sessions(session, grant.account_id)
    after = _facts(grant, role)
    audit(session, actor, "auth:grant:date", f"account:{account.public_id}", before=before, after=after, reason=reason)
    return grant


def _check_giving(actor: Actor, role: Role, begins: datetime, ends: datetime | None, at: datetime) -> None:
    if ends is not None and ends <= begins:
        raise Invalid(errors={"valid_until": [_("The end must come after the beginning.")]})
    # Lent rights do not count: nobody gives away for good what they have for some days.
    if not all(actor.owns(name, at) for name in role.permissions):
        raise Forbidden(_("You cannot give a role that may do more than you may."))


def _facts(grant: RoleGrant, role: Role) -> dict[str, object]:
    return {
        "grant": grant.public_id,
        "role": role.code,
        "scope": grant.scope,
        "valid_from": grant.valid_from.isoformat() if grant.valid_from else None,
        "valid_until": grant.valid_until.isoformat() if grant.valid_until else None,
    }
