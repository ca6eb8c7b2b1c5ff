"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "organisation:absence:put": _("Added or changed an absence"),
    "organisation:department:put": _("Added or changed a department"),
    "organisation:jurisdiction:put": _("Added or changed who is in charge of what"),
    "organisation:official:put": _("Put an official into a post"),
    "organisation:official:remove": _("Took an official out of a post"),
    "organisation:post:put": _("Added or changed a post"),
}
