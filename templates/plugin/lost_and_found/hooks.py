"""What this service answers when the core asks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.web import ApiBlueprint
from egovframe.hooks import DemoContext, NavItem, Permission, RoleTemplate, Tile, hookimpl
from lost_and_found import permissions as rights
from lost_and_found.queries import count_kept
from lost_and_found.routes.api import api
from lost_and_found.routes.desk import desk
from lost_and_found.routes.pages import pages
from lost_and_found.seeds import seed


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Mount the pages below /<language>/."""
    return [pages, desk]


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """Mount the API below /api/v1/."""
    return [api]


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Offer the list to everybody and the desk to those in charge."""
    return [
        NavItem("main", _("Lost and found"), "lost_and_found.listing", order=60),
        NavItem("desk", _("Found things"), "lost_and_found_desk.index", order=60, permission=rights.MANAGE),
    ]


@hookimpl
def home_tiles(actor: Actor) -> Sequence[Tile]:
    """Put a door on the home page."""
    return [Tile(_("Lost and found"), _("Lost something? Found something?"), "search", "lost_and_found.listing", 80)]


@hookimpl
def permissions() -> Sequence[Permission]:
    """Name the rights."""
    return rights.PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """Add the rights to default roles."""
    return rights.ROLES


@hookimpl
def seed_demo(session: Session, demo: DemoContext) -> None:
    """Fill the demo city."""
    seed(session, demo)


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    """Count for /status and /metrics."""
    return {"kept": count_kept(session)}


@hookimpl
def audit_actions() -> Mapping[str, Any]:
    """Say in words what is written into the audit record."""
    return {
        "lost_and_found:item:record": _("Recorded a thing that was found"),
        "lost_and_found:item:return": _("Gave a thing back"),
    }
