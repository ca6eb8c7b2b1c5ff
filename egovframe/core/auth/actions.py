"""What the room's actions are called in the audit record."""

from __future__ import annotations

from egovframe.core.i18n import lazy_gettext as _

ACTIONS = {
    "auth:account:confirm": _("Confirmed the address of an account"),
    "auth:account:create": _("Opened an account for somebody"),
    "auth:account:describe": _("Changed a profile"),
    "auth:account:disable": _("Closed an account"),
    "auth:account:enable": _("Opened a closed account again"),
    "auth:account:register": _("Registered"),
    "auth:grant:end": _("Ended a role"),
    "auth:grant:give": _("Gave a role"),
    "auth:password:change": _("Changed a password"),
    "auth:password:recover": _("Asked for a new password"),
    "auth:role:change": _("Changed what a role may do"),
    "auth:session:begin": _("Signed in"),
    "auth:session:end": _("Signed out"),
    "auth:session:revoke": _("Signed out a device"),
    "auth:sessions:end": _("Signed out every device of an account"),
    "auth:token:create": _("Made an access token"),
    "auth:token:revoke": _("Revoked an access token"),
}
