"""The organisation's answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.organisation.permissions import MANAGE_ORGANISATION, PERMISSIONS
from egovframe.core.modules.organisation.routes.api import blueprint as api
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import Permission, Retention, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights over the organisation."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give the administrator the organisation."""
    return (RoleTemplate("administrator", _("Administrator"), (MANAGE_ORGANISATION,)),)


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Why somebody was away is nobody's business a year later."""
    return (Retention("absence", 365, since="ended"),)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount the list of departments."""
    return (api,)
