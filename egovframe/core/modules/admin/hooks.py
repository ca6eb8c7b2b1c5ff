"""What the administration answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS, PERMISSIONS, ROLES
from egovframe.core.modules.admin.routes.pages import pages
from egovframe.hooks import NavItem, Permission, RoleTemplate, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount ``/<lang>/admin``."""
    return (pages,)


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
    )


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the right to manage plugins."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give it to the administrator."""
    return ROLES
