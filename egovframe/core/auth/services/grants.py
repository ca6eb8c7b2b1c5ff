"""Verbs on grants: give a role, end it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor, Scope
from egovframe.core.auth.events import RoleGranted, RoleRevoked
from egovframe.core.auth.models import Account, Role, RoleGrant, stored_scope
from egovframe.core.auth.permissions import MANAGE_GRANTS
from egovframe.core.auth.queries import found
from egovframe.core.auth.services.administrators import keep_an_administrator
from egovframe.core.auth.services.delegation import close_loans_of_grant
from egovframe.core.auth.services.rights import beyond, need
from egovframe.core.auth.services.sessions import rotate_sessions
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound


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
        Forbidden: the actor may not give roles, gives one to themselves, or one that would hold in more places or
            longer than what they hold of their own.
        NotFound: no such role.
        Invalid: the end is not after the beginning, or is past.
        Conflict: the account holds the role there at that time already.
    """
    need(session, actor, MANAGE_GRANTS)
    wanted = session.scalar(select(Role).where(Role.code == role))
    if wanted is None:
        raise NotFound(_("There is no role %(code)s.", code=role))
    at = now(session)
    _check_dates(valid_from, valid_until, at)
    _check_giving(actor, account.id, wanted, scope, valid_until, at)
    _refuse_twice(session, account, wanted, scope, max(valid_from or at, at), valid_until)
    return _stored(session, actor, account, wanted, scope, valid_from, valid_until)


def add_grant(session: Session, actor: Actor, account: Account, code: str) -> RoleGrant | None:
    """Store a grant everywhere and for good; the caller has checked that the actor may.

    Returns:
        None when the role does not exist: a city may have removed it.
    """
    role = session.scalar(select(Role).where(Role.code == code))
    return None if role is None else _stored(session, actor, account, role, frozenset(), None, None)


def _stored(
    session: Session,
    actor: Actor,
    account: Account,
    role: Role,
    scope: Scope,
    valid_from: datetime | None,
    valid_until: datetime | None,
) -> RoleGrant:
    grant = RoleGrant(
        account_id=account.id,
        role_id=role.id,
        scope=stored_scope(scope),
        valid_from=valid_from,
        valid_until=valid_until,
        granted_by_id=actor.account_id,
        created_at=now(session),
    )
    session.add(grant)
    session.flush()
    rotate_sessions(session, account.id)
    audit(session, actor, "auth:grant:give", f"account:{account.public_id}", after=_facts(grant, role))
    record(session, RoleGranted(account.id, grant.id), actor)
    return grant


def revoke_grant(session: Session, actor: Actor, public_id: str, reason: str = "") -> None:
    """End a grant now, and what is lent of it; the row stays as history.

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
    close_loans_of_grant(session, actor, grant.id, reason)
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
        Forbidden: the actor may not give roles; or the grant would last longer, and it is the actor's own or holds in
            more places or longer than what they hold themselves.
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
    _check_dates(grant.valid_from, valid_until, at)
    if _later(valid_until, grant.valid_until):
        _check_giving(actor, grant.account_id, role, grant.pairs, valid_until, at)
    before = _facts(grant, role)
    with keep_an_administrator(session, grant.account_id):
        grant.valid_until = valid_until
        session.flush()
    rotate_sessions(session, grant.account_id)
    after = _facts(grant, role)
    audit(session, actor, "auth:grant:date", f"account:{account.public_id}", before=before, after=after, reason=reason)
    return grant


def _check_dates(begins: datetime | None, ends: datetime | None, at: datetime) -> None:
    if ends is None:
        return
    if begins is not None and ends <= begins:
        raise Invalid(errors={"valid_until": [_("The end must come after the beginning.")]})
    if ends <= at:
        raise Invalid(errors={"valid_until": [_("This day is past: the role would never hold.")]})


def _check_giving(actor: Actor, account_id: int, role: Role, scope: Scope, ends: datetime | None, at: datetime) -> None:
    if actor.account_id == account_id and actor.kind != "system":
        raise Forbidden(_("You cannot give a role to yourself. Ask a colleague who gives roles."))
    if beyond(actor, role.permissions, scope, ends, at):
        raise Forbidden(_("You cannot give a role that may do more, in more places or for longer than you may."))


def _later(new: datetime | None, old: datetime | None) -> bool:
    return old is not None and (new is None or new > old)


def _refuse_twice(
    session: Session, account: Account, role: Role, scope: Scope, begins: datetime, ends: datetime | None
) -> None:
    same = (
        RoleGrant.account_id == account.id,
        RoleGrant.role_id == role.id,
        RoleGrant.scope == stored_scope(scope),
        or_(RoleGrant.valid_from.is_(None), RoleGrant.valid_from <= begins),
        RoleGrant.valid_until.is_(None) if ends is None else _until(ends),
    )
    if session.scalars(select(RoleGrant.id).where(*same).limit(1)).first() is not None:
        raise Conflict(_("This person holds this role there at that time already."))


def _until(ends: datetime) -> ColumnElement[bool]:
    return or_(RoleGrant.valid_until.is_(None), RoleGrant.valid_until >= ends)


def _facts(grant: RoleGrant, role: Role) -> dict[str, object]:
    return {
        "grant": grant.public_id,
        "role": role.code,
        "scope": grant.scope,
        "valid_from": grant.valid_from.isoformat() if grant.valid_from else None,
        "valid_until": grant.valid_until.isoformat() if grant.valid_until else None,
    }
