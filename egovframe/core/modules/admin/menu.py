"""The pages of administration as menus name them, in their order."""

from __future__ import annotations

from egovframe.core.auth import MANAGE_ACCOUNTS, READ_ACCOUNTS, VERIFY_RESIDENTS
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.admin.permissions import MANAGE_PLUGINS
from egovframe.core.modules.audit import READ_AUDIT
from egovframe.core.modules.privacy import MANAGE_HOLDS, MANAGE_NOTICES, READ_RETENTION
from egovframe.core.modules.settings import MANAGE_SETTINGS
from egovframe.hooks import NavItem

MENU = (
    NavItem(
        "desk",
        _("Residents' office"),
        "residents.index",
        order=60,
        icon="id-card",
        permission=VERIFY_RESIDENTS,
        text=_("Identity documents, letters with codes, doubtful cases"),
    ),
    NavItem(
        "admin",
        _("Accounts"),
        "admin_accounts.accounts",
        order=20,
        icon="users",
        permission=READ_ACCOUNTS,
        text=_("Who may do what, since when and until when"),
    ),
    NavItem(
        "admin",
        _("Roles"),
        "admin_roles.roles",
        order=25,
        icon="id-card",
        permission=READ_ACCOUNTS,
        text=_("What each role may do"),
    ),
    NavItem(
        "admin",
        _("Review of access"),
        "admin_access.review",
        order=30,
        icon="shield-check",
        permission=READ_ACCOUNTS,
        text=_("Who can do this? What can this person do?"),
    ),
    NavItem(
        "admin",
        _("Audit"),
        "admin_audit.entries",
        order=32,
        icon="shield-check",
        permission=READ_AUDIT,
        text=_("Who did what, and whether the record is intact"),
    ),
    NavItem(
        "admin",
        _("How long data stay"),
        "admin_privacy.retention",
        order=60,
        icon="clock",
        permission=READ_RETENTION,
        text=_("The rule for each kind of record, and what is due to go"),
    ),
    NavItem(
        "admin",
        _("Legal holds"),
        "admin_privacy.hold_list",
        order=61,
        icon="lock",
        permission=MANAGE_HOLDS,
        text=_("People and cases whose data nobody may erase for now"),
    ),
    NavItem(
        "admin",
        _("Terms and privacy notices"),
        "admin_privacy.notice_list",
        order=62,
        icon="file-text",
        permission=MANAGE_NOTICES,
        text=_("Publish a new version, and ask everybody again"),
    ),
    NavItem(
        "admin",
        _("Service accounts"),
        "service_accounts.index",
        order=70,
        icon="key-round",
        permission=MANAGE_ACCOUNTS,
        text=_("Programs that talk to this portal, and their keys"),
    ),
    NavItem(
        "admin",
        _("Settings"),
        "admin_settings.listing",
        order=75,
        icon="settings",
        permission=MANAGE_SETTINGS,
        text=_("Days, limits and choices of the city, and where each comes from"),
    ),
    NavItem(
        "admin",
        _("Plugins"),
        "admin.plugins",
        order=80,
        icon="layers",
        permission=MANAGE_PLUGINS,
        text=_("Which services run, and what keeps the others from it"),
    ),
)
"""Whoever lacks the right of an entry does not see it."""
