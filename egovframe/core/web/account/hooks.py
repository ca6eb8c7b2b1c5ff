"""What the account pages answer to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.auth import MANAGE_ACCOUNTS, offered_providers
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.routes import (
    addresses,
    factors,
    first_password,
    looks,
    my_data,
    notices,
    outside,
    passkeys,
    resetting,
    second_step,
    tokens,
    verify,
)
from egovframe.core.web.account.routes.api import blueprint as api
from egovframe.core.web.account.routes.doors import doors
from egovframe.core.web.account.routes.own import pages
from egovframe.core.web.api import ApiBlueprint
from egovframe.core.web.runtime import runtime
from egovframe.errors import Text
from egovframe.hooks import MenuGroup, NavItem, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the account pages below ``/<lang>/account``, and the administrators' help for lost factors."""
    return (pages, resetting.desk)


@hookimpl
def root_blueprints() -> Sequence[Blueprint]:
    """Mount ``/oidc``, the addresses that providers are told."""
    return (doors,)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount ``/api/v1/tokens``."""
    return (api,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer people what is theirs."""
    help_with_factors = NavItem(
        "admin",
        _("Lost second factors"),
        "account_admin.reset",
        order=35,
        icon="shield",
        permission=MANAGE_ACCOUNTS,
        text=_("Let somebody in again who lost the phone and the recovery codes"),
    )
    about = NavItem("footer", _("Terms and privacy"), "account.notice_list", order=70)
    if not actor.is_signed_in:
        return (help_with_factors, about)
    return (help_with_factors, about, *ABOUT_ME, *_sign_in())


def own(label: Text, endpoint: str, order: int, icon: str, group: MenuGroup, *covers: str) -> NavItem:
    """Return an entry of the account menu."""
    return NavItem("account", label, endpoint, order=order, icon=icon, group=group, covers=covers)


ABOUT_ME = (
    own(_("My details"), "account.profile", 70, "id-card", "person"),
    own(_("My data"), "account.my_data", 72, "shield-check", "person", "account.email"),
    own(_("Who looked at my data"), "account.looks", 73, "eye", "person"),
    own(_("Prove who you are"), "account.verify", 74, "shield-check", "person"),
)
LOCKS = ("account.new_passkey", "account.rename_passkey", "account.prove")
PROTECT = own(_("Protect my account"), "account.factors", 76, "shield-check", "sign_in", *LOCKS)
DEVICES = ("account.password", "account.history", "account.new_token")
FIRST = "account.first_password"


def _sign_in() -> Sequence[NavItem]:
    """Return what concerns signing in; where no provider is offered, its ways stand among devices and keys."""
    offered = offered_providers(runtime().database)
    covered = DEVICES if offered else (*DEVICES, "account.ways", FIRST)
    devices = own(_("Devices and keys"), "account.sessions", 80, "key-round", "sign_in", *covered)
    ways = own(_("Ways to sign in"), "account.ways", 85, "log-in", "sign_in", FIRST)
    return (PROTECT, devices, ways) if offered else (PROTECT, devices)


PARTS = (addresses, factors, first_password, looks, my_data, notices, outside, passkeys, second_step, tokens, verify)
"""Further modules whose routes stand on the same blueprint: naming them here mounts them."""
