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
from egovframe.hooks import NavItem, hookimpl


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
    offered = offered_providers(runtime().database)
    return (
        help_with_factors,
        about,
        NavItem("account", _("My data"), "account.my_data", order=72, icon="shield-check"),
        NavItem("account", _("Who looked at my data"), "account.looks", order=73, icon="eye"),
        NavItem("account", _("Protect my account"), "account.factors", order=76, icon="shield-check"),
        NavItem("account", _("My details"), "account.profile", order=70, icon="id-card"),
        NavItem("account", _("Prove who you are"), "account.verify", order=74, icon="shield-check"),
        NavItem("account", _("Devices and keys"), "account.sessions", order=80, icon="key-round"),
        *([NavItem("account", _("Ways to sign in"), "account.ways", order=85, icon="log-in")] if offered else []),
    )


PARTS = (addresses, factors, first_password, looks, my_data, notices, outside, passkeys, second_step, tokens, verify)
"""Further modules whose routes stand on the same blueprint: naming them here mounts them."""
