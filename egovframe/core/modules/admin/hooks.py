"""What the administration answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.auth import READ_ACCOUNTS, VERIFY_RESIDENTS
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.audit_work import HANDLERS, SCHEDULES
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS, PERMISSIONS, ROLES
from egovframe.core.modules.admin.routes.access import api as access_api
from egovframe.core.modules.admin.routes.access import pages as access_pages
from egovframe.core.modules.admin.routes.accounts import pages as account_pages
from egovframe.core.modules.admin.routes.audit import pages as audit_pages
from egovframe.core.modules.admin.routes.audit_api import blueprint as audit_api
from egovframe.core.modules.admin.routes.looks import pages as look_pages
from egovframe.core.modules.admin.routes.pages import pages
from egovframe.core.modules.admin.routes.privacy import pages as privacy
from egovframe.core.modules.admin.routes.roles import pages as role_pages
from egovframe.core.modules.admin.routes.service_accounts import pages as service_accounts
from egovframe.core.modules.admin.routes.verification import residents
from egovframe.core.modules.audit import READ_AUDIT
from egovframe.core.modules.privacy import MANAGE_HOLDS, MANAGE_NOTICES, READ_RETENTION
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import NavItem, Permission, RoleTemplate, Schedule, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount ``/<lang>/admin`` and the residents' office."""
    return (
        pages,
        account_pages,
        role_pages,
        access_pages,
        service_accounts,
        residents,
        privacy,
        audit_pages,
        look_pages,
    )


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount ``/api/v1/access`` and ``/api/v1/audit``."""
    return (access_api, audit_api)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer accounts, roles, the review of access, and plugins."""
    return (
        NavItem(
            "desk",
            _("Residents' office"),
            "residents.index",
            order=60,
            icon="id-card",
            permission=VERIFY_RESIDENTS,
            text=_("Identity documents, letters with codes, doubtful cases"),
        ),
        NavItem(
            "admin",
            _("Service accounts"),
            "service_accounts.index",
            order=70,
            icon="key-round",
            permission="auth:account:manage",
            text=_("Programs that talk to this portal, and their keys"),
        ),
        NavItem(
            "admin",
            _("Accounts"),
            "admin_accounts.accounts",
            order=20,
            icon="users",
            permission=READ_ACCOUNTS,
            text=_("Who may do what, since when and until when"),
        ),
        NavItem(
            "admin",
            _("Roles"),
            "admin_roles.roles",
            order=25,
            icon="id-card",
            permission=READ_ACCOUNTS,
            text=_("What each role may do"),
        ),
        NavItem(
            "admin",
            _("Review of access"),
            "admin_access.review",
            order=30,
            icon="shield-check",
            permission=READ_ACCOUNTS,
            text=_("Who can do this? What can this person do?"),
        ),
        NavItem(
            "admin",
            _("Plugins"),
            "admin.plugins",
            order=80,
            icon="layers",
            permission=MANAGE_PLUGINS,
            text=_("Which services run, and what keeps the others from it"),
        ),
        NavItem(
            "admin",
            _("How long data stay"),
            "admin_privacy.retention",
            order=60,
            icon="clock",
            permission=READ_RETENTION,
            text=_("The rule for each kind of record, and what is due to go"),
        ),
        NavItem(
            "admin",
            _("Legal holds"),
            "admin_privacy.hold_list",
            order=61,
            icon="lock",
            permission=MANAGE_HOLDS,
            text=_("People and cases whose data nobody may erase for now"),
        ),
        NavItem(
            "admin",
            _("Terms and privacy notices"),
            "admin_privacy.notice_list",
            order=62,
            icon="file-text",
            permission=MANAGE_NOTICES,
            text=_("Publish a new version, and ask everybody again"),
        ),
        NavItem(
            "admin",
            _("Audit"),
            "admin_audit.entries",
            order=32,
            icon="shield-check",
            permission=READ_AUDIT,
            text=_("Who did what, and whether the record is intact"),
        ),
    )


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the right to manage plugins."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give it to the administrator."""
    return ROLES


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """Name the daily work on the audit chain."""
    return HANDLERS


@hookimpl
def schedules() -> Sequence[Schedule]:
    """Publish the chain's head and verify the chain once a day."""
    return SCHEDULES
