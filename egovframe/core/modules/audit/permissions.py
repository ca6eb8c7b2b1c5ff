"""Rights over the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

READ_AUDIT = "audit:entry:read"

PERMISSIONS = (Permission(READ_AUDIT, _("Read the audit record")),)
