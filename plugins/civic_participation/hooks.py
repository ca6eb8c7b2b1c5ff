"""What civic participation answers when the core asks."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import click
from flask import Blueprint
from flask_smorest import Blueprint as ApiBlueprint
from sqlalchemy.orm import Session

from civic_participation import permissions as rights
from civic_participation.cli import complaints, services
from civic_participation.queries.dashboard import counters, details_of, find_hits, home_parts
from civic_participation.routes.api import api
from civic_participation.routes.desk_pages import desk
from civic_participation.routes.filing_pages import pages as filing
from civic_participation.routes.pages import pages, short
from civic_participation.seeds import seed
from civic_participation.services.reporters import recipient_of
from civic_participation.tasks import purge_old_drafts
from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.hooks import (
    CaseDetails,
    DemoContext,
    NavItem,
    Permission,
    Recipient,
    Retention,
    RoleTemplate,
    Schedule,
    SearchHit,
    Section,
    Tile,
    hookimpl,
)


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    """Pages: filing, filing for others, and what everybody sees."""
    return [filing, desk, pages]


@hookimpl
def root_blueprints() -> Sequence[Blueprint]:
    """The short link for paper and QR."""
    return [short]


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    """``/api/v1/complaints``."""
    return [api]


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Three entries of the main menu, and one of the desk."""
    return [
        NavItem(
            "desk",
            _("Take down a complaint"),
            "civic_participation_desk.new",
            order=20,
            icon="phone",
            permission="auth:account:act_for",
        ),
        NavItem("main", _("Report"), "civic_participation_filing.what", order=20),
        NavItem("main", _("Complaints"), "civic_participation.listing", order=21),
        NavItem("main", _("Follow"), "civic_participation.track", order=22),
    ]


@hookimpl
def home_tiles(actor: Actor) -> Sequence[Tile]:
    """The doors to filing, following and looking."""
    return [
        Tile(
            _("Report a problem"),
            _("Street, water, waste, noise"),
            "triangle-alert",
            "civic_participation_filing.what",
            order=10,
        ),
        Tile(
            _("Follow your complaint"),
            _("With the code that you were given"),
            "search",
            "civic_participation.track",
            order=60,
        ),
        Tile(
            _("See what others report"),
            _("List and map of the city"),
            "map",
            "civic_participation.listing",
            order=70,
        ),
    ]


@hookimpl
def home_sections(session: Session, actor: Actor, language: str) -> Sequence[Section]:
    """What was answered last, and what is being worked on."""
    return home_parts(session)


@hookimpl
def permissions() -> Sequence[Permission]:
    """Rights over categories and imports."""
    return rights.PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    """What default roles may do here."""
    return rights.ROLES


@hookimpl
def case_types() -> Sequence[Path]:
    """The complaint: its states, actions and deadlines."""
    return [Path(__file__).parent / "case_types" / "complaint.toml"]


@hookimpl
def case_details(session: Session, actor: Actor, case: Any) -> CaseDetails | None:
    """What the desk shows of a complaint."""
    return details_of(session, actor, case)


@hookimpl
def retention_rules() -> Sequence[Retention]:
    """Unfinished complaints: the plugin's own setting says for how long."""
    since = _("the last change of the unfinished complaint")
    return [Retention("draft", 7, since="updated", counted_from=since, setting="civic_participation.draft_days")]


@hookimpl
def job_handlers() -> Mapping[str, Callable[[Session, Any], None]]:
    """The job that deletes old drafts."""
    return {"civic_participation.purge_drafts": purge_old_drafts}


@hookimpl
def schedules() -> Sequence[Schedule]:
    """When drafts are looked through."""
    return [Schedule("civic_participation.purge_drafts", "civic_participation.purge_drafts", timedelta(hours=6))]


@hookimpl
def recipient(session: Session, reference: str) -> Recipient | None:
    """Whom messages about a complaint reach."""
    return recipient_of(session, reference)


@hookimpl
def search(session: Session, actor: Actor, text: str, language: str, limit: int) -> Sequence[SearchHit]:
    """Complaints by number, categories by words."""
    return find_hits(session, text, limit)


@hookimpl
def commands() -> Sequence[click.Command]:
    """``egovframe services`` and ``egovframe complaints``."""
    return [services, complaints]


@hookimpl
def seed_demo(session: Session, demo: DemoContext) -> None:
    """The plugin's part of the demo city."""
    seed(session, demo)


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    """Counters for /status and /metrics."""
    return counters(session)


@hookimpl
def audit_actions() -> Mapping[str, Any]:
    """Say in words what is written into the audit record."""
    return {"civic_participation:category:import": _("Imported categories of complaints")}
