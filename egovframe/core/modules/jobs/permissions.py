"""Rights over the queue."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

MANAGE_JOBS = "jobs:job:manage"

PERMISSIONS = (Permission(MANAGE_JOBS, _("See, retry and drop failed jobs")),)
