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
    RoleTemplate,
    Schedule,
    SearchHit,
    Section,
    Tile,
    hookimpl,
)


@hookimpl
def blueprints() -> Sequence[Blueprint]:
    return [filing, pages]


@hookimpl
def root_blueprints() -> Sequence[Blueprint]:
    return [short]


@hookimpl
def api_blueprints() -> Sequence[ApiBlueprint]:
    return [api]


@hookimpl
def navigation(actor: Actor) -> Sequence[NavItem]:
    return [
        NavItem("main", _("Report"), "civic_participation_filing.what", order=20),
        NavItem("main", _("Complaints"), "civic_participation.listing", order=21),
        NavItem("main", _("Follow"), "civic_participation.track", order=22),
    ]


@hookimpl
def home_tiles(actor: Actor) -> Sequence[Tile]:
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
    return home_parts(session)


@hookimpl
def permissions() -> Sequence[Permission]:
    return rights.PERMISSIONS


@hookimpl
def roles() -> Sequence[RoleTemplate]:
    return rights.ROLES


@hookimpl
def case_types() -> Sequence[Path]:
    return [Path(__file__).parent / "case_types" / "complaint.toml"]


@hookimpl
def case_details(session: Session, actor: Actor, case: Any) -> CaseDetails | None:
    return details_of(session, actor, case)


@hookimpl
def job_handlers() -> Mapping[str, Callable[[Session, Any], None]]:
    return {"civic_participation.purge_drafts": purge_old_drafts}


@hookimpl
def schedules() -> Sequence[Schedule]:
    return [Schedule("civic_participation.purge_drafts", "civic_participation.purge_drafts", timedelta(hours=6))]


@hookimpl
def recipient(session: Session, reference: str) -> Recipient | None:
    return recipient_of(session, reference)


@hookimpl
def search(session: Session, actor: Actor, text: str, language: str, limit: int) -> Sequence[SearchHit]:
    return find_hits(session, text, limit)


@hookimpl
def commands() -> Sequence[click.Command]:
    return [services, complaints]


@hookimpl
def seed_demo(session: Session, demo: DemoContext) -> None:
    seed(session, demo)


@hookimpl
def status(session: Session) -> Mapping[str, Any]:
    return counters(session)
