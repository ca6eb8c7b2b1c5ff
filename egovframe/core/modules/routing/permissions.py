"""Rights over routing."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

MANAGE_RULES = "routing:rule:manage"

PERMISSIONS = (Permission(MANAGE_RULES, _("Change the rules that send matters to departments")),)
ROLES = (RoleTemplate("administrator", _("Administrator"), (MANAGE_RULES,)),)
