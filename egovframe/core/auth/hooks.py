"""Auth's answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.auth.addresses.changing import ADDRESS_CHANGE, recipient_of_change
from egovframe.core.auth.factors.history import sweep_history
from egovframe.core.auth.factors.passkeys import sweep_challenges
from egovframe.core.auth.outside import sweep_outside
from egovframe.core.auth.permissions import (
    ACT_FOR,
    MANAGE_ACCOUNTS,
    MANAGE_GRANTS,
    MANAGE_ROLES,
    PERMISSIONS,
    READ_ACCOUNTS,
    VERIFY_RESIDENTS,
)
from egovframe.core.auth.queries import grants_of, recipient_of
from egovframe.core.auth.services.accounts import ROLE_OF_CITIZENS
from egovframe.core.auth.services.letters import end_letters
from egovframe.core.auth.services.unverifying import end_overdue
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import now
from egovframe.hooks import Obstacle, Permission, Recipient, Retention, RoleTemplate, Schedule, hookimpl

SWEEP = "core.auth.sweep"
END_VERIFICATIONS = "auth.end_verifications"
"""Job: what was verified for a time only ends, letters that are over lose their addresses."""


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights of auth."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Name the default roles; every other room adds its rights to them by code."""
    return (
        RoleTemplate("citizen", _("Citizen"), ()),
        RoleTemplate("agent", _("Call-centre agent"), (ACT_FOR,)),
        RoleTemplate("registrar", _("Residents' office"), (READ_ACCOUNTS, VERIFY_RESIDENTS)),
        RoleTemplate("officer", _("Officer"), ()),
        RoleTemplate("department_head", _("Head of department"), (READ_ACCOUNTS,)),
        RoleTemplate("moderator", _("Moderator"), ()),
        RoleTemplate("steward", _("Data steward"), ()),
        RoleTemplate("vote_organiser", _("Vote organiser"), ()),
        RoleTemplate("auditor", _("Auditor"), (READ_ACCOUNTS,)),
        RoleTemplate(
            "administrator",
            _("Administrator"),
            (READ_ACCOUNTS, MANAGE_ACCOUNTS, MANAGE_GRANTS, MANAGE_ROLES, VERIFY_RESIDENTS),
        ),
    )


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Accounts stay until their people ask; what came of signing in goes by itself."""
    return (
        Retention("account", counted_from=_("the day it was made")),
        Retention("address_change", 30, counted_from=_("the day the change was asked for")),
        Retention("letter", 60, counted_from=_("the day the letter was made")),
        Retention("session", 90, since="ended", counted_from=_("the end of the session")),
        Retention("token", 30, since="ended", counted_from=_("the last day on which the key or the link worked")),
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


def end_verifications(session: Session, _payload: Mapping[str, Any]) -> None:
    """End verifications and letters whose time is over."""
    end_overdue(session)
    end_letters(session)


def sweep_all(session: Session, _payload: Mapping[str, Any]) -> None:
    """Delete what the history keeps no longer, and what nobody finished at passkeys and providers."""
    sweep_history(session)
    sweep_challenges(session)
    sweep_outside(session)


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """Name what is done by and by."""
    return {SWEEP: sweep_all, END_VERIFICATIONS: end_verifications}


@hookimpl
def schedules() -> Sequence[Schedule]:
    """Sweep and look once an hour."""
    return tuple(Schedule(name, name, timedelta(hours=1)) for name in (SWEEP, END_VERIFICATIONS))
