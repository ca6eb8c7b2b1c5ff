"""What roles may be allowed to do in civic participation."""

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

MANAGE_CATEGORIES = "civic_participation:category:manage"
IMPORT = "civic_participation:complaint:import"

PERMISSIONS = (
    Permission(MANAGE_CATEGORIES, _("Create and change complaint categories")),
    Permission(IMPORT, _("Import past complaints")),
)

ROLES = (RoleTemplate("administrator", _("Administrator"), (MANAGE_CATEGORIES, IMPORT)),)
