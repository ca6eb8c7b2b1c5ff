"""What the account pages answer to the framework's questions."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web.account.routes import addresses, my_data, notices
from egovframe.core.web.account.routes.api import blueprint as api
from egovframe.core.web.account.routes.own import pages
from egovframe.core.web.api import ApiBlueprint
from egovframe.hooks import NavItem, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the account pages below ``/<lang>/account``."""
    return (pages,)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount ``/api/v1/tokens``."""
    return (api,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer people what is theirs."""
    about = NavItem("footer", _("Terms and privacy"), "account.notice_list", order=70)
    if not actor.is_signed_in:
        return (about,)
    return (
        about,
        NavItem("account", _("My details"), "account.profile", order=70, icon="id-card"),
        NavItem("account", _("My data"), "account.my_data", order=75, icon="shield-check"),
        NavItem("account", _("Devices and keys"), "account.sessions", order=80, icon="key-round"),
    )


_MOUNTED = (addresses, my_data, notices)
"""Modules that hang their pages on the blueprint when they are imported."""
