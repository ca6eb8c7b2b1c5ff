"""The notifications' answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.events import EventHandler
from egovframe.core.modules.notifications.addresses import HANDLERS as ADDRESS_HANDLERS
from egovframe.core.modules.notifications.delivering import SEND, send, tell
from egovframe.core.modules.notifications.greetings import HANDLERS
from egovframe.core.modules.notifications.lending import HANDLERS as LENDING_HANDLERS
from egovframe.core.modules.notifications.queries import delivery_counts
from egovframe.core.modules.notifications.routes.api import blueprint as api
from egovframe.core.modules.notifications.routes.pages import blueprint as pages
from egovframe.core.modules.notifications.services import TELL
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import NavItem, Retention, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the inbox."""
    return (pages,)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount the inbox's API."""
    return (api,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Lead those who are signed in to their messages."""
    if actor.account_id is None:
        return ()
    return (NavItem("account", _("Messages"), "notifications.inbox", order=30, icon="inbox"),)


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """Name the two steps from a message to its reader."""
    return {TELL: tell, SEND: send}


@hookimpl
def event_handlers() -> Mapping[str, EventHandler]:
    """Listen to what happens to accounts."""
    return {**HANDLERS, **ADDRESS_HANDLERS, **LENDING_HANDLERS}


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Messages stay for a year."""
    return (Retention("notification", 365, counted_from=_("the day the message was written")),)


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    """Count deliveries by state: operators look at those in doubt and dead."""
    return {f"deliveries_{state}": count for state, count in delivery_counts(session).items()}
