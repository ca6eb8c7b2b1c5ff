"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "cases:case:escalate": _("Told a superior about an overdue case"),
    "cases:case:hand_over": _("Passed on the cases of somebody who left"),
    "cases:case:import": _("Imported a case from before"),
    "cases:case:open": _("Opened a case"),
    "cases:type:publish": _("Published a kind of case"),
}
