"""``egovframe role``: what roles ask of their holders."""

from __future__ import annotations

from typing import Any

import click

from egovframe.actor import OPERATOR
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.auth import require_second_factor, roles


@click.group(epilog="Example: egovframe role require-second-factor administrator")
def role() -> None:
    """Roles and what they ask of their holders."""


@role.command("list", epilog="Example: egovframe role list --json")
@json_option
@pass_city
def list_roles(city: CityContext, /, as_json: bool) -> None:
    """List roles by code, and whether their holders need a second factor."""
    with city.database.reading() as session:
        facts: list[dict[str, Any]] = [
            {"role": each.code, "second_factor": each.needs_second_factor, "permissions": each.permissions}
            for each in roles(session)
        ]
    print_facts(facts, as_json, lambda: [_line(each) for each in facts])


@role.command("require-second-factor", epilog="Example: egovframe role require-second-factor administrator")
@click.argument("code")
@click.option("--off", is_flag=True, help="No longer.")
@click.option("--reason", default="", help="Kept in the audit.")
@pass_city
def require(city: CityContext, /, code: str, off: bool, reason: str) -> None:
    """Make holders of the role CODE set a second factor up before anything else opens to them."""
    with city.database.writing() as session:
        require_second_factor(session, OPERATOR, code, not off, reason)
    click.echo(f"holders of {code} " + ("need no second factor" if off else "need a second factor from now on"))


def _line(facts: dict[str, Any]) -> str:
    needs = "  needs a second factor" if facts["second_factor"] else ""
    return f"{facts['role']}  {len(facts['permissions'])} permissions{needs}"
