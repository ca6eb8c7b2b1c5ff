"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "worktime:calendar:assign": _("Gave a department its work calendar"),
    "worktime:calendar:put": _("Added or changed a work calendar"),
    "worktime:holiday:put": _("Added or changed a holiday"),
    "worktime:holiday:remove": _("Removed a holiday"),
}
