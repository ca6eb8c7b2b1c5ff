"""``egovframe settings``: what an administrator may change while the city runs, for whoever has the server."""

from __future__ import annotations

import json
from typing import Any

import click

from egovframe.actor import OPERATOR
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.modules.settings import Standing, get, put, reset, standings
from egovframe.errors import EgovError, Invalid


@click.group(epilog="Example: egovframe settings set auth.letter_days 14")
def settings() -> None:
    """The city's stored settings; what stands in egovframe.toml alone is not among them."""


@settings.command("list", epilog="Example: egovframe settings list --json")
@json_option
@pass_city
def list_settings(city: CityContext, as_json: bool) -> int:
    """List every setting with the value in force and where it comes from."""
    with city.at_work() as database, database.reading() as session:
        facts = [_facts(found) for found in standings(session)]
    print_facts(facts, as_json, lambda: [f"{_said(one['value']):<24} {one['source']:<8} {one['key']}" for one in facts])
    return 0


@settings.command("set", epilog="Example: egovframe settings set privacy.look_delays '{\"case\": 30}'")
@click.argument("key")
@click.argument("value")
@pass_city
def set_setting(city: CityContext, key: str, value: str) -> int:
    """Store VALUE for the setting KEY: a number, true, false, a text, or JSON for lists and mappings."""
    with city.at_work() as database, database.writing() as session:
        try:
            clean = put(session, OPERATOR, key, _parsed(value))
        except Invalid as error:
            messages = " ".join(str(message) for found in error.errors.values() for message in found)
            raise EgovError(f"{key} does not take {value[:60]!r}: {messages}") from error
    click.echo(f"{key} is {_said(clean)} from now on")
    return 0


@settings.command("unset", epilog="Example: egovframe settings unset auth.letter_days")
@click.argument("key")
@pass_city
def unset_setting(city: CityContext, key: str) -> int:
    """Take the stored value of the setting KEY back: the file's or the default holds again."""
    with city.at_work() as database, database.writing() as session:
        reset(session, OPERATOR, key)
        value = get(session, key)
    click.echo(f"{key} is {_said(value)} from now on")
    return 0


def _facts(found: Standing) -> dict[str, Any]:
    return {
        "key": found.setting.key,
        "value": found.value,
        "source": found.source,
        "without_stored": found.fallback,
        "changed_at": found.changed_at,
        "changed_by": found.changed_by or None,
        "title": str(found.setting.title),
    }


def _parsed(text: str) -> Any:
    """Return a list or mapping that was written as JSON, else the text itself: fields read numbers and yes from it."""
    if not text.startswith(("[", "{")):
        return text
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise click.BadParameter(f"{text[:60]!r} is no JSON") from error


def _said(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
