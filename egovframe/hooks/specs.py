"""Every hook of the framework. Hooks ask; events tell (see docs/decisions/0001).

An implementation is a function of the same name in a plugin's ``hooks.py``, marked ``@hookimpl``; it may leave out
arguments it does not need. Answers are lists or tuples, never generators. The core's own rooms use the same hooks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import click
import flask
import flask_smorest
import pluggy
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.hooks.answers import Answer, answers, many, mapping, one
from egovframe.hooks.retention import Obstacle, Retention
from egovframe.hooks.values import (
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
)

PROJECT = "egovframe"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)

# The bodies are docstrings: pluggy reads the names and arguments only.
# mypy: disable-error-code="empty-body"


@hookspec
@answers(many(flask.Blueprint), since="0.1", asked_by="app.py, at the start")
def blueprints() -> Sequence[flask.Blueprint]:
    """Return the pages: blueprints that are mounted below ``/<lang>``; their names start with the plugin's name."""


@hookspec
@answers(many(flask_smorest.Blueprint), since="0.1", asked_by="app.py, at the start")
def api_blueprints() -> Sequence[flask_smorest.Blueprint]:
    """Return the API: flask-smorest blueprints that are mounted below ``/api/v1`` and documented in OpenAPI."""


@hookspec
@answers(many(flask.Blueprint), since="0.1", asked_by="app.py, at the start")
def root_blueprints() -> Sequence[flask.Blueprint]:
    """Return what has an address of its own outside the languages: protocol fronts (``/open311``), short links."""


@hookspec
@answers(many(NavItem), since="0.1", asked_by="core.web, when a layout is rendered")
def navigation(actor: Actor) -> Sequence[NavItem]:
    """Return menu entries; those whose permission the actor lacks are left out by the asker."""


@hookspec
@answers(many(Tile), since="0.1", asked_by="core.web, on the home page")
def home_tiles(actor: Actor) -> Sequence[Tile]:
    """Return the doors to services on the home page."""


@hookspec
@answers(many(Section), since="0.1", asked_by="core.web, on the home page")
def home_sections(session: Session, actor: Actor, language: str) -> Sequence[Section]:
    """Return parts of the home page, such as the latest answers; keep it to one or two cheap queries."""


@hookspec
@answers(many(Permission), since="0.1", asked_by="core.auth, at the start; egovframe doctor")
def permissions() -> Sequence[Permission]:
    """Return the rights that the plugin's guards name; a right that nobody declares is held by no role."""


@hookspec
@answers(many(RoleTemplate), since="0.1", asked_by="core.auth, when roles are made or refreshed")
def roles() -> Sequence[RoleTemplate]:
    """Return default roles, or rights that are added to default roles of the same code."""


@hookspec
@answers(mapping(object), since="0.2", asked_by="app.py, at the start")
def audit_actions() -> Mapping[str, Any]:
    """Return what the plugin's audit actions are called, by action: a past tense such as "Closed an account"."""


@hookspec
@answers(many(Path), since="0.1", asked_by="core.modules.cases, at the start")
def case_types() -> Sequence[Path]:
    """Return the TOML files that define case types: states, actions, deadlines."""


@hookspec
@answers(one(CaseDetails), since="0.1", asked_by="core.modules.cases, on a case page")
def case_details(session: Session, actor: Actor, case: Any) -> CaseDetails | None:
    """Return what the plugin knows about a case of its own type, or None."""


@hookspec
@answers(one(str), since="0.1", asked_by="core.modules.cases, in lists of cases")
def case_title(session: Session, case: Any, language: str) -> str | None:
    """Return a short text for a case of the plugin's own type in the language, or None; no personal data."""


@hookspec
@answers(mapping(Callable), since="0.1", asked_by="core.modules.events, at the start")
def event_handlers() -> Mapping[str, Callable[[Session, Any], None]]:
    """Return handlers by ``name@version``; each runs as a job, in a unit of its own, at least once."""


@hookspec
@answers(mapping(Callable), since="0.1", asked_by="core.modules.jobs, at the start")
def job_handlers() -> Mapping[str, Callable[[Session, Any], None]]:
    """Return handlers ``(session, payload)`` by job name ``<plugin>.<verb>``."""


@hookspec
@answers(many(Schedule), since="0.1", asked_by="core.modules.jobs, at the start")
def schedules() -> Sequence[Schedule]:
    """Return jobs that repeat."""


@hookspec
@answers(one(Recipient), since="0.1", asked_by="core.modules.notifications, before a message is written")
def recipient(session: Session, reference: str) -> Recipient | None:
    """Return whom ``<plugin>.<thing>:<id>`` names, or None for references of others."""


@hookspec
@answers(many(Retention), since="0.1", asked_by="core.modules.privacy, when tables are refreshed")
def retention_rules() -> Sequence[Retention]:
    """Return a default rule for each retention code that the plugin's personal columns name."""


@hookspec
@answers(many(Obstacle), since="0.1", asked_by="core.modules.privacy, before somebody is erased")
def erasure_obstacles(session: Session, account_id: int) -> Sequence[Obstacle]:
    """Return what stands in the way of erasing an account, such as an office still held; normally nothing."""


@hookspec
@answers(many(SearchHit), since="0.1", asked_by="core.modules.search and the search page")
def search(session: Session, actor: Actor, text: str, language: str, limit: int) -> Sequence[SearchHit]:
    """Return at most ``limit`` things that the actor may see and that match, best first."""


@hookspec
@answers(many(click.Command), since="0.1", asked_by="egovframe.cli, when a command is looked up")
def commands() -> Sequence[click.Command]:
    """Return commands or groups for the command line."""


@hookspec
@answers(Answer("none", patience=None), since="0.1", asked_by="egovframe demo")
def seed_demo(session: Session, demo: DemoContext) -> None:
    """Fill the demo city with the plugin's part; use ``demo.random`` and ``demo.now`` only, never the clock."""


@hookspec
@answers(mapping(object), since="0.1", asked_by="/status and /metrics")
def status(session: Session) -> Mapping[str, Any]:
    """Return a few counters (numbers or short words); no personal data, no exception text."""
