"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "codes:code:delete": _("Deleted a code that was not in use"),
    "codes:code:put": _("Added or changed a code"),
    "codes:table:put": _("Added or changed a code table"),
}
