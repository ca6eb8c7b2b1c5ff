"""What every plugin promises, one promise a check; ``egovframe plugins check`` and the tests run the same list.

A check takes a ``Candidate`` and yields problems in plain words; a conforming plugin yields none.
"""

from __future__ import annotations

import ast
import importlib
import importlib.util
import re
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache, cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy.orm import DeclarativeBase, configure_mappers

from egovframe import __version__
from egovframe.actor import SYSTEM
from egovframe.app import core_hooks
from egovframe.core.auth import guard_of
from egovframe.core.i18n import CORE_CATALOGUES
from egovframe.core.i18n.tools import ExtractionError, Package, extract, read_po, state_of, template, template_path
from egovframe.core.migrations import CORE
from egovframe.core.modules.events import Event
from egovframe.core.modules.privacy import Unresolvable, facets, personal_of
from egovframe.core.modules.privacy.emptying import emptied
from egovframe.core.modules.privacy.subjects import Facet
from egovframe.core.persistence import METADATA, Database, Keyring, Migrations, MigrationSource
from egovframe.errors import EgovError
from egovframe.extending import Manifest, ManifestError, read_manifest
from egovframe.extending.loading import Traces, import_plugin
from egovframe.extending.rehearsal import offer_of, register, rehearse, scratch_app
from egovframe.extending.states import PluginEntry, StageFailed
from egovframe.hooks import HookError, HookFailed, Hooks, Retention
from egovframe.testing.looks import raw_doors, unrecorded
from egovframe.testing.plugins import use_plugin
from egovframe.testing.schema import import_models

LANGUAGES = ("ko", "ar")
"""Languages that every plugin of the framework speaks besides English, which stands in the code."""
_ROOMS = "__init__ cli events hooks models permissions queries schemas seeds services settings tasks routes"
_FOLDERS = "case_types demo migrations static templates tests translations"
ROOMS = frozenset(_ROOMS.split())
FOLDERS = frozenset(_FOLDERS.split())
"""Folders besides rooms; those of a plugin's own (``intake/``) are free as long as they are packages."""
FACES = re.compile(
    r"egovframe|egovframe\.(actor|config|errors|fields|hooks)"
    r"|egovframe\.core\.(auth|i18n|persistence|web)|egovframe\.core\.modules\.[a-z_]+"
)
_RIGHT = re.compile(r"[a-z][a-z0-9_]*:[a-z][a-z0-9_]*:[a-z][a-z0-9_]*")
TIERS = ("bronze", "silver", "gold")
_SCRATCH_KEY = "only-for-a-scratch-database-0123456789"


@dataclass(frozen=True)
class Candidate:
    """A plugin under examination."""

    folder: Path

    @property
    def name(self) -> str:
        """The plugin's name, which is its folder's."""
        return self.folder.name

    @cached_property
    def manifest(self) -> Manifest:
        """The manifest; raises ManifestError."""
        return read_manifest(self.folder)

    @cached_property
    def entry(self) -> PluginEntry:
        """The plugin as the life cycle sees it."""
        return PluginEntry(self.name, "city", self.folder, self.manifest)

    @cached_property
    def hooks(self) -> Hooks:
        """Its hooks, registered alone; raises whatever its import raises."""
        use_plugin(self.folder)
        hooks = Hooks(strict=True)
        hooks.register(self.name, import_plugin(self.entry, Traces(self.name)))
        return hooks

    @cached_property
    def app(self) -> Flask:
        """A scratch application with its routes."""
        app, api = scratch_app()
        register(app, api, offer_of(self.name, self.hooks))
        return app

    @cached_property
    def sources(self) -> dict[Path, ast.Module]:
        """Its Python files, parsed, without tests and migrations."""
        files = (path for path in sorted(self.folder.rglob("*.py")) if not self._apart(path))
        return {path.relative_to(self.folder): ast.parse(path.read_text(encoding="utf-8")) for path in files}

    def _apart(self, path: Path) -> bool:
        return path.relative_to(self.folder).parts[0] in {"tests", "migrations"}


Check = Callable[[Candidate], Iterable[str]]


def check_plugin(folder: Path) -> list[str]:
    """Return every promise that the plugin in a folder does not keep, each as ``check: problem``.

    The plugin is imported; its manifest is read first, and a plugin that cannot be imported is checked no further.
    """
    candidate = Candidate(folder.resolve())
    found: list[str] = []
    for check in CHECKS:
        name = check.__name__.replace("_", "-")
        try:
            found += [f"{name}: {problem}" for problem in check(candidate)]
        except (ManifestError, StageFailed, HookError, HookFailed, EgovError, ImportError, SyntaxError) as error:
            found.append(f"{name}: {error}")
        if found and check in FIRST:
            break
    return found


def manifest(candidate: Candidate) -> Iterator[str]:
    """plugin.toml is valid and fits this version of egovframe."""
    if not candidate.manifest.fits(__version__):
        yield f"it needs egovframe {candidate.manifest.core}, this is {__version__}"
    for language in LANGUAGES:
        if language not in candidate.manifest.title:
            yield f"title: say it in {language}"


def code(candidate: Candidate) -> Iterator[str]:
    """It can be imported, its hooks fit, and everything asked at the start works on a scratch application."""
    rehearse(candidate.entry, candidate.hooks, ("en", *LANGUAGES), {})
    yield from ()


def rooms(candidate: Candidate) -> Iterator[str]:
    """Files stand in the rooms that every plugin has, so that whoever has read one has read them all."""
    for path in sorted(candidate.folder.iterdir()):
        if path.name.startswith((".", "__pycache__")):
            continue
        if path.is_file() and path.suffix == ".py" and path.stem not in ROOMS:
            yield f"{path.name}: there is no such room; use one of {', '.join(sorted(ROOMS - {'__init__'}))}"
        if path.is_dir() and path.name not in ROOMS | FOLDERS and not (path / "__init__.py").is_file():
            yield f"{path.name}/: neither a room nor a package"


def permissions(candidate: Candidate) -> Iterator[str]:
    """Manifest, hook and use name the same rights."""
    declared = set(candidate.manifest.permissions)
    offered = {permission.name for permission in candidate.hooks.ask(candidate.name, "permissions")}
    for name in sorted(declared ^ offered):
        yield f"{name}: {'the hook permissions' if name in declared else 'plugin.toml'} does not name it"
    for path, tree in candidate.sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and _RIGHT.fullmatch(node.value):
                own = node.value.startswith(f"{candidate.name}:")
                if own and node.value not in declared and not _is_action(candidate, node.value):
                    yield f"{path}: {node.value} is not declared"
    for role in candidate.hooks.ask(candidate.name, "roles"):
        for name in sorted(set(role.permissions) - declared):
            if name.startswith(f"{candidate.name}:"):
                yield f"role {role.code}: {name} is not declared"
    for rule, method, guard in _guards(candidate):
        for name in sorted(guard.permissions - declared) if guard else ():
            if name.startswith(f"{candidate.name}:"):
                yield f"{method} {rule}: {name} is not declared"


def _is_action(candidate: Candidate, text: str) -> bool:
    """Audit actions look like rights; they are the first argument after the actor in ``audit(session, actor, …)``."""
    for tree in candidate.sources.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"audit", "audit_refusal"}:
                actions = [part.value for part in node.args[2:3] if isinstance(part, ast.Constant)]
                if text in actions:
                    return True
    return False


def actions(candidate: Candidate) -> Iterator[str]:
    """Every audit action that is written out has a title for auditors (hook ``audit_actions``)."""
    for text in sorted(_written_actions(candidate) - set(candidate.hooks.ask(candidate.name, "audit_actions"))):
        if text.startswith(f"{candidate.name}:"):
            yield f"audit action {text} has no title: name it in the hook audit_actions"


def _written_actions(candidate: Candidate) -> set[str]:
    calls = [node for tree in candidate.sources.values() for node in ast.walk(tree) if isinstance(node, ast.Call)]
    audits = [call for call in calls if getattr(call.func, "id", "") in {"audit", "audit_refusal"}]
    return {str(part.value) for call in audits for part in call.args[2:3] if isinstance(part, ast.Constant)}


def guards(candidate: Candidate) -> Iterator[str]:
    """Every route says who may call it."""
    for rule, method, guard in _guards(candidate):
        if guard is None:
            yield f"{method} {rule} declares no guard"


def _guards(candidate: Candidate) -> Iterator[tuple[str, str, Any]]:
    for rule in candidate.app.url_map.iter_rules():
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            yield rule.rule, method, guard_of(candidate.app.view_functions[rule.endpoint], method)


def endpoints(candidate: Candidate) -> Iterator[str]:
    """Menus and tiles lead to routes that exist and need nothing but the language."""
    items = candidate.hooks.ask(candidate.name, "navigation", actor=SYSTEM)
    tiles = candidate.hooks.ask(candidate.name, "home_tiles", actor=SYSTEM)
    arguments = {rule.endpoint: rule.arguments - {"lang"} for rule in candidate.app.url_map.iter_rules()}
    for endpoint in sorted({item.endpoint for item in (*items, *tiles)}):
        if endpoint.partition(".")[0].startswith(candidate.name) and arguments.get(endpoint) != set():
            yield f"{endpoint}: there is no such page, or it needs more than the language"


def imports(candidate: Candidate) -> Iterator[str]:
    """It imports the faces of the framework's rooms only, and no other plugin."""
    for path, tree in candidate.sources.items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                yield from _foreign(candidate, path, node.module, [alias.name for alias in node.names])
            elif isinstance(node, ast.Import):
                for alias in node.names:
                    yield from _foreign(candidate, path, alias.name, [])


def _foreign(candidate: Candidate, path: Path, module: str, names: list[str]) -> Iterator[str]:
    top = module.partition(".")[0]
    if top == "egovframe" and not FACES.fullmatch(module):
        yield f"{path}: {module} lies inside a room: import what the room's face offers"
    elif top == "egovframe":
        offered: list[str] | None = getattr(importlib.import_module(module), "__all__", None)
        for name in names:
            if offered is not None and name not in offered and not FACES.fullmatch(f"{module}.{name}"):
                yield f"{path}: {module} does not offer {name}"
    elif top != candidate.name and _is_plugin(top):
        yield f"{path}: {top} is another plugin: meet it through events and hooks"


def _is_plugin(name: str) -> bool:
    spec = importlib.util.find_spec(name) if name.isidentifier() else None
    places = list(spec.submodule_search_locations or ()) if spec else []
    return any((Path(place) / "plugin.toml").is_file() for place in places)


def tables(candidate: Candidate) -> Iterator[str]:
    """Its tables have revisions, and models and revisions say the same."""
    assert candidate.hooks
    own = [name for name in METADATA.tables if name.startswith(candidate.manifest.prefix)]
    source = MigrationSource(candidate.name, candidate.manifest.prefix, candidate.folder / "migrations")
    if own and not source.line:
        yield f"write the first revision: egovframe db revision {candidate.name} start"
        return
    if not own:
        return
    import_models()
    with _scratch() as database:
        migrations = Migrations(database, [CORE, source])
        migrations.upgrade()
        yield from migrations.differences(candidate.name)
        migrations.downgrade(candidate.name, "base")


@contextmanager
def _scratch() -> Iterator[Database]:
    """Yield a database of its own that has the core's tables."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "scratch.sqlite")
        path.write_bytes(core_tables())
        database = Database(f"sqlite:///{path}", Keyring([_SCRATCH_KEY]))
        try:
            yield database
        finally:
            database.dispose()


@cache
def core_tables() -> bytes:
    """Return a SQLite file with the core's tables; made once, however many plugins this process looks at."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "core.sqlite")
        database = Database(f"sqlite:///{path}", Keyring([_SCRATCH_KEY]))
        try:
            Migrations(database, [CORE]).upgrade()
            with database.engine.connect() as connection:
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            database.dispose()
        return path.read_bytes()


def personal_data(candidate: Candidate) -> Iterator[str]:
    """Nobody looks at personal data unseen: no raw driver, and every declared column leaves its record when read."""
    for path, tree in candidate.sources.items():
        for door in raw_doors(tree):
            yield f"{path}: {door} leads past the record of who looked: use the session"
    assert candidate.hooks
    models = [model for model in _models() if model.__tablename__.startswith(candidate.manifest.prefix)]
    if not models:
        return
    import_models()
    configure_mappers()
    with _scratch() as database:
        source = MigrationSource(candidate.name, candidate.manifest.prefix, candidate.folder / "migrations")
        Migrations(database, [CORE, source]).upgrade()
        for model in models:
            yield from unrecorded(database, model)


def _models() -> Iterator[Any]:
    """Yield every model of the shared MetaData that holds personal columns."""
    known = {id(mapper): mapper for base in _all_below(DeclarativeBase) for mapper in _mappers(base)}
    for mapper in known.values():
        if any(personal_of(column) is not None for column in mapper.local_table.columns):
            yield mapper.class_


def _mappers(base: Any) -> Iterator[Any]:
    if getattr(base, "metadata", None) is METADATA:
        yield from base.registry.mappers


def _all_below(base: Any) -> Iterator[Any]:
    for below in base.__subclasses__():
        yield below
        yield from _all_below(below)


def people_of_data(candidate: Candidate) -> Iterator[str]:
    """Every personal column leads to a person, has a title for the download, and a retention rule whose clock runs."""
    both = (core_hooks(strict=True), candidate.hooks)
    rules = {rule.code: rule for hooks in both for rule in hooks.collect("retention_rules")}
    try:
        own = [facet for facet in facets() if facet.table.name.startswith(f"{candidate.name}_")]
    except Unresolvable as error:
        yield str(error)
        return
    for facet in own:
        if not facet.sheet.title:
            yield f"{facet.table.name} holds personal data: give it a title with subjects(…, title=…)"
        yield from _rule_of(facet, rules)


def _rule_of(facet: Facet, rules: Mapping[str, Retention]) -> Iterator[str]:
    if not facet.retention:
        return
    if facet.retention not in rules:
        yield f"{facet.table.name}: no retention_rules answers the code {facet.retention!r}"
        return
    try:
        facet.clock(rules[facet.retention].since)
        if facet.sheet.rows == "overwrite":
            for column in facet.columns:
                emptied(column)
    except Unresolvable as error:
        yield str(error)


def events(candidate: Candidate) -> Iterator[str]:
    """The events that the manifest announces are those that the code tells."""
    assert candidate.hooks
    module = f"{candidate.name}.events"
    members = vars(importlib.import_module(module)).values() if importlib.util.find_spec(module) else ()
    told = {
        f"{event.name}@{event.version}"
        for event in members
        if isinstance(event, type) and issubclass(event, Event) and event.__module__.startswith(f"{candidate.name}.")
    }
    for name in sorted(told ^ set(candidate.manifest.events)):
        yield f"{name}: {'plugin.toml does not announce it' if name in told else 'nothing in events.py is called so'}"


def jobs(candidate: Candidate) -> Iterator[str]:
    """Jobs are named after the plugin, and schedules name jobs that exist."""
    handlers = candidate.hooks.ask(candidate.name, "job_handlers")
    for name in sorted(handlers):
        if not name.startswith(f"{candidate.name}."):
            yield f"{name}: call the job {candidate.name}.…"
    for schedule in candidate.hooks.ask(candidate.name, "schedules"):
        if schedule.job.startswith(f"{candidate.name}.") and schedule.job not in handlers:
            yield f"schedule {schedule.name}: there is no job {schedule.job}"


def translations(candidate: Candidate) -> Iterator[str]:
    """Everything that a person can read is translated; words of the core's own list are the core's to translate."""
    directory = candidate.folder / "translations"
    try:
        known = [(entry.msgctxt, entry.msgid) for entry in read_po(template_path(CORE_CATALOGUES))]
        messages = extract(Package(candidate.name, candidate.folder, directory), known)
    except ExtractionError as error:
        yield str(error)
        return
    for language in LANGUAGES:
        state = state_of(candidate.name, template(candidate.name, messages), language, [CORE_CATALOGUES, directory])
        if state.missing:
            some = "; ".join(repr(text) for text in state.missing[:3])
            yield f"{language}: {len(state.missing)} of {state.total} texts are missing, such as {some}"


def papers(candidate: Candidate) -> Iterator[str]:
    """README.md and quality.toml are there, and the manifest promises no more than was checked."""
    if not (candidate.folder / "README.md").is_file():
        yield "README.md is missing"
    file = candidate.folder / "quality.toml"
    if not file.is_file():
        yield "quality.toml is missing"
        return
    try:
        quality = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        yield f"quality.toml: {error}"
        return
    if quality.get("tier", "none") != candidate.manifest.quality:
        yield f"quality.toml says {quality.get('tier', 'none')}, plugin.toml {candidate.manifest.quality}"
    yield from _unkept(quality, candidate.manifest.quality)


def _unkept(quality: dict[str, Any], promised: str) -> Iterator[str]:
    for tier in TIERS[: TIERS.index(promised) + 1] if promised in TIERS else ():
        for rule, state in quality.get(tier, {}).items():
            exempt = isinstance(state, dict) and str(state.get("exempt", "")).strip()
            if state != "done" and not exempt:
                yield f"quality.toml: {tier} is promised, but {rule} is {state!r}"


FIRST: tuple[Check, ...] = (manifest, code)
"""Without these nothing else can be looked at."""
CHECKS: tuple[Check, ...] = (
    *FIRST,
    rooms,
    permissions,
    actions,
    guards,
    endpoints,
    imports,
    tables,
    personal_data,
    people_of_data,
    events,
    jobs,
    translations,
    papers,
)

__all__ = ["CHECKS", "Candidate", "check_plugin"]
