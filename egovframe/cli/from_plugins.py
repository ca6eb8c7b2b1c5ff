"""Commands that the present city's plugins bring (hook ``commands``)."""

from __future__ import annotations

import click

from egovframe.cli.context import CityContext
from egovframe.config import CONFIG_NAME
from egovframe.errors import SettingsError


def plugin_commands(city: CityContext) -> dict[str, click.Command]:
    """Return the plugins' commands by name; none where there is no city, so that ``--help`` works anywhere."""
    try:
        city.settings  # noqa: B018 - asked for its error
    except SettingsError as error:
        if CONFIG_NAME in str(error) and "missing" in str(error):
            return {}
        raise
    runtime = city.app().extensions["egovframe"]
    commands: list[click.Command] = runtime.hooks.collect("commands")
    return {str(command.name): command for command in commands}
