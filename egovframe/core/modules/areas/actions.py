"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "areas:area:create": _("Added an area"),
    "areas:layer:describe": _("Changed the description of a layer of areas"),
    "areas:layer:import": _("Imported a layer of areas"),
}
