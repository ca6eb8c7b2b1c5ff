"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "settings:setting:change": _("Changed a setting"),
}
