"""What roles may be allowed to do here; the same names stand in plugin.toml."""

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission, RoleTemplate

MANAGE = "lost_and_found:item:manage"

PERMISSIONS = (Permission(MANAGE, _("Look after found things and give them back")),)
ROLES = (
    RoleTemplate("agent", _("Call-centre agent"), (MANAGE,)),
    RoleTemplate("administrator", _("Administrator"), (MANAGE,)),
)
