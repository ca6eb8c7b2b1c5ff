"""Auth's answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from egovframe.core.auth.addresses.changing import ADDRESS_CHANGE, recipient_of_change
from egovframe.core.auth.permissions import MANAGE_ACCOUNTS, MANAGE_GRANTS, MANAGE_ROLES, PERMISSIONS, READ_ACCOUNTS
from egovframe.core.auth.queries import grants_of, recipient_of
from egovframe.core.auth.services.accounts import ROLE_OF_CITIZENS
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.hooks import Obstacle, Permission, Recipient, Retention, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights of auth."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Name the default roles; every other room adds its rights to them by code."""
    return (
        RoleTemplate("citizen", _("Citizen"), ()),
        RoleTemplate("agent", _("Call-centre agent"), ()),
        RoleTemplate("officer", _("Officer"), ()),
        RoleTemplate("department_head", _("Head of department"), (READ_ACCOUNTS,)),
        RoleTemplate("moderator", _("Moderator"), ()),
        RoleTemplate("steward", _("Data steward"), ()),
        RoleTemplate("vote_organiser", _("Vote organiser"), ()),
        RoleTemplate("auditor", _("Auditor"), (READ_ACCOUNTS,)),
        RoleTemplate(
            "administrator", _("Administrator"), (READ_ACCOUNTS, MANAGE_ACCOUNTS, MANAGE_GRANTS, MANAGE_ROLES)
        ),
    )


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Accounts stay until their people ask; what came of signing in goes by itself."""
    return (
        Retention("account"),
        Retention("address_change", 30),
        Retention("session", 90, since="ended"),
        Retention("token", 30, since="ended"),
    )


@hookimpl
def erasure_obstacles(session: Session, account_id: int) -> Sequence[Obstacle]:
    """Whoever still holds a role of the city's staff is no mere citizen yet: the role ends first."""
    held = {grant.role.code for grant in grants_of(session, account_id, now(session))}
    if held <= {ROLE_OF_CITIZENS}:
        return ()
    return (Obstacle(_("This account holds a role in the city's work. An administrator ends the role first.")),)


@hookimpl
def recipient(session: Session, reference: str) -> Recipient | None:
    """Return whom ``auth.account:<id>`` or an address of ``auth.address_change:<id>`` names."""
    kind, _colon, identity = reference.partition(":")
    if kind == ADDRESS_CHANGE:
        return recipient_of_change(session, reference)
    if kind != "auth.account" or not identity.isdecimal():
        return None
    return recipient_of(session, int(identity))
