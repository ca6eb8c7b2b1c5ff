"""What the administration answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.auth import VERIFY_RESIDENTS
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS, PERMISSIONS, ROLES
from egovframe.core.modules.admin.routes.pages import pages
from egovframe.core.modules.admin.routes.service_accounts import pages as service_accounts
from egovframe.core.modules.admin.routes.verification import residents
from egovframe.hooks import NavItem, Permission, RoleTemplate, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount ``/<lang>/admin`` and the residents' office."""
    return (pages, service_accounts, residents)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer the pages of administration."""
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
