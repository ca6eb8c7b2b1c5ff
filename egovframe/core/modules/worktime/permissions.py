"""Rights over calendars of working time."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

MANAGE_CALENDARS = "worktime:calendar:manage"

PERMISSIONS = (Permission(MANAGE_CALENDARS, _("Change working hours and holidays")),)
