"""What the account pages answer to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.routes.api import blueprint as api
from egovframe.core.web.account.routes.own import pages
from egovframe.core.web.account.routes.tokens import pages as _tokens
from egovframe.core.web.account.routes.verify import pages as _verify
from egovframe.core.web.api import ApiBlueprint
from egovframe.hooks import NavItem, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the account pages below ``/<lang>/account``."""
    return tuple(dict.fromkeys((pages, _tokens, _verify)))  # one blueprint, whose routes lie in several files


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount ``/api/v1/tokens``."""
    return (api,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer people what is theirs."""
    if not actor.is_signed_in:
        return ()
    return (
        NavItem("account", _("My details"), "account.profile", order=70, icon="id-card"),
        NavItem("account", _("Prove who you are"), "account.verify", order=75, icon="shield-check"),
        NavItem("account", _("Devices and keys"), "account.sessions", order=80, icon="key-round"),
    )
