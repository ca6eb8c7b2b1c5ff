"""A plugin's life: discover, validate, import, hook, rehearse, check its schema, mount.

A plugin that fails leaves nothing behind and is named with its stage; the others go on. In strict mode the start
ends with the list of all that failed.
"""

from __future__ import annotations

import importlib
import traceback
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

import flask_smorest
import structlog
from flask import Flask

from egovframe import __version__
from egovframe.config import Settings
from egovframe.core.modules.admin import EXTENSION, wanted_states
from egovframe.core.persistence import Database, MigrationFailed, Migrations, MigrationSource
from egovframe.extending.discovery import discover
from egovframe.extending.loading import Traces, import_plugin
from egovframe.extending.manifest import ManifestError
from egovframe.extending.rehearsal import Routes, offer_of, register, rehearse, routes_of
from egovframe.extending.states import PluginEntry, PluginReport, Stage, StageFailed, State
from egovframe.hooks import HookError, HookFailed, Hooks, pressed_by_a_person

_log = structlog.get_logger("egovframe.extending")


def load_plugins(
    settings: Settings,
    hooks: Hooks,
    database: Database,
    *,
    safe_mode: bool = False,
    check_schema: bool = True,
) -> PluginReport:
    """Bring up every plugin of the city as far as it can be without the application.

    Args:
        settings: the city's; ``strict`` decides whether a bad plugin raises.
        hooks: already holds the core's rooms; working plugins are added in the order of their dependencies.
        database: asked for wanted states and schema versions.
        safe_mode: look at the manifests only and run none.
        check_schema: leave out plugins whose tables are not up to date; False for commands that change the schema.

    Raises:
        PluginsFailed: in strict mode, naming every plugin that failed.
        Unavailable: the database does not answer.
    """
    report = find_plugins(settings, database, safe_mode=safe_mode)
    life = _Life(settings, hooks, database, report, check_schema=check_schema)
    for entry in report.entries:
        if entry.stands:
            life.bring_up(entry)
    _tell(report)
    if settings.strict:
        report.raise_failures()
    return report


def find_plugins(settings: Settings, database: Database, *, safe_mode: bool = False) -> PluginReport:
    """Return every plugin, validated and in the order of dependencies, without importing any.

    Raises:
        Unavailable: the database does not answer.
    """
    entries = discover(settings.folder)
    if safe_mode:
        for entry in entries:
            entry.disable("safe-mode")
        return PluginReport(entries, safe_mode=True)
    with database.reading() as session:
        wanted = wanted_states(session)
    for entry in entries:
        _validate(entry, settings, wanted.get(entry.name, True))
    return PluginReport(_ordered(entries))


def migration_sources(settings: Settings, database: Database) -> tuple[MigrationSource, ...]:
    """Return where the schemas of the wanted plugins live, in the order of an upgrade; the core comes before them."""
    return find_plugins(settings, database).sources


def mount(app: Flask, api: flask_smorest.Api, report: PluginReport, hooks: Hooks) -> None:
    """Add the pages and API of every standing plugin to the application.

    Raises:
        PluginsFailed: in strict mode (``hooks.guard.strict``), when an address is already the core's.
    """
    taken: Routes = dict.fromkeys(routes_of(app), "the core")
    for entry in report.standing:
        try:
            _check_dependencies(entry, report.entries)
            offer = offer_of(entry.name, hooks)
            clashes = [
                f"{route[1]} {route[0]}"
                for route, owner in report.routes.items()
                if owner == entry.name and route in taken
            ]
            if clashes:
                raise StageFailed("routes", f"the core has {', '.join(sorted(clashes))}")
            register(app, api, offer)
        except (StageFailed, HookFailed) as error:
            _note(entry, "mount", error)
            hooks.unregister(entry.name)
            continue
        entry.blueprints = tuple(blueprint.name for blueprint in offer.all)
        entry.state = "mounted"
    report.hooks = hooks
    app.extensions[EXTENSION] = report
    if hooks.guard.strict:
        report.raise_failures()


LAST_FRAMES = 12


class _Life:
    """Takes plugins through the stages between validation and mounting."""

    def __init__(
        self, settings: Settings, hooks: Hooks, database: Database, report: PluginReport, *, check_schema: bool
    ) -> None:
        self.settings = settings
        self.hooks = hooks
        self.database = database
        self.report = report
        self.check_schema = check_schema
        self._modules: dict[str, ModuleType] = {}

    def bring_up(self, entry: PluginEntry) -> None:
        """Run the stages; on failure note it and take every trace out."""
        traces = Traces(entry.name)
        stages: tuple[tuple[Stage, State, Callable[[], None]], ...] = (
            ("validation", "validated", lambda: _check_dependencies(entry, self.report.entries)),
            ("import", "imported", lambda: self._import(entry, traces)),
            ("hooks", "hooked", lambda: self._hook(entry)),
            ("rehearsal", "rehearsed", lambda: self._rehearse(entry)),
            ("schema", "schema checked", lambda: self._check_schema(entry)),
        )
        for stage, reached, run in stages:
            try:
                run()
            except BaseException as error:  # the plugin guard: its import may even call sys.exit
                if pressed_by_a_person(error):
                    raise
                self._leave_nothing(entry, traces)
                _note(entry, stage, error)
                return
            entry.state = reached

    def _import(self, entry: PluginEntry, traces: Traces) -> None:
        self._modules[entry.name] = import_plugin(entry, traces)

    def _hook(self, entry: PluginEntry) -> None:
        self.hooks.register(entry.name, self._modules[entry.name])

    def _rehearse(self, entry: PluginEntry) -> None:
        rehearse(entry, self.hooks, self.settings.city.languages, self.report.routes)

    def _check_schema(self, entry: PluginEntry) -> None:
        source = entry.migrations
        if source is None:
            return
        entry.schema = source.head or ""
        if not self.check_schema:
            return
        for problem in Migrations(self.database, [source]).problems():
            raise StageFailed("schema", problem)

    def _leave_nothing(self, entry: PluginEntry, traces: Traces) -> None:
        self.hooks.unregister(entry.name)
        self._modules.pop(entry.name, None)
        for route in [route for route, owner in self.report.routes.items() if owner == entry.name]:
            del self.report.routes[route]
        traces.wipe()


def _validate(entry: PluginEntry, settings: Settings, wanted: bool) -> None:
    allowed = settings.plugins.allowed
    if entry.name in settings.plugins.disabled or (allowed and entry.name not in allowed):
        entry.disable("left-out")
    elif not wanted:
        entry.disable("switched-off")
    if not entry.stands or entry.manifest is None:
        return
    if not entry.manifest.fits(__version__):
        entry.fail("validation", "core-version", f"it needs egovframe {entry.manifest.core}, this is {__version__}")
        return
    try:
        entry.settings = entry.manifest.read_settings(settings.sections.get(entry.name, {}))
    except ManifestError as error:
        entry.fail("validation", "settings", str(error), error)
        return
    entry.state = "validated"


def _ordered(entries: Iterable[PluginEntry]) -> list[PluginEntry]:
    """Put every plugin behind those it needs, otherwise in the order found; name circles and what is missing."""
    waiting = list(entries)
    known = {entry.name for entry in waiting}
    done: list[PluginEntry] = []
    while waiting:
        placed = {entry.name for entry in done}
        ready = [entry for entry in waiting if not (_needs(entry) & known) - placed]
        if not ready:
            circle = ", ".join(entry.name for entry in waiting)
            for entry in waiting:
                entry.fail("validation", "cycle", f"these plugins need each other or wait for ones that do: {circle}")
            return done + waiting
        done.append(ready[0])
        waiting.remove(ready[0])
    for entry in done:
        if entry.stands:
            try:
                _check_dependencies(entry, done)
            except StageFailed as error:
                _note(entry, "validation", error)
    return done


def _needs(entry: PluginEntry) -> set[str]:
    if entry.manifest is None or not entry.stands:
        return set()
    return {requirement.name for requirement in entry.manifest.dependencies}


def _check_dependencies(entry: PluginEntry, entries: Iterable[PluginEntry]) -> None:
    standing = {other.name: other for other in entries if other.stands}
    missing = []
    for requirement in entry.manifest.dependencies if entry.manifest else ():
        found = standing.get(requirement.name)
        if found is None:
            missing.append(f"{requirement.name} is not running")
        elif not requirement.specifier.contains(found.version, prereleases=True):
            missing.append(f"it needs {requirement}, here is {found.version}")
    if missing:
        raise StageFailed("dependency", "; ".join(missing))


def _note(entry: PluginEntry, stage: Stage, error: BaseException) -> None:
    cause = error.__cause__ if isinstance(error, HookFailed) and error.__cause__ else error
    entry.fail(stage, _kind(stage, error), _one_line(error), error)
    if not isinstance(cause, StageFailed | HookError | ManifestError | MigrationFailed):
        entry.trace = _trace(cause)


def _trace(error: BaseException) -> str:
    """Return where it went wrong, without the frames of the import machinery."""
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if not frame.filename.startswith((str(Path(__file__).parent), "<frozen importlib", importlib.__file__))
    ]
    return "".join([*traceback.format_list(frames[-LAST_FRAMES:]), *traceback.format_exception_only(error)])


def _kind(stage: Stage, error: BaseException) -> str:
    if isinstance(error, StageFailed):
        return error.kind
    if isinstance(error, HookFailed):
        return "answers"
    kinds = {"import": "code", "hooks": "hooks", "rehearsal": "mount", "schema": "schema"}
    return kinds.get(stage, "code")


def _one_line(error: BaseException) -> str:
    text = " ".join(str(error).split())
    known = isinstance(error, StageFailed | HookError | HookFailed | MigrationFailed)
    return text if known else f"{type(error).__name__}: {text}".removesuffix(": ")


def _tell(report: PluginReport) -> None:
    for entry in report.failed:
        _log.error(
            "plugin_failed",
            plugin=entry.name,
            stage=entry.stage,
            kind=entry.kind,
            detail=entry.detail,
            trace=entry.trace,
        )
