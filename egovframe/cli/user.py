"""``egovframe user``: accounts and the roles they hold. Passwords are asked for or read from stdin, never arguments."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import OPERATOR, Scope
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.auth import (
    Account,
    PasswordHash,
    account_by_email,
    close_account,
    create_account,
    enable_account,
    end_every_session,
    every_account,
    grant_role,
    grants_of,
    hash_password,
    parse_scope,
    policy_of,
    reset_factors,
    revoke_grant,
    set_password,
)
from egovframe.core.auth import roles as roles_of_city
from egovframe.core.modules.cases import Case
from egovframe.core.modules.organisation import posts_of
from egovframe.core.persistence import now
from egovframe.core.web.account.throttles import forgive_account
from egovframe.errors import Invalid, NotFound
from egovframe.fields import Email, FieldError, in_our_time

SCOPE_ROOMS = ("egovframe.core.modules.organisation", "egovframe.core.modules.areas")
"""Rooms that know what a scope's code means; they register themselves when imported."""
STAFF_KIND, CITIZEN_KIND = "staff", "citizen"
DAY = click.DateTime(formats=["%Y-%m-%d"])
KINDS = click.Choice([CITIZEN_KIND, STAFF_KIND, "organisation", "service"])

role_option = click.option("--role", "roles", multiple=True, help="A role's code, such as officer; may be repeated.")
scope_option = click.option(
    "--scope",
    "scopes",
    multiple=True,
    help="Where the roles hold: department=CODE or area=LAYER:CODE. Several must hold together.",
)


@click.group(epilog="Example: egovframe user create kim@city.example --role officer --scope department=roads")
def user() -> None:
    """Accounts of people and machines, and their roles."""


@user.command(epilog="Example: egovframe user create kim@city.example --role officer --scope department=roads")
@click.argument("email")
@click.option("--name", default="", help="The person's full name (default: the part before the @).")
@click.option("--kind", type=KINDS, help="Default: staff with a role, else citizen.")
@click.option("--language", help="Language of messages to the person.")
@role_option
@scope_option
@pass_city
def create(
    city: CityContext,
    /,
    email: str,
    name: str,
    kind: str | None,
    language: str | None,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
) -> None:
    """Open an account for EMAIL, with a password asked for or read from stdin.

    With --kind service EMAIL is the name of a program: nobody signs in with it, egovframe token makes its keys.
    """
    if scopes and not roles:
        raise click.UsageError("--scope says where a role holds: name the role with --role")
    is_program = kind == "service"
    address = None if is_program else _checked(email)
    with _refusals_in_words():
        hashed = _asked_password(city, address) if address else None
        with city.database.writing() as session:
            where = _scope(session, scopes)
            account = create_account(
                session,
                OPERATOR,
                email=address,
                display_name=name or email.partition("@")[0],
                kind=kind or (STAFF_KIND if roles else CITIZEN_KIND),
                password=hashed,
                language=language,
                assurance="registered" if is_program else "contact_verified",
            )
            for role in roles:
                grant_role(session, OPERATOR, account, role, where)
    done = f"{email} has an account: egovframe token create makes a key" if is_program else f"{email} can sign in"
    click.echo(done + (f" as {', '.join(roles)}" if roles else ""))


@user.command("set-password", epilog="Example: egovframe user set-password kim@city.example < password.txt")
@click.argument("email")
@pass_city
def set_password_command(city: CityContext, /, email: str) -> None:
    """Set the password of EMAIL; every device is signed out, and wrong passwords that were tried are forgiven."""
    with _refusals_in_words():
        with city.database.reading() as session:
            _account(session, email)
        hashed = _asked_password(city, email)
        with city.database.writing() as session:
            account = _account(session, email)
            set_password(session, OPERATOR, account, hashed)
            forgive_account(session, account)
    click.echo(f"{email} has a new password")


@user.command(epilog="Example: egovframe user disable kim@city.example --reason 'left the city'")
@click.argument("email")
@click.option("--reason", default="", help="Kept in the audit.")
@json_option
@pass_city
def disable(city: CityContext, /, email: str, reason: str, as_json: bool) -> None:
    """Close the account of EMAIL: sessions, tokens and roles end at once, nothing is deleted.

    Says which posts and open cases the person still holds: give them to somebody else.
    """
    with city.database.writing() as session:
        account = _account(session, email)
        held = _held(session, account)
        ended = close_account(session, OPERATOR, account, reason)
    facts = {"email": email, **asdict(ended), **held}
    print_facts(facts, as_json, lambda: _goodbye(facts))


@user.command("sign-out", epilog="Example: egovframe user sign-out kim@city.example --reason 'lost the telephone'")
@click.argument("email")
@click.option("--reason", default="", help="Kept in the audit.")
@pass_city
def sign_out(city: CityContext, /, email: str, reason: str) -> None:
    """End every session and token of EMAIL; the person may sign in again."""
    with city.database.writing() as session:
        ended = end_every_session(session, OPERATOR, _account(session, email), reason)
    click.echo(f"{email} is signed out: {ended.sessions} sessions and {ended.tokens} tokens ended")


@user.command("roles", epilog="Example: egovframe user roles --json")
@json_option
@pass_city
def list_roles(city: CityContext, /, as_json: bool) -> None:
    """List the roles that can be given, with what they may do."""
    with city.database.reading() as session:
        facts = [
            {"code": role.code, "title": str(role.title), "permissions": sorted(role.permissions)}
            for role in roles_of_city(session)
        ]
    print_facts(facts, as_json, lambda: [f"{each['code']}  ({len(each['permissions'])} rights)" for each in facts])


@user.command(epilog="Example: egovframe user enable kim@city.example")
@click.argument("email")
@click.option("--reason", default="", help="Kept in the audit.")
@pass_city
def enable(city: CityContext, /, email: str, reason: str) -> None:
    """Open the closed account of EMAIL again."""
    with city.database.writing() as session:
        enable_account(session, OPERATOR, _account(session, email), reason)
    click.echo(f"{email} can sign in again")


@user.command("reset-factors", epilog="Example: egovframe user reset-factors kim@city.example --reason 'lost phone'")
@click.argument("email")
@click.option("--reason", default="", help="Kept in the audit.")
@pass_city
def reset_factors_command(city: CityContext, /, email: str, reason: str) -> None:
    """Take app, passkeys and recovery codes of EMAIL away, for somebody who lost them; the password stays."""
    with city.database.writing() as session:
        reset_factors(session, OPERATOR, _account(session, email), reason)
    click.echo(f"{email} signs in with the password alone, until a new second factor is set up")


@user.command(epilog="Example: egovframe user grant kim@city.example --role officer --until 2027-06-30")
@click.argument("email")
@role_option
@scope_option
@click.option("--from", "first_day", type=DAY, help="First day, in the city's zone; from now on when left out.")
@click.option("--until", "last_day", type=DAY, help="Last day, in the city's zone; for good when left out.")
@pass_city
def grant(
    city: CityContext,
    /,
    email: str,
    roles: tuple[str, ...],
    scopes: tuple[str, ...],
    first_day: datetime | None,
    last_day: datetime | None,
) -> None:
    """Give EMAIL further roles."""
    if not roles:
        raise click.UsageError("name a role with --role")
    begins, ends = _begin_of(city, first_day, "--from"), _begin_of(city, last_day, "--until", days_later=1)
    with _refusals_in_words(), city.database.writing() as session:
        account, where = _account(session, email), _scope(session, scopes)
        for role in roles:
            grant_role(session, OPERATOR, account, role, where, valid_from=begins, valid_until=ends)
    days = f"{f' from {first_day:%Y-%m-%d}' if first_day else ''}{f' until {last_day:%Y-%m-%d}' if last_day else ''}"
    click.echo(f"{email} is {', '.join(roles)}{days}")


@user.command(epilog="Example: egovframe user revoke kim@city.example --role officer")
@click.argument("email")
@role_option
@pass_city
def revoke(city: CityContext, /, email: str, roles: tuple[str, ...]) -> None:
    """End roles of EMAIL, wherever they hold."""
    if not roles:
        raise click.UsageError("name a role with --role")
    with city.database.writing() as session:
        ending = [
            each for each in grants_of(session, _account(session, email).id, now(session)) if each.role.code in roles
        ]
        if not ending:
            raise NotFound(f"{email} holds no such role")
        for each in ending:
            revoke_grant(session, OPERATOR, each.public_id)
    click.echo(f"{email} is no longer {', '.join(roles)}")


@user.command("list", epilog="Example: egovframe user list --kind staff --json")
@click.option("--kind", type=KINDS, help="Only accounts of this kind.")
@json_option
@pass_city
def list_accounts(city: CityContext, /, kind: str | None, as_json: bool) -> None:
    """List accounts with their roles, newest first."""
    with city.database.reading() as session:
        at = now(session)
        facts = [_facts(session, account, at) for account in every_account(session, kind)]
    print_facts(facts, as_json, lambda: [_line(each) for each in facts])


def _begin_of(city: CityContext, day: datetime | None, option: str, days_later: int = 0) -> datetime | None:
    """Return the beginning of a day in the city, or of the day so many days later."""
    if day is None:
        return None
    try:
        in_our_time(day.date())
    except FieldError as error:
        raise click.UsageError(f"{option}: {error.messages[0]}") from error
    return (day + timedelta(days=days_later)).replace(tzinfo=ZoneInfo(city.settings.city.timezone))


def _held(session: Session, account: Account) -> dict[str, list[str]]:
    at = now(session)
    posts = [post.code for post in posts_of(session, account.id, at)]
    open_cases = select(Case.reference).where(Case.assignee_id == account.id, Case.closed_at.is_(None))
    return {"posts": posts, "open_cases": list(session.scalars(open_cases.order_by(Case.reference)))}


def _goodbye(facts: dict[str, Any]) -> list[str]:
    email = facts["email"]
    lines = [
        f"{email} can no longer sign in",
        f"ended: {facts['sessions']} sessions, {facts['tokens']} tokens, roles: {', '.join(facts['roles']) or 'none'}",
    ]
    if facts["posts"]:
        lines.append(f"still holds the posts {', '.join(facts['posts'])}: put somebody else there")
    if facts["open_cases"]:
        cases = facts["open_cases"]
        lines.append(f"still has {len(cases)} open cases: {', '.join(cases[:20])}{' …' if len(cases) > 20 else ''}")
    return lines


def _facts(session: Session, account: Account, at: Any) -> dict[str, Any]:
    return {
        "id": account.public_id,
        "email": account.email,
        "name": account.display_name,
        "kind": account.kind,
        "state": account.state,
        "assurance": account.assurance,
        "demo": account.is_demo,
        "second_factor": account.second_factor,
        "roles": [{"role": each.role.code, "scope": each.scope} for each in grants_of(session, account.id, at)],
    }


def _line(facts: dict[str, Any]) -> str:
    roles = ", ".join(each["role"] + ("*" if each["scope"] else "") for each in facts["roles"])
    state = "" if facts["state"] == "active" else f" [{facts['state']}]"
    return f"{facts['email'] or facts['name']}{state}  {facts['kind']}  {roles}".rstrip()


def _checked(email: str) -> str:
    try:
        return str(Email(required=True).deserialize(email))
    except FieldError as error:
        raise click.UsageError(f"{email!r} is no e-mail address") from error


def _account(session: Session, email: str) -> Account:
    account = account_by_email(session, email)
    if account is None:
        raise NotFound(f"{email} has no account: egovframe user list names those who have one")
    return account


def _scope(session: Session, texts: tuple[str, ...]) -> Scope:
    for room in SCOPE_ROOMS:
        importlib.import_module(room)
    return frozenset(parse_scope(session, text) for text in texts)


def _asked_password(city: CityContext, email: str) -> PasswordHash:
    """Return the hash of a password that was typed twice unseen, or came as the first line of stdin."""
    if sys.stdin.isatty():
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True)
    else:
        password = sys.stdin.readline().rstrip("\r\n")
    return hash_password(password, policy_of(city.database), email=email)


@contextmanager
def _refusals_in_words() -> Iterator[None]:
    """Turn messages of fields into the one line that a command prints."""
    try:
        yield
    except Invalid as error:
        lines = [f"{name}: {message}" for name, found in error.errors.items() for message in found]
        raise click.ClickException("; ".join(lines) or str(error)) from error
