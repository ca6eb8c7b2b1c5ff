"""What the codes room answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.codes.permissions import MANAGE_CODES, PERMISSIONS
from egovframe.core.modules.codes.routes.api import blueprint
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import Permission, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """The right to change code tables."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Administrators keep the code tables."""
    return [RoleTemplate("administrator", _("Administrator"), (MANAGE_CODES,))]


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """The tables over REST."""
    return [blueprint]
