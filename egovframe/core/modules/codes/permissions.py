"""Rights over code tables; reading them is public."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

MANAGE_CODES = "codes:table:manage"

PERMISSIONS = (Permission(MANAGE_CODES, _("Change code tables")),)
