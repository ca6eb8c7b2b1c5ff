"""Auth: accounts, sign-in, sessions, roles and scopes, tokens, guards. Its pages live in ``core.web.account``."""

from egovframe.core.auth.access import PlacedGrant, can, rule, scoped, visible
from egovframe.core.auth.guards import (
    PUBLIC,
    SIGNED_IN,
    Guard,
    check,
    guard_of,
    public,
    requires,
    requires_any,
    signed_in,
)
from egovframe.core.auth.loading import (
    SessionEntry,
    actor_of_account,
    actor_of_session,
    actor_of_token,
    session_entry,
    touch_session,
    touch_token,
)
from egovframe.core.auth.models import Account, ApiToken, OneTimeToken, Role, RoleGrant, WebSession
from egovframe.core.auth.scopes import parse_scope, register_scope_parser, register_scope_resolver, scopes_changed

__all__ = [
    "PUBLIC",
    "SIGNED_IN",
    "Account",
    "ApiToken",
    "Guard",
    "OneTimeToken",
    "PlacedGrant",
    "Role",
    "RoleGrant",
    "SessionEntry",
    "WebSession",
    "actor_of_account",
    "actor_of_session",
    "actor_of_token",
    "can",
    "check",
    "guard_of",
    "parse_scope",
    "public",
    "register_scope_parser",
    "register_scope_resolver",
    "requires",
    "requires_any",
    "rule",
    "scoped",
    "scopes_changed",
    "session_entry",
    "signed_in",
    "touch_session",
    "touch_token",
    "visible",
]
