"""``egovframe access``: who can do this, and what can this account do; answered by the rule that opens the doors."""

from __future__ import annotations

from typing import Any

import click
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.auth import account_by_email, known_permissions, parse_scope
from egovframe.core.modules.admin import what, who
from egovframe.core.modules.admin.routes.access import right_out
from egovframe.core.web import runtime
from egovframe.errors import NotFound


@click.group(epilog="Example: egovframe access who cases:case:work --scope department=roads")
def access() -> None:
    """Review rights: who holds one, and which ones somebody holds."""


@access.command("who", epilog="Example: egovframe access who cases:case:work --scope department=roads --json")
@click.argument("permission")
@click.option("--scope", "scopes", multiple=True, help="Where: department=CODE or area=LAYER:CODE; may be repeated.")
@json_option
@pass_city
def who_command(city: CityContext, /, permission: str, scopes: tuple[str, ...], as_json: bool) -> None:
    """List the accounts that can do PERMISSION now, with the grant that gives it.

    Accounts are told by their ids and posts; names and addresses are not read.
    """
    with city.at_work() as database, database.reading() as session:
        _check(city, permission)
        place = dict(parse_scope(session, text) for text in scopes)
        facts = [right_out(each) for each in who(session, SYSTEM, permission, place)]
    print_facts(facts, as_json, lambda: [_line(each, _holder(each)) for each in facts] or ["nobody"])


@access.command("of", epilog="Example: egovframe access of kim@city.example")
@click.argument("email")
@json_option
@pass_city
def of_command(city: CityContext, /, email: str, as_json: bool) -> None:
    """List what the account of EMAIL can do now: each right, where, until when, through which role."""
    with city.at_work() as database, database.reading() as session:
        facts = _of(session, email)
    lines = [_line(each, name) for name, several in facts.items() for each in several]
    print_facts(facts, as_json, lambda: lines or ["nothing that needs a right"])


def _of(session: Session, email: str) -> dict[str, Any]:
    account = account_by_email(session, email)
    if account is None:
        raise NotFound(f"{email} has no account: egovframe user list names those who have one")
    return {name: [right_out(each) for each in several] for name, several in what(session, account).items()}


def _check(city: CityContext, permission: str) -> None:
    known = known_permissions(runtime(city.app()).hooks)
    if permission not in known:
        near = [name for name in known if name.partition(":")[0] == permission.partition(":")[0]] or sorted(known)
        raise NotFound(f"there is no right {permission}: use one of {', '.join(near)}")


def _holder(facts: dict[str, Any]) -> str:
    return f"{facts['account']} ({', '.join(facts['posts'])})" if facts["posts"] else str(facts["account"])


def _line(facts: dict[str, Any], head: str) -> str:
    where = ", ".join(f"{each['kind']}={each['code']}" for each in facts["scope"]) or "whole city"
    until = f" until {facts['valid_until']:%Y-%m-%d %H:%M} UTC" if facts["valid_until"] else ""
    lent = f" for {facts['lent_by']}" if facts["lent_by"] else ""
    return f"{head}  {facts['role']}{lent}  {where}{until}"
