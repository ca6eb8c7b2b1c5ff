"""What the administration answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS, PERMISSIONS, ROLES
from egovframe.core.modules.admin.routes.pages import pages
from egovframe.core.modules.admin.routes.privacy import pages as privacy
from egovframe.core.modules.privacy import MANAGE_HOLDS, MANAGE_NOTICES, READ_RETENTION
from egovframe.hooks import NavItem, Permission, RoleTemplate, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount ``/<lang>/admin``."""
    return (pages, privacy)


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
    )


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the right to manage plugins."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give it to the administrator."""
    return ROLES
