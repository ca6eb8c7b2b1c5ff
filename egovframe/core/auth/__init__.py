"""Auth: accounts, sign-in, sessions, roles and scopes, tokens, guards. Its pages live in ``core.web.account``."""

from egovframe.core.auth.access import PlacedGrant, can, rule, scoped, visible
from egovframe.core.auth.addresses.changing import (
    ADDRESS_CHANGE,
    address_change_token,
    confirm_address_change,
    request_address_change,
)
from egovframe.core.auth.addresses.models import AddressChange
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
from egovframe.core.auth.passwords import PasswordHash, hash_password
from egovframe.core.auth.policy import CHEAP, AuthPolicy, configure_auth, policy_of
from egovframe.core.auth.queries import (
    account_by_email,
    account_by_public_id,
    account_of,
    accounts,
    every_account,
    grants_of,
    holders,
    role_by_code,
    roles,
    sessions_of,
    tokens_of,
)
from egovframe.core.auth.scopes import parse_scope, register_scope_parser, register_scope_resolver, scopes_changed
from egovframe.core.auth.services.accounts import (
    confirm_contact,
    create_account,
    disable_account,
    enable_account,
    register_account,
    set_password,
    set_profile,
)
from egovframe.core.auth.services.confirming import confirm_identity
from egovframe.core.auth.services.grants import grant_role, revoke_grant
from egovframe.core.auth.services.one_time import OneTimeLink, one_time_link
from egovframe.core.auth.services.recovery import recover, request_recovery
from egovframe.core.auth.services.roles import known_permissions, put_role, sync_roles
from egovframe.core.auth.services.sessions import revoke_session, rotate_session, sign_out
from egovframe.core.auth.services.signing_in import (
    SignedIn,
    Throttle,
    Verified,
    account_of_credentials,
    change_password,
    sign_in,
    verify_credentials,
)
from egovframe.core.auth.services.tokens import NewToken, create_token, revoke_token
from egovframe.core.auth.subjects import declare_subjects

declare_subjects()

__all__ = [
    "ADDRESS_CHANGE",
    "CHEAP",
    "PUBLIC",
    "SIGNED_IN",
    "Account",
    "AddressChange",
    "ApiToken",
    "AuthPolicy",
    "Guard",
    "NewToken",
    "OneTimeLink",
    "OneTimeToken",
    "PasswordHash",
    "PlacedGrant",
    "Role",
    "RoleGrant",
    "SessionEntry",
    "SignedIn",
    "Throttle",
    "Verified",
    "WebSession",
    "account_by_email",
    "account_by_public_id",
    "account_of",
    "account_of_credentials",
    "accounts",
    "actor_of_account",
    "actor_of_session",
    "actor_of_token",
    "address_change_token",
    "can",
    "change_password",
    "check",
    "configure_auth",
    "confirm_address_change",
    "confirm_contact",
    "confirm_identity",
    "create_account",
    "create_token",
    "disable_account",
    "enable_account",
    "every_account",
    "grant_role",
    "grants_of",
    "guard_of",
    "hash_password",
    "holders",
    "known_permissions",
    "one_time_link",
    "parse_scope",
    "policy_of",
    "public",
    "put_role",
    "recover",
    "register_account",
    "register_scope_parser",
    "register_scope_resolver",
    "request_address_change",
    "request_recovery",
    "requires",
    "requires_any",
    "revoke_grant",
    "revoke_session",
    "revoke_token",
    "role_by_code",
    "roles",
    "rotate_session",
    "rule",
    "scoped",
    "scopes_changed",
    "session_entry",
    "sessions_of",
    "set_password",
    "set_profile",
    "sign_in",
    "sign_out",
    "signed_in",
    "sync_roles",
    "tokens_of",
    "touch_session",
    "touch_token",
    "verify_credentials",
    "visible",
]
