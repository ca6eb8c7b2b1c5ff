"""The organisation's answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.organisation.permissions import MANAGE_ORGANISATION, PERMISSIONS
from egovframe.core.modules.organisation.routes.api import blueprint as api
from egovframe.core.modules.organisation.routes.delegation import pages
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import NavItem, Permission, Retention, RoleTemplate, hookimpl

CITIZEN = "citizen"


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights over the organisation."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give the administrator the organisation."""
    return (RoleTemplate("administrator", _("Administrator"), (MANAGE_ORGANISATION,)),)


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the page on which officials lend their rights."""
    return (pages,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer it to whoever holds rights of an office."""
    if all(grant.role == CITIZEN for grant in actor.grants):
        return ()
    return (NavItem("account", _("Stand-in while away"), "delegation.overview", order=75, icon="users", group="work"),)


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Why somebody was away is nobody's business a year later."""
    return (Retention("absence", 365, since="ended", counted_from=_("the end of the absence")),)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount the list of departments."""
    return (api,)
