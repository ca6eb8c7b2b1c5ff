"""Roles: what the rooms propose, and what a city makes of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.models import Role, RoleGrant, WebSession
from egovframe.core.auth.permissions import MANAGE_ROLES
from egovframe.core.auth.queries import found
from egovframe.core.auth.services.administrators import ADMINISTRATOR
from egovframe.core.auth.services.rights import beyond, need
from egovframe.core.i18n import Translated, source_text, use_language
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Invalid, Text
from egovframe.hooks import Hooks, Permission, RoleTemplate


@dataclass(slots=True)
class Proposal:
    """What all rooms together propose for one role."""

    title: Text
    permissions: set[str] = field(default_factory=set)


def known_permissions(hooks: Hooks) -> dict[str, Permission]:
    """Return every declared permission by name; the first declaration of a name counts."""
    declared: dict[str, Permission] = {}
    for permission in hooks.collect("permissions"):
        declared.setdefault(permission.name, permission)
    return dict(sorted(declared.items()))


def sync_roles(
    session: Session, hooks: Hooks, languages: Sequence[str] = ("en",), *, second_factor: Collection[str] = ()
) -> None:
    """Bring the default roles up to what the installed rooms propose; run when a city is made or upgraded.

    New rights are added and withdrawn ones removed; what the city itself added or took away stays. Rights of plugins
    that are away at the moment stay too. The administrator holds every declared right.

    Args:
        session: of a writing unit.
        hooks: which ask the rooms.
        languages: into which titles are translated.
        second_factor: codes of roles that begin with a second factor required; what a city has decided stays.
    """
    declared = set(known_permissions(hooks))
    existing = {role.code: role for role in session.scalars(select(Role))}
    for code, proposal in _proposals(hooks.collect("roles"), declared).items():
        role = existing.get(code)
        if role is None:
            role = Role(code=code, title=source_text(_in("en", proposal.title)), builtin=True)
            role.permissions, role.defaults = [], []
            role.needs_second_factor = code in second_factor
            session.add(role)
        _merge(role, proposal.permissions, declared)
        _translate(role, proposal.title, languages)
    session.flush()


def put_role(session: Session, actor: Actor, code: str, title: Translated, permissions: Iterable[str]) -> Role:
    """Make a role or change one; holders see the change at their next request, with new session ids.

    Raises:
        Forbidden: the actor may not manage roles.
        Conflict: it is the administrator's role, which always holds everything.
        Invalid: a right is added that the actor itself does not hold everywhere and for good.
    """
    need(session, actor, MANAGE_ROLES)
    if code == ADMINISTRATOR:
        raise Conflict(_("The administrator's role cannot be changed: it always holds every right."))
    wanted = set(permissions)
    role = session.scalar(select(Role).where(Role.code == code).with_for_update())
    if role is None:
        role = Role(code=code, title=title, permissions=[], defaults=[], builtin=False)
        session.add(role)
    before = sorted(role.permissions)
    _refuse_more_than_own(session, actor, wanted - set(before))
    role.title, role.permissions = title, sorted(wanted)
    session.flush()
    _renew_sessions_of(session, role)
    audit(
        session,
        actor,
        "auth:role:change",
        f"role:{code}",
        before={"permissions": before},
        after={"permissions": role.permissions},
    )
    return role


def require_second_factor(session: Session, actor: Actor, code: str, required: bool, reason: str = "") -> Role:
    """Say whether holders of a role need a second factor. Those without one are led to it at their next request.

    It holds for the administrator's role too: nobody is locked out, everybody can set one up.

    Raises:
        Forbidden: the actor may not manage roles.
        NotFound: no such role.
    """
    need(session, actor, MANAGE_ROLES)
    role = found(session.scalar(select(Role).where(Role.code == code).with_for_update()))
    before, role.needs_second_factor = role.needs_second_factor, required
    session.flush()
    _renew_sessions_of(session, role)
    audit(
        session,
        actor,
        "auth:role:change",
        f"role:{code}",
        before={"needs_second_factor": before},
        after={"needs_second_factor": required},
        reason=reason,
    )
    return role


def _renew_sessions_of(session: Session, role: Role) -> None:
    holders = select(RoleGrant.account_id).where(RoleGrant.role_id == role.id)
    session.execute(
        update(WebSession)
        .where(WebSession.account_id.in_(holders), WebSession.revoked_at.is_(None))
        .values(rotate=True)
        .execution_options(synchronize_session=False)
    )


def _refuse_more_than_own(session: Session, actor: Actor, added: set[str]) -> None:
    # A role has no place and no end: what is added to it reaches whoever holds it, wherever and for how long.
    missing = beyond(actor, added, frozenset(), None, now(session))
    if missing:
        names = ", ".join(missing)
        message = _("You do not hold these rights yourself for the whole city and for good: %(names)s.", names=names)
        raise Invalid(errors={"permissions": [message]})


def _proposals(templates: Iterable[RoleTemplate], declared: set[str]) -> dict[str, Proposal]:
    proposed: dict[str, Proposal] = {}
    for template in templates:
        proposal = proposed.setdefault(template.code, Proposal(template.title))
        proposal.permissions |= set(template.permissions) & declared
    if ADMINISTRATOR in proposed:
        proposed[ADMINISTRATOR].permissions = set(declared)
    return proposed


def _merge(role: Role, proposed: set[str], declared: set[str]) -> None:
    held, defaults = set(role.permissions), set(role.defaults)
    withdrawn = (defaults - proposed) & declared
    role.permissions = sorted((held | (proposed - defaults)) - withdrawn)
    role.defaults = sorted(proposed | (defaults - declared))


def _translate(role: Role, title: Text, languages: Sequence[str]) -> None:
    for language in languages:
        text = _in(language, title)
        if language not in role.title.text and text != role.title.text.get("en"):
            role.title = role.title.with_text(language, text)


def _in(language: str, text: Any) -> str:
    with use_language(language):
        return str(text)
