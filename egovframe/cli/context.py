"""What a command works on: the city in the present folder, opened as far as the command needs."""

from __future__ import annotations

import functools
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Concatenate, ParamSpec, TypeVar

import click

from egovframe.config import Settings, load_settings
from egovframe.core.modules.settings import preset
from egovframe.core.persistence import Database, Keyring, Migrations
from egovframe.errors import SettingsError

if TYPE_CHECKING:
    from flask import Flask

P = ParamSpec("P")
R = TypeVar("R")


class CityContext:
    """One city, lazily: settings, then its database, then the whole application.

    Args:
        folder: the city folder; None for ``EGOVFRAME_CONFIG`` or the present folder.
        overrides: settings that win over the file, from command-line options.
    """

    def __init__(self, folder: Path | None = None, overrides: dict[str, Any] | None = None) -> None:
        self.folder = folder
        self.overrides = dict(overrides or {})
        self._apps: dict[tuple[bool, bool], Flask] = {}

    @functools.cached_property
    def settings(self) -> Settings:
        """The city's settings; raises SettingsError with all problems."""
        return load_settings(self.folder, overrides=self.overrides)

    @functools.cached_property
    def database(self) -> Database:
        """The city's database, for commands that need no plugin."""
        if not self.settings.secret_key:
            raise SettingsError("The settings cannot be used:", ["secret_key: is missing: set EGOVFRAME_SECRET_KEY"])
        database = Database(self.settings.database_url, Keyring(self.settings.secrets))
        preset(database, self.settings.presets)
        return database

    def app(self, *, safe_mode: bool = False, check_schema: bool = True) -> Flask:
        """Return the whole application with its plugins, assembled once for each way to start it."""
        key = (safe_mode, check_schema)
        if key not in self._apps:
            from egovframe.app import create_app  # noqa: PLC0415 - most commands start faster without it

            self._apps[key] = create_app(self.settings, safe_mode=safe_mode, check_schema=check_schema)
        return self._apps[key]

    def close(self) -> None:
        """Close every database that was opened."""
        opened = [app.extensions["egovframe"].database for app in self._apps.values()]
        if "database" in vars(self):
            opened.append(self.database)
        for database in opened:
            database.dispose()

    @contextmanager
    def at_work(self) -> Iterator[Database]:
        """Give the database with the whole application around it: hooks, languages, the city's zone."""
        app = self.app()
        with app.app_context():
            yield app.extensions["egovframe"].database

    @contextmanager
    def progress(self, label: str) -> Iterator[Callable[[int], None]]:
        """Give a function that shows on standard error how much is done, where a person is watching."""
        watched = sys.stderr.isatty()

        def tell(done: int) -> None:
            if watched:
                click.echo(f"\r{label}: {done:,}", err=True, nl=False)

        yield tell
        if watched:
            click.echo("", err=True)

    def print_facts(self, facts: Any, as_json: bool, lines: Sequence[str]) -> None:
        """Print facts as JSON, or as the lines that a person reads."""
        print_facts(facts, as_json, lambda: list(lines))

    def migrations(self) -> Migrations:
        """Return the schema's versions of the core and of the city's plugins."""
        from egovframe.app import migrations  # noqa: PLC0415 - as above

        return migrations(self.settings, self.database)


def pass_city(command: Callable[Concatenate[CityContext, P], R]) -> Callable[P, R]:
    """Give the command the city as its first argument and close its databases afterwards."""

    @click.pass_context
    def wrapper(context: click.Context, /, *args: Any, **kwargs: Any) -> Any:
        city = context.ensure_object(CityContext)
        context.call_on_close(city.close)
        return context.invoke(command, city, *args, **kwargs)

    return functools.update_wrapper(wrapper, command)


def print_facts(facts: Any, as_json: bool, lines: Callable[[], list[str]]) -> None:
    """Print facts as JSON, or as the lines that a person reads."""
    if as_json:
        click.echo(json.dumps(facts, ensure_ascii=False, indent=2, default=str))
        return
    for line in lines():
        click.echo(line)


json_option = click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
"""The ``--json`` switch of every command that prints facts."""
