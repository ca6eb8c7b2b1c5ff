"""The command line ``egovframe``: one file a command group, imported only when it is called."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from egovframe import __version__
from egovframe.cli.context import CityContext
from egovframe.errors import EgovError

COMMANDS = {
    "access": "egovframe.cli.access:access",
    "areas": "egovframe.cli.areas:areas",
    "audit": "egovframe.cli.audit:audit",
    "backup": "egovframe.cli.backup:backup",
    "db": "egovframe.cli.db:db",
    "demo": "egovframe.cli.serve:demo",
    "doctor": "egovframe.cli.doctor:doctor",
    "i18n": "egovframe.cli.i18n:i18n",
    "lab": "egovframe.cli.lab:lab",
    "new": "egovframe.cli.new:new",
    "organisation": "egovframe.cli.organisation:organisation",
    "plugins": "egovframe.cli.plugins:plugins",
    "privacy": "egovframe.cli.privacy:privacy",
    "restore": "egovframe.cli.backup:restore",
    "role": "egovframe.cli.role:role",
    "serve": "egovframe.cli.serve:serve",
    "settings": "egovframe.cli.settings:settings",
    "token": "egovframe.cli.token:token",
    "user": "egovframe.cli.user:user",
    "worker": "egovframe.cli.worker:worker",
}
"""Command name → ``module:attribute``. Plugins add theirs through the hook ``commands``."""


class LazyCommands(click.Group):
    """Finds core commands by the table above and plugin commands by asking the city's plugins."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Name every command of the core and of the present city's plugins."""
        return sorted({*COMMANDS, *self._plugin_commands(ctx)})

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import the command's file and return the command."""
        target = COMMANDS.get(cmd_name)
        if target is None:
            return self._plugin_commands(ctx).get(cmd_name)
        module, attribute = target.split(":")
        found: click.Command = getattr(importlib.import_module(module), attribute)
        return found

    def _plugin_commands(self, ctx: click.Context) -> dict[str, click.Command]:
        if "plugin_commands" not in ctx.meta:
            module = importlib.import_module("egovframe.cli.from_plugins")
            ctx.meta["plugin_commands"] = module.plugin_commands(ctx.ensure_object(CityContext))
        found: dict[str, click.Command] = ctx.meta["plugin_commands"]
        return found


def _choose_city(context: click.Context, _option: click.Parameter, folder: Path | None) -> None:
    # While the options are read: plugin commands are looked up before the group itself runs.
    context.obj = city = CityContext(folder)
    context.call_on_close(city.close)


@click.group(cls=LazyCommands, epilog="Example: egovframe new city saebit")
@click.version_option(__version__)
@click.option(
    "--city",
    type=click.Path(path_type=Path),
    callback=_choose_city,
    expose_value=False,
    help="The city folder (default: the present one).",
)
@click.pass_context
def cli(context: click.Context) -> None:
    """Run and look after a city's e-services."""
    # Imported when a command runs: --help and --version answer without the database's rooms.
    importlib.import_module("egovframe.cli.looks").watch_operator(context)


def main(arguments: list[str] | None = None) -> None:
    """Run the command line and exit with 0, 1 (something is wrong) or 2 (wrong use)."""
    try:
        result = cli.main(args=arguments, prog_name="egovframe", standalone_mode=False)
        sys.exit(result if isinstance(result, int) else 0)
    except click.ClickException as error:
        error.show()
        sys.exit(2 if isinstance(error, click.UsageError) else 1)
    except click.Abort:
        click.echo("stopped", err=True)
        sys.exit(130)
    except DBAPIError as error:
        reason = " ".join(str(error.orig).split())[:200]
        click.echo(f"egovframe: the database refused a statement ({reason}): see egovframe db status", err=True)
        sys.exit(1)
    except EgovError as error:
        click.echo(f"egovframe: {error}", err=True)
        sys.exit(1)
