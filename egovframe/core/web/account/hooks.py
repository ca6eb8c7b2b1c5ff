"""What the account pages answer to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.auth import offered_providers
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.routes.api import blueprint as api
from egovframe.core.web.account.routes.doors import doors
from egovframe.core.web.account.routes.outside import pages
from egovframe.core.web.api import ApiBlueprint
from egovframe.core.web.runtime import runtime
from egovframe.hooks import NavItem, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the account pages below ``/<lang>/account``."""
    return (pages,)


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
    if not actor.is_signed_in:
        return ()
    offered = offered_providers(runtime().database)
    return (
        NavItem("account", _("My details"), "account.profile", order=70, icon="id-card"),
        NavItem("account", _("Devices and keys"), "account.sessions", order=80, icon="key-round"),
        *([NavItem("account", _("Ways to sign in"), "account.ways", order=85, icon="log-in")] if offered else []),
    )
