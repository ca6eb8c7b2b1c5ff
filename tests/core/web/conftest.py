"""A shell of its own for these tests: the web room with a small invented plugin, without the rest of the framework."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, FileSystemLoader

from egovframe.config import Settings, load_settings
from egovframe.core import web
from egovframe.core.i18n import I18n
from egovframe.core.persistence import Database
from egovframe.hooks import Hooks
from egovframe.testing.databases import TEST_SECRET, SqliteTemplates

HERE = Path(__file__).parent


@pytest.fixture
def database_address(sqlite_templates: SqliteTemplates, tmp_path: Path) -> str:
    """One engine: what the shell itself stores is tested on both in test_limits.py."""
    return sqlite_templates.copy(tmp_path)


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """The names of the city of these tests."""
    name = {"en": "City of Saebit", "ko": "새빛시", "ar": "مدينة سيبيت"}
    return {"city": {"name": name, "phone": "120", "email": "help@saebit.example", "timezone": "Asia/Seoul"}}


@pytest.fixture
def settings(city_folder: Path, database_address: str, city_settings: dict[str, Any]) -> Settings:
    """The settings; ``city_settings`` may be overridden."""
    given = {"secret_key": TEST_SECRET, "database_url": database_address, **city_settings}
    return load_settings(city_folder, environ={}, overrides=given)


def town() -> ModuleType:
    """Return the invented plugin, made anew: blueprints belong to one application."""
    spec = spec_from_file_location("town", HERE / "town.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def assembled(settings: Settings, database: Database, module: object, folder: Path | None = None) -> Flask:
    """Return a shell with one plugin's hooks, pages and API."""
    hooks = Hooks(strict=settings.strict)
    hooks.register("town", module)
    app = web.new_flask()
    runtime = web.Runtime(
        settings=settings,
        database=database,
        hooks=hooks,
        i18n=I18n(app, settings, [HERE / "translations"]),
        assets=web.Assets({"city": folder or settings.folder / "static"}),
        theme=web.Theme(settings.theme),
    )
    web.install(app, runtime)
    app.jinja_loader = ChoiceLoader([app.jinja_loader, FileSystemLoader(HERE / "templates")])  # type: ignore[list-item]
    for blueprint in hooks.collect("blueprints"):
        web.mount_pages(app, blueprint)
    for blueprint in hooks.collect("api_blueprints"):
        web.mount_api(app, blueprint)
    return app


@pytest.fixture
def shell(settings: Settings, database: Database) -> Flask:
    """The web room with the invented plugin ``town``."""
    return assembled(settings, database, town())


@pytest.fixture
def visitor(shell: Flask) -> FlaskClient:
    """A browser without scripts."""
    return shell.test_client()
