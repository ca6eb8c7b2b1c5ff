"""Rights over areas."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

MANAGE_AREAS = "areas:layer:manage"

PERMISSIONS = (Permission(MANAGE_AREAS, _("Change the city's areas and their borders")),)
