"""Working time's answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.worktime.permissions import MANAGE_CALENDARS, PERMISSIONS
from egovframe.hooks import Permission, RoleTemplate, hookimpl


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights over calendars."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give the administrator the calendars."""
    return (RoleTemplate("administrator", _("Administrator"), (MANAGE_CALENDARS,)),)
