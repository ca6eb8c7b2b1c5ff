"""The rights that auth's own verbs and pages ask for."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import Permission

READ_ACCOUNTS = "auth:account:read"
MANAGE_ACCOUNTS = "auth:account:manage"
MANAGE_GRANTS = "auth:grant:manage"
MANAGE_ROLES = "auth:role:manage"
VERIFY_RESIDENTS = "auth:resident:verify"
ACT_FOR = "auth:account:act_for"

OVER_RIGHTS = frozenset({MANAGE_ACCOUNTS, MANAGE_GRANTS, MANAGE_ROLES})
"""Rights over rights are never lent: a delegate could make a few days last for ever."""

PERMISSIONS = (
    Permission(READ_ACCOUNTS, _("See accounts and the roles they hold")),
    Permission(MANAGE_ACCOUNTS, _("Open and close accounts, set passwords")),
    Permission(MANAGE_GRANTS, _("Give roles to accounts and end them")),
    Permission(MANAGE_ROLES, _("Change what roles may do")),
    Permission(VERIFY_RESIDENTS, _("Check who lives here: identity documents, letters, doubtful cases")),
    Permission(ACT_FOR, _("Act for somebody who calls or comes to the counter")),
)
