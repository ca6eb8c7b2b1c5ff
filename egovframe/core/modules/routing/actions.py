"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "routing:rule:add": _("Added a rule for the distribution of cases"),
    "routing:rule:change": _("Changed a rule for the distribution of cases"),
}
