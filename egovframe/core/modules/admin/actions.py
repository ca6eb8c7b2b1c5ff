"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "core:backup:make": _("Made a backup"),
    "core:backup:restore": _("Put a backup back"),
    "plugins:plugin:disable": _("Switched a plugin off"),
    "plugins:plugin:enable": _("Switched a plugin on"),
}
