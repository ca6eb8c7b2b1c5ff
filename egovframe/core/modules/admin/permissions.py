"""The rights of the administration's own pages."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

MANAGE_PLUGINS = "plugins:plugin:manage"

PERMISSIONS = (Permission(MANAGE_PLUGINS, _("See which plugins run, switch them on and off")),)
ROLES = (RoleTemplate("administrator", _("Administrator"), (MANAGE_PLUGINS,)),)
