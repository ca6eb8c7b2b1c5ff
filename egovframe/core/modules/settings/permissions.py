"""The right over stored settings."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

MANAGE_SETTINGS = "settings:setting:manage"

PERMISSIONS = (Permission(MANAGE_SETTINGS, _("See the city's settings and change them")),)
ROLES = (RoleTemplate("administrator", _("Administrator"), (MANAGE_SETTINGS,)),)
