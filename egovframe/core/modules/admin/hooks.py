"""What the administration answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.modules.admin.audit_work import HANDLERS, SCHEDULES
from egovframe.core.modules.admin.menu import MENU
from egovframe.core.modules.admin.permissions import PERMISSIONS, ROLES
from egovframe.core.modules.admin.routes.access import api as access_api
from egovframe.core.modules.admin.routes.access import pages as access_pages
from egovframe.core.modules.admin.routes.accounts import pages as account_pages
from egovframe.core.modules.admin.routes.audit import pages as audit_pages
from egovframe.core.modules.admin.routes.audit_api import blueprint as audit_api
from egovframe.core.modules.admin.routes.inviting import pages as inviting
from egovframe.core.modules.admin.routes.looks import pages as look_pages
from egovframe.core.modules.admin.routes.pages import pages
from egovframe.core.modules.admin.routes.privacy import pages as privacy
from egovframe.core.modules.admin.routes.roles import pages as role_pages
from egovframe.core.modules.admin.routes.service_accounts import pages as service_accounts
from egovframe.core.modules.admin.routes.settings import pages as setting_pages
from egovframe.core.modules.admin.routes.verification import residents
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import NavItem, Permission, RoleTemplate, Schedule, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount ``/<lang>/admin`` and the residents' office."""
    return (
        pages,
        account_pages,
        inviting,
        role_pages,
        access_pages,
        service_accounts,
        residents,
        privacy,
        audit_pages,
        look_pages,
        setting_pages,
    )


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount ``/api/v1/access`` and ``/api/v1/audit``."""
    return (access_api, audit_api)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer the residents' office at the desk, and the pages of administration."""
    return MENU


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
