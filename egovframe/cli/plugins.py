"""``egovframe plugins``: which plugins this city has, how far each came, and switching them on and off."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.modules.admin import want_plugin
from egovframe.extending import EXTENSION, PluginEntry, PluginReport, discover, find_plugins


@click.group(invoke_without_command=True, epilog="Example: egovframe plugins check lost_and_found")
@json_option
@click.pass_context
def plugins(context: click.Context, as_json: bool) -> None:
    """List, check and switch this city's plugins."""
    if context.invoked_subcommand is None:
        context.invoke(list_plugins, as_json=as_json)


@plugins.command("list", epilog="Example: egovframe plugins list --json")
@json_option
@pass_city
def list_plugins(city: CityContext, as_json: bool) -> None:
    """Show every plugin with its state, and the stage at which a broken one failed; exit 1 when one is broken."""
    report = _brought_up(city)
    print_facts(report.facts(), as_json, lambda: [line for entry in report.entries for line in _lines(entry)])
    if report.failed:
        raise click.exceptions.Exit(1)


@plugins.command(epilog="Example: egovframe plugins check lost_and_found")
@click.argument("name", required=False)
@json_option
@pass_city
def check(city: CityContext, name: str | None, as_json: bool) -> None:
    """Run the conformance checks on one plugin or all; exit 1 when a promise is not kept."""
    from egovframe.testing.contract import check_plugin  # noqa: PLC0415 - migrates a scratch database: Alembic

    facts = {entry.name: _findings(entry, check_plugin) for entry in _chosen(city, name)}
    print_facts(facts, as_json, lambda: [line for name, found in facts.items() for line in _verdict(name, found)])
    if any(facts.values()):
        raise click.exceptions.Exit(1)


@plugins.command(epilog="Example: egovframe plugins enable lost_and_found")
@click.argument("name")
@pass_city
def enable(city: CityContext, name: str) -> None:
    """Let a plugin run from the next start on."""
    _want(city, name, enabled=True)
    click.echo(f"{name} runs from the next start on; bring its tables up to date first: egovframe db upgrade")


@plugins.command(epilog="Example: egovframe plugins disable lost_and_found")
@click.argument("name")
@pass_city
def disable(city: CityContext, name: str) -> None:
    """Leave a plugin out from the next start on; its data stay."""
    _want(city, name, enabled=False)
    click.echo(f"{name} is left out from the next start on; its data stay")


def _brought_up(city: CityContext) -> PluginReport:
    """Start the city without serving it, whatever is broken, and return what became of its plugins."""
    city.settings = replace(city.settings, strict=False)
    report: PluginReport = city.app().extensions[EXTENSION]
    return report


def _want(city: CityContext, name: str, *, enabled: bool) -> None:
    report = find_plugins(city.settings, city.database)
    with city.database.writing() as session:
        want_plugin(session, SYSTEM, report, name, enabled=enabled)


def _chosen(city: CityContext, name: str | None) -> list[PluginEntry]:
    found = [entry for entry in discover(city.settings.folder) if name in {None, entry.name}]
    if name is not None and not found:
        raise click.UsageError(f"there is no plugin {name} here; egovframe plugins lists them")
    return found


def _findings(entry: PluginEntry, check_plugin: Any) -> list[str]:
    if entry.state == "failed" and entry.stage == "discovery":
        return [f"discovery: {entry.detail}"]
    folder: Path | None = entry.folder
    found: list[str] = check_plugin(folder) if folder else [f"discovery: {entry.detail}"]
    return found


def _lines(entry: PluginEntry) -> list[str]:
    state = f"failed at {entry.stage}" if entry.state == "failed" else entry.state
    lines = [f"{entry.name:<24} {entry.version:<10} {state}"]
    if entry.state == "failed":
        lines += [f"    {entry.hint}", f"    {entry.detail}"]
    elif entry.state == "disabled":
        lines.append(f"    {entry.hint}")
    return lines


def _verdict(name: str, problems: list[str]) -> list[str]:
    return [f"{name}: keeps every promise"] if not problems else [f"{name}: {problem}" for problem in problems]


__all__ = ["plugins"]
