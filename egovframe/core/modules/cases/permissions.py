"""What may be done with cases; each permission is held over the departments and areas of a grant."""

from __future__ import annotations

from egovframe.core.auth import scoped
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases.models import Case
from egovframe.hooks import Permission, RoleTemplate

READ = "cases:case:read"
WORK = "cases:case:work"
ASSIGN = "cases:case:assign"
CONTACT = "cases:contact:read"
TYPES = "cases:type:read"

PERMISSIONS = (
    Permission(READ, _("Read cases")),
    Permission(WORK, _("Work on cases: take, ask, answer, close")),
    Permission(ASSIGN, _("Pass cases on to another department")),
    Permission(CONTACT, _("Read how to reach the person who reported a case")),
    Permission(TYPES, _("Look at case types: states, actions, deadlines")),
)

ROLES = (
    RoleTemplate("officer", _("Officer"), (READ, WORK, ASSIGN, CONTACT)),
    RoleTemplate("department_head", _("Head of department"), (READ, WORK, ASSIGN, CONTACT, TYPES)),
    RoleTemplate("agent", _("Call-centre agent"), (READ,)),
    RoleTemplate("administrator", _("Administrator"), (READ, WORK, ASSIGN, CONTACT, TYPES)),
)

# No "own" column: the reporter reads the public side of a case by other doors and never holds a permission over it.
scoped(Case, department="department_id", area="area_id")
