"""The assembly of one application: read it from top to bottom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from flask import Flask
from sqlalchemy.orm import configure_mappers

from egovframe.config import Settings, secret_problems
from egovframe.core import web
from egovframe.core.auth import configure_providers, declare_identity_settings, sync_roles
from egovframe.core.i18n import I18n
from egovframe.core.migrations import CORE
from egovframe.core.modules.audit import declare_actions
from egovframe.core.modules.cases import publish_types, read_definitions
from egovframe.core.modules.events import register_handlers
from egovframe.core.modules.notifications import configure_mail
from egovframe.core.modules.organisation import office_of
from egovframe.core.modules.privacy import configure_privacy, declare_privacy_settings, name_offices, sync_rules
from egovframe.core.modules.settings import check_presets, preset
from egovframe.core.persistence import Database, Keyring, Migrations
from egovframe.errors import SettingsError
from egovframe.extending import PluginReport, declare_plugin_settings, load_plugins, migration_sources, mount
from egovframe.hooks import Hooks
from egovframe.outgoing import Outgoing, OutgoingClient, OutgoingPolicy

ROOMS = (
    "core.web",
    "core.auth",
    "core.web.account",
    "core.modules.events",
    "core.modules.jobs",
    "core.modules.audit",
    "core.modules.privacy",
    "core.modules.settings",
    "core.modules.organisation",
    "core.modules.areas",
    "core.modules.codes",
    "core.modules.worktime",
    "core.modules.notifications",
    "core.modules.routing",
    "core.modules.cases",
    "core.modules.admin",
)
"""The core's rooms in the order in which hooks ask them."""


def create_app(settings: Settings, *, safe_mode: bool = False, check_schema: bool = True) -> Flask:
    """Return the application of one city.

    Args:
        settings: the city's; everything else follows from them.
        safe_mode: start with the core only, without running any plugin's code.
        check_schema: leave out plugins whose tables are behind; False for commands that bring them up to date.

    Raises:
        SettingsError: the settings cannot be used.
        PluginsFailed: in strict mode, a plugin failed.
        Unavailable: the database does not answer.
    """
    refuse_unusable_secret(settings)
    web.configure_logging(settings)
    database = Database(settings.database_url, Keyring(settings.secrets))
    with ExitStack() as on_failure:
        on_failure.callback(database.dispose)
        preset(database, settings.presets)
        declare_identity_settings(database)
        declare_privacy_settings(database)
        check_presets(database)
        hooks = core_hooks(strict=settings.strict)
        plugins = load_plugins(settings, hooks, database, safe_mode=safe_mode, check_schema=check_schema)
        declare_plugin_settings(database, plugins.standing, settings.sections)
        configure_mappers()
        app = web.new_flask()
        runtime = web.Runtime(
            settings=settings,
            database=database,
            hooks=hooks,
            i18n=I18n(app, settings, catalogue_folders(settings, plugins)),
            assets=web.Assets(static_folders(settings, plugins), watch=not settings.is_production),
            theme=web.Theme(settings.theme),
            readiness=readiness_checks(database, plugins),
            plugin_report=plugins.status,
            plugin_settings=plugins.settings,
            schema_heads=lambda: schema_heads(plugins),
            safe_mode=safe_mode,
        )
        web.install(app, runtime)
        mount_core(app, hooks)
        mount(app, web.api_of(app), plugins, hooks)
        subscribe(database, hooks)
        name_offices(database, office_of)
        name_actions(database, hooks)
        configure_mail(app)
        configure_outside(database, settings)
        configure_privacy(database, hooks, settings.data_dir)
        on_failure.pop_all()
        return app


def refuse_unusable_secret(settings: Settings) -> None:
    """Raise SettingsError when the secret keys are missing or weak: cookies, tokens and the audit stand on them."""
    problems = secret_problems(settings)
    if problems:
        raise SettingsError("The settings cannot be used:", problems)


def core_hooks(*, strict: bool) -> Hooks:
    """Return the hooks with the core's own rooms registered: they ride the same hooks as plugins."""
    hooks = Hooks(strict=strict)
    for name, module in room_modules("hooks"):
        hooks.register(name, module)
    return hooks


def room_modules(kind: str) -> Iterator[tuple[str, ModuleType]]:
    """Yield (room, module) for every core room that has a module of this name; an empty room has no file."""
    for room in ROOMS:
        name = f"egovframe.{room}.{kind}"
        if find_spec(name) is not None:
            yield room, import_module(name)


def catalogue_folders(settings: Settings, plugins: PluginReport) -> list[Path]:
    """Return where translations lie besides the core's: plugins, then the city, which has the last word."""
    return [*plugins.folders("translations"), settings.folder / "translations"]


def static_folders(settings: Settings, plugins: PluginReport) -> Mapping[str, Path]:
    """Return the folders of published files by name: every plugin's, and the city's own."""
    folders = {entry.name: entry.folder / "static" for entry in plugins.standing if entry.folder is not None}
    return {**folders, "city": settings.folder / "static"}


def readiness_checks(database: Database, plugins: PluginReport) -> dict[str, web.Check]:
    """Return what ``/readyz`` asks: the database answers, and every schema is one that this code can work with."""

    def schema() -> str | None:
        return "; ".join(Migrations(database, [CORE, *plugins.sources]).problems()) or None

    return {"schema": schema}


def schema_heads(plugins: PluginReport) -> dict[str, str]:
    """Return the newest schema revision that this code knows, for the core and every plugin."""
    return {source.name: source.head or "" for source in (CORE, *plugins.sources)}


def mount_core(app: Flask, hooks: Hooks) -> None:
    """Mount the pages and API of the core's rooms."""
    for room in hooks.names:
        if room.startswith("core."):
            for blueprint in hooks.ask(room, "blueprints"):
                web.mount_pages(app, blueprint)
            for blueprint in hooks.ask(room, "root_blueprints"):
                app.register_blueprint(blueprint)
            for blueprint in hooks.ask(room, "api_blueprints"):
                web.mount_api(app, blueprint)


def subscribe(database: Database, hooks: Hooks) -> None:
    """Let rooms and plugins hear the events they asked for."""
    for owner, handlers in hooks.call("event_handlers"):
        register_handlers(database, owner, handlers)


def name_actions(database: Database, hooks: Hooks) -> None:
    """Give the actions of the audit record their titles: those of the core's rooms, then those of plugins."""
    for _room, module in room_modules("actions"):
        declare_actions(database, module.ACTIONS)
    for titles in hooks.collect("audit_actions"):
        declare_actions(database, titles)


def configure_outside(database: Database, settings: Settings) -> None:
    """Give services and jobs the guarded client, and sign-in its providers; nothing is asked yet."""
    client = OutgoingClient(OutgoingPolicy.of(settings.outgoing))
    database.service(Outgoing).client = client
    configure_providers(database, settings.oidc, settings.public_url, client)


def migrations(settings: Settings, database: Database) -> Migrations:
    """Return the schema's versions of the core and of every wanted plugin, in the order of an upgrade."""
    return Migrations(database, [CORE, *migration_sources(settings, database)])


def refresh(app: Flask) -> None:
    """Write into the tables what the code defines: default roles, case types, retention rules.

    Safe to repeat; needs the schema.
    """
    runtime = web.runtime(app)
    with app.app_context(), runtime.database.writing() as session:
        chosen = runtime.settings
        sync_roles(session, runtime.hooks, chosen.city.languages, second_factor=chosen.second_factor_roles)
        publish_types(session, read_definitions(runtime.hooks.collect("case_types")))
        sync_rules(session, runtime.hooks.collect("retention_rules"))
