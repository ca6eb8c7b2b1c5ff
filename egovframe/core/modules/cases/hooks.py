"""The cases' answers to the framework's questions."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from flask import Blueprint

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases.jobs import AUTOMATIC, ESCALATE, SCHEDULES, run_automatic, run_escalate
from egovframe.core.modules.cases.permissions import PERMISSIONS, READ, ROLES
from egovframe.core.modules.cases.routes.account import blueprint as account
from egovframe.core.modules.cases.routes.api import blueprint as api
from egovframe.core.modules.cases.routes.pages import blueprint as pages
from egovframe.core.modules.cases.routes.privacy import blueprint as privacy
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import NavItem, Permission, Retention, RoleTemplate, Schedule, hookimpl


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the desk and a reporter's own list."""
    return (pages, account, privacy)


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount the API."""
    return (api,)


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Lead staff to the inbox, and everybody who is signed in to the own cases."""
    desk = NavItem("desk", _("Inbox"), "cases.inbox", order=10, icon="inbox", permission=READ)
    if actor.account_id is None:
        return (desk,)
    return (desk, NavItem("account", _("My cases"), "cases_account.mine", order=10, icon="list"))


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights over cases."""
    return PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Give them to the default roles."""
    return ROLES


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Cases stay for five years after they are closed, unless their reporter asks; names of officials like accounts."""
    return (
        Retention("case", 5 * 365, since="closed", counted_from=_("the day the case was closed")),
        Retention("office", counted_from=_("the day of the entry")),
    )


@hookimpl
def job_handlers() -> Mapping[str, Callable[..., Any]]:
    """Name what is done by and by."""
    return {ESCALATE: run_escalate, AUTOMATIC: run_automatic}


@hookimpl
def schedules() -> Sequence[Schedule]:
    """Say how often."""
    return SCHEDULES
