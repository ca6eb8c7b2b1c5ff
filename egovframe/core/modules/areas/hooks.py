"""The areas' answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.areas.permissions import MANAGE_AREAS, PERMISSIONS
from egovframe.core.modules.areas.routes.api import blueprint as api
from egovframe.core.modules.areas.routes.pages import blueprint as pages
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import Permission, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights over areas."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give the administrator the areas."""
    return (RoleTemplate("administrator", _("Administrator"), (MANAGE_AREAS,)),)


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the borders for maps."""
    return (pages,)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount the areas' API."""
    return (api,)
