"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "jobs:job:drop": _("Deleted a job that had failed"),
    "jobs:job:retry": _("Let a job that had failed start over"),
}
