"""What roles may be allowed to do in civic participation."""

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

MANAGE_CATEGORIES = "civic_participation:category:manage"
READ_CONTACT = "civic_participation:contact:read"
IMPORT = "civic_participation:complaint:import"

PERMISSIONS = (
    Permission(MANAGE_CATEGORIES, _("Create and change complaint categories")),
    Permission(READ_CONTACT, _("See how to reach the person who filed a complaint")),
    Permission(IMPORT, _("Import past complaints")),
)

ROLES = (
    RoleTemplate("officer", _("Official"), (READ_CONTACT,)),
    RoleTemplate("department_head", _("Head of department"), (READ_CONTACT,)),
    RoleTemplate("agent", _("Call-centre agent"), (READ_CONTACT,)),
    RoleTemplate("administrator", _("Administrator"), (MANAGE_CATEGORIES, IMPORT)),
)
