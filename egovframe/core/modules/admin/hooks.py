"""What the administration answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.audit_work import HANDLERS, SCHEDULES
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS, PERMISSIONS, ROLES
from egovframe.core.modules.admin.routes.audit import pages as audit_pages
from egovframe.core.modules.admin.routes.audit_api import blueprint as audit_api
from egovframe.core.modules.admin.routes.pages import pages
from egovframe.core.modules.audit import READ_AUDIT
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import NavItem, Permission, RoleTemplate, Schedule, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount ``/<lang>/admin``."""
    return (pages, audit_pages)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount ``/api/v1/audit``."""
    return (audit_api,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer the plugins page."""
    return (
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
            _("Audit"),
            "admin_audit.entries",
            order=70,
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
