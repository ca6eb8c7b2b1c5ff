"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "settings:setting:change": _("Changed a setting"),
    "settings:setting:reset": _("Took a setting back to what holds without the city's own value"),
}
