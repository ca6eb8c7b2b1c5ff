"""Rights over the organisation."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

MANAGE_ORGANISATION = "organisation:department:manage"

PERMISSIONS = (Permission(MANAGE_ORGANISATION, _("Change departments, posts, officials and who is in charge of what")),)
