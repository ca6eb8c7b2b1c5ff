"""``egovframe db``: the schema of the core and of every plugin."""

from __future__ import annotations

import tempfile
from dataclasses import asdict

import click

from egovframe.app import refresh
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.config import CONFIG_NAME
from egovframe.core.persistence import Database, Keyring, Migrations, MigrationSource, SourceStatus
from egovframe.errors import SettingsError
from egovframe.testing.schema import import_models, installed_sources


@click.group(epilog="Example: egovframe db upgrade")
def db() -> None:
    """Bring the database's tables to the software's version, and look where they stand."""


@db.command(epilog="Example: egovframe db upgrade")
@json_option
@pass_city
def upgrade(city: CityContext, as_json: bool) -> None:
    """Run every pending revision, the core first, and write default roles and case types. Safe to repeat."""
    run: list[dict[str, str]] = []

    def progress(source: str, revision: str) -> None:
        run.append({"source": source, "revision": revision})
        if not as_json:
            click.echo(f"{source}: now at {revision}")

    city.migrations().upgrade(progress)
    refresh(city.app(check_schema=False))
    if as_json or not run:
        print_facts({"run": run}, as_json, lambda: ["Nothing to do: every table is up to date."])


@db.command(epilog="Example: egovframe db status --json")
@json_option
@pass_city
def status(city: CityContext, as_json: bool) -> None:
    """Show where the core and every plugin stand."""
    standing = city.migrations().status()
    print_facts([asdict(one) for one in standing], as_json, lambda: [_line(one) for one in standing])


@db.command(epilog="Example: egovframe db check && egovframe serve")
@json_option
@pass_city
def check(city: CityContext, as_json: bool) -> None:
    """Exit with 1 when this software cannot work with the tables as they are."""
    problems = city.migrations().problems()
    print_facts({"problems": problems}, as_json, lambda: problems or ["Every table fits this software."])
    if problems:
        raise click.exceptions.Exit(1)


@db.command(epilog="Example: egovframe db downgrade open_data --to base --yes")
@click.argument("plugin")
@click.option(
    "--to", "revision", default="-1", help="A revision, -1 for one step (default), base for no tables at all."
)
@click.option("--yes", is_flag=True, help="Do not ask: data of the undone tables is lost.")
@pass_city
def downgrade(city: CityContext, plugin: str, revision: str, yes: bool) -> None:
    """Go back to an earlier revision of one plugin; its newer columns and tables are lost with their data."""
    migrations = city.migrations()
    migrations.source(plugin)
    if not yes:
        click.confirm(f"Data of {plugin} that the older tables cannot hold will be lost. Go on?", abort=True)
    undone = migrations.downgrade(plugin, revision)
    for source, name in undone:
        click.echo(f"{source}: {name} undone")
    if not undone:
        click.echo(f"{plugin}: nothing to undo")


@db.command(epilog='Example: egovframe db revision core "departments have a colour"')
@click.argument("source")
@click.argument("message")
@pass_city
def revision(city: CityContext, source: str, message: str) -> None:
    """Write a revision with the difference between models and revisions (for whoever writes a plugin)."""
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/scratch.sqlite", Keyring(["only-for-a-scratch-database"]))
        migrations = Migrations(database, _known_sources(city))
        migrations.upgrade()
        written = migrations.autogenerate(source, message)
        database.dispose()
    click.echo(
        f"{written}: read it, then egovframe db upgrade" if written else f"{source}: the models have not changed"
    )


def _known_sources(city: CityContext) -> tuple[MigrationSource, ...]:
    """Return the sources of the present city with their models imported; those of installed plugins elsewhere."""
    try:
        city.settings  # noqa: B018 - asked for its error
    except SettingsError as error:
        if CONFIG_NAME not in str(error) or "missing" not in str(error):
            raise
        import_models()
        return installed_sources()
    city.app(check_schema=False)
    return city.migrations().sources


def _line(one: SourceStatus) -> str:
    state = one.problem or ("up to date" if not one.pending else f"works; {len(one.pending)} pending")
    return f"{one.name}: {one.current or 'empty'} ({state})"


__all__ = ["db"]
