"""Trying everything that a plugin gives at the start on a scratch application, where a failure leaves nothing."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import flask_smorest
from flask import Blueprint, Flask
from jinja2 import Environment, TemplateSyntaxError
from werkzeug.routing import UnicodeConverter

from egovframe.core.auth import guard_of
from egovframe.core.i18n import CatalogueError, CatalogueSet
from egovframe.core.web import new_flask
from egovframe.extending.states import PluginEntry, StageFailed
from egovframe.hooks import Hooks

PAGES_PREFIX = "/<lang:lang>"
API_PREFIX = "/api/v1"
AT_THE_START = ("permissions", "roles", "event_handlers", "job_handlers", "schedules", "commands")
JINJA_EXTENSIONS = ("jinja2.ext.i18n", "jinja2.ext.do", "jinja2.ext.loopcontrols")
UNDECLARED = frozenset({"HEAD", "OPTIONS"})
Routes = MutableMapping[tuple[str, str], str]
"""(shape of the address, method) → who has it."""


@dataclass(frozen=True, slots=True)
class Offer:
    """The blueprints of one plugin: pages below the language, addresses of their own, API."""

    pages: Sequence[Blueprint]
    root: Sequence[Blueprint]
    api: Sequence[flask_smorest.Blueprint]

    @property
    def all(self) -> Iterator[Blueprint]:
        """Every blueprint."""
        yield from (*self.pages, *self.root, *self.api)


def offer_of(name: str, hooks: Hooks) -> Offer:
    """Ask a plugin for its blueprints; raises HookFailed."""
    return Offer(hooks.ask(name, "blueprints"), hooks.ask(name, "root_blueprints"), hooks.ask(name, "api_blueprints"))


def register(app: Flask, api: flask_smorest.Api, offer: Offer) -> None:
    """Register the blueprints where they belong."""
    for blueprint in offer.pages:
        app.register_blueprint(blueprint, url_prefix=PAGES_PREFIX + (blueprint.url_prefix or ""))
    for blueprint in offer.root:
        app.register_blueprint(blueprint)
    for blueprint in offer.api:
        api.register_blueprint(blueprint, url_prefix=API_PREFIX + (blueprint.url_prefix or ""))


def rehearse(entry: PluginEntry, hooks: Hooks, languages: Sequence[str], taken: Routes) -> None:
    """Ask what the portal will ask at its start, register the routes on a scratch application, read the templates.

    Args:
        entry: the plugin, already hooked.
        hooks: where it is registered.
        languages: the city's, whose catalogues must be readable.
        taken: routes of the plugins before it; its own are added when everything is in order.

    Raises:
        StageFailed, HookFailed: with what is wrong.
    """
    assert entry.folder is not None
    for hook in AT_THE_START:
        hooks.ask(entry.name, hook)
    _read_case_types(hooks.ask(entry.name, "case_types"))
    _read_templates(entry.name, entry.folder / "templates")
    _read_catalogues(entry.folder / "translations", languages)
    offer = offer_of(entry.name, hooks)
    _named_after(entry.name, offer.all)
    app, api = scratch_app()
    register(app, api, offer)
    _declare_guards(app)
    taken.update(free_routes(app, taken, entry.name))


class ScratchApi(flask_smorest.Api):  # type: ignore[misc]
    """Describes routes at once, unlike the portal's: a schema that cannot be described is to be found here."""

    def _register_responses(self) -> None:
        """Leave out the answers of all statuses: nobody reads this document."""


def scratch_app() -> tuple[Flask, flask_smorest.Api]:
    """Return an application that nobody serves, without a route."""
    app = new_flask("rehearsal")
    app.config.update(API_TITLE="rehearsal", API_VERSION="1", OPENAPI_VERSION="3.1.0")
    app.url_map.converters["lang"] = UnicodeConverter
    return app, ScratchApi(app)


def routes_of(app: Flask) -> Iterator[tuple[str, str]]:
    """Yield (shape of the address, method) of every route: variables are alike whatever their name."""
    for rule in app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - UNDECLARED):
            yield re.sub(r"<[^<>]*>", "<>", rule.rule), method


def free_routes(app: Flask, taken: Mapping[tuple[str, str], str], name: str) -> dict[tuple[str, str], str]:
    """Return the scratch application's routes, or raise StageFailed when one is taken or comes twice."""
    mine: dict[tuple[str, str], str] = {}
    clashes = []
    for route in routes_of(app):
        owner = taken.get(route) or mine.get(route)
        if owner:
            clashes.append(f"{route[1]} {route[0]} belongs to {owner}")
        mine[route] = name
    if clashes:
        raise StageFailed("routes", "; ".join(clashes))
    return mine


def _named_after(name: str, blueprints: Iterable[Blueprint]) -> None:
    wrong = [one.name for one in blueprints if one.name != name and not one.name.startswith(f"{name}_")]
    if wrong:
        raise StageFailed("routes", f"name the blueprints {name} or {name}_…, not {', '.join(wrong)}")


def _declare_guards(app: Flask) -> None:
    open_doors = {
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - UNDECLARED
        if guard_of(app.view_functions[rule.endpoint], method) is None
    }
    if open_doors:
        raise StageFailed("guards", f"declare @public, @signed_in or @requires(…) on {', '.join(sorted(open_doors))}")


def _read_case_types(files: Iterable[Path]) -> None:
    for file in files:
        try:
            tomllib.loads(file.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise StageFailed("answers", f"the case type {file} cannot be read: {error}") from error


def _read_templates(name: str, folder: Path) -> None:
    if not folder.is_dir():
        return
    strays = [path.name for path in sorted(folder.iterdir()) if path.name != name and not path.name.startswith(".")]
    if strays:
        # Template names share one space: templates/core/… of a plugin would replace the portal's own.
        raise StageFailed("templates", f"keep templates in templates/{name}/, not {', '.join(strays)}")
    for path in sorted((folder / name).rglob("*.*")):
        try:
            fault = _fault_in(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise StageFailed("templates", f"{path} cannot be read: {error}") from error
        if fault:
            raise StageFailed("templates", f"{path}, {fault}")


@lru_cache(maxsize=1024)
def _fault_in(template: str) -> str:
    """Return where and why a template cannot be read; read once by a process that assembles the portal often."""
    try:
        Environment(extensions=JINJA_EXTENSIONS, autoescape=True).parse(template)
    except TemplateSyntaxError as error:
        return f"line {error.lineno}: {error.message}"
    return ""


def _read_catalogues(folder: Path, languages: Sequence[str]) -> None:
    if not folder.is_dir():
        return
    catalogues = CatalogueSet((folder,))
    try:
        for language in languages:
            catalogues.messages(language)
    except CatalogueError as error:
        raise StageFailed("templates", str(error)) from error
