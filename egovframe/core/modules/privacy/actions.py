"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "privacy:consent:give": _("Agreed to a notice"),
    "privacy:consent:withdraw": _("Took an agreement back"),
    "privacy:hold:place": _("Placed a legal hold"),
    "privacy:hold:release": _("Released a legal hold"),
    "privacy:look:export": _("Exported who looked at personal data"),
    "privacy:look:record": _("Recorded who looked at personal data"),
    "privacy:notice:publish": _("Published a notice"),
    "privacy:person:correct": _("Corrected personal data"),
    "privacy:person:download": _("Downloaded personal data"),
    "privacy:person:erase": _("Erased personal data"),
    "privacy:retention:apply": _("Removed data whose time was over"),
    "privacy:retention:change": _("Changed how long data stay"),
}
