"""``egovframe token``: bearer tokens of programs and people. A secret is printed once, when it is made."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.auth import (
    Account,
    account_by_email,
    actor_of_account,
    create_token,
    create_token_for,
    need_known,
    revoke_token_of,
    service_account_by_name,
    tell_of_token,
    tokens_of,
)
from egovframe.core.persistence import now
from egovframe.core.web import runtime
from egovframe.errors import Invalid, NotFound


@click.group(epilog="Example: egovframe token create 'street light sensors' --permission cases:case:read")
def token() -> None:
    """Bearer tokens for the API."""


@token.command(epilog="Example: egovframe token create 'street light sensors' --permission cases:case:read --days 30")
@click.argument("owner")
@click.option("--permission", "permissions", multiple=True, help="What it may do (room:thing:action); may be repeated.")
@click.option("--days", type=click.IntRange(1, 366), default=90, show_default=True, help="For how many days it works.")
@click.option("--name", default="command line", show_default=True, help="What it is called in lists.")
@json_option
@pass_city
def create(city: CityContext, /, owner: str, permissions: tuple[str, ...], days: int, name: str, as_json: bool) -> None:
    """Make a token for OWNER (an e-mail address, or the name of a service account) and print its secret, this once."""
    if not permissions:
        raise click.UsageError(
            "name at least one permission with --permission: egovframe token never makes one for all"
        )
    try:
        need_known(runtime(city.app()).hooks, permissions)
        with city.database.writing() as session:
            account = _owner(session, owner)
            facts: dict[str, Any] = {"name": name, "permissions": permissions, "life": timedelta(days=days)}
            if account.kind == "service":
                made = create_token_for(session, SYSTEM, account, **facts)
            else:
                made = create_token(session, actor_of_account(session, account), **facts)
                tell_of_token(session, SYSTEM, made)
            shown = {"id": made.row.public_id, "token": made.secret, "expires_at": made.row.expires_at.isoformat()}
    except Invalid as error:
        lines = [f"{field}: {text}" for field, texts in error.errors.items() for text in texts]
        raise click.ClickException("; ".join(lines) or str(error)) from error
    print_facts(shown, as_json, lambda: [made.secret])


@token.command("list", epilog="Example: egovframe token list 'street light sensors' --json")
@click.argument("owner")
@json_option
@pass_city
def list_tokens(city: CityContext, /, owner: str, as_json: bool) -> None:
    """List the tokens of OWNER that work, newest first, without their secrets."""
    with city.database.reading() as session:
        rows = tokens_of(session, _owner(session, owner).id, now(session))
        facts = [
            {
                "id": row.public_id,
                "name": row.name,
                "permissions": row.permissions,
                "expires_at": row.expires_at.isoformat(),
                "last_used_at": row.last_used_at.isoformat() if row.last_used_at else None,
            }
            for row in rows
        ]
    print_facts(facts, as_json, lambda: [f"{each['id']}  {each['name']}  until {each['expires_at']}" for each in facts])


@token.command(epilog="Example: egovframe token revoke 'street light sensors' 3k9qm2v7x0aa1b2c")
@click.argument("owner")
@click.argument("token_id")
@pass_city
def revoke(city: CityContext, /, owner: str, token_id: str) -> None:
    """Stop the token TOKEN_ID of OWNER at once."""
    with city.database.writing() as session:
        try:
            revoke_token_of(session, SYSTEM, _owner(session, owner), token_id)
        except NotFound as error:
            raise NotFound(f"no such token works: egovframe token list {owner!r} names those that do") from error
    click.echo(f"{token_id} no longer works")


def _owner(session: Session, owner: str) -> Account:
    try:
        found = account_by_email(session, owner) if "@" in owner else service_account_by_name(session, owner)
    except NotFound:
        found = None
    if found is None:
        raise NotFound(f"{owner} is no account, or several: egovframe user list names those that there are")
    return found
