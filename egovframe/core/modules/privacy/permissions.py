"""The rights over retention, holds and notices."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

READ_RETENTION = "privacy:retention:read"
MANAGE_RETENTION = "privacy:retention:manage"
MANAGE_HOLDS = "privacy:hold:manage"
MANAGE_NOTICES = "privacy:notice:manage"

PERMISSIONS = (
    Permission(READ_RETENTION, _("See how long personal data stay and what is due to go")),
    Permission(MANAGE_RETENTION, _("Change how long personal data stay")),
    Permission(MANAGE_HOLDS, _("Place and release legal holds")),
    Permission(MANAGE_NOTICES, _("Publish terms and privacy notices")),
)
ROLES = (
    RoleTemplate("auditor", _("Auditor"), (READ_RETENTION,)),
    RoleTemplate("administrator", _("Administrator"), (READ_RETENTION, MANAGE_RETENTION, MANAGE_HOLDS, MANAGE_NOTICES)),
)
