"""``egovframe privacy``: retention, legal holds, erasing somebody, and erasing again after a restore."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import click
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.modules.admin.routes.privacy import held_subject
from egovframe.core.modules.privacy import (
    Subject,
    erase,
    holds,
    place_hold,
    release_hold,
    replay_erasures,
    retention_report,
    run_retention,
)
from egovframe.core.persistence import truncate_log
from egovframe.errors import EgovError, Invalid


@click.group()
def privacy() -> None:
    """Look after personal data: how long they stay, who is held, who is erased."""


@privacy.command("retention", epilog="Example: egovframe privacy retention --dry-run")
@click.option("--dry-run", is_flag=True, help="Only count what is due.")
@json_option
@pass_city
def retention(city: CityContext, dry_run: bool, as_json: bool) -> int:
    """Let go what is over its time, as the daily job does; what is held stays."""
    with city.at_work() as database:
        if dry_run:
            with database.reading() as session:
                lines = retention_report(session)
        else:
            lines = run_retention(database)
        facts = [line.facts() for line in lines]
    words = "would go" if dry_run else "gone"
    print_facts(
        {"dry_run": dry_run, "records": facts},
        as_json,
        lambda: [
            f"{fact['name']:<60} {fact['due' if dry_run else 'done']:>7} {words}, {fact['held']} held" for fact in facts
        ],
    )
    return 0


@privacy.command("erase", epilog="Example: egovframe privacy erase kim@city.example --reason 'letter of 3 May'")
@click.argument("what")
@click.option("--reason", required=True, help="What the request was, for the audit.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_city
def erase_person(city: CityContext, what: str, reason: str, yes: bool) -> int:
    """Erase somebody: WHAT is the e-mail address of an account, or the number of a case filed without one."""
    with city.at_work() as database:
        if not yes:
            click.confirm(f"Erase {what}? This cannot be undone", abort=True)
        with database.writing() as session:
            found = erase(session, SYSTEM, _subject(session, what), reason=reason)
        truncate_log(database)
        gone = sum(len(part.erase) + len(part.sever) for part in found.parts)
        stay = sum(sum(part.stays.values()) for part in found.parts)
    click.echo(f"{gone} records erased, {stay} stay for now")
    return 0


@privacy.command("hold", epilog="Example: egovframe privacy hold kim@city.example --reason 'court, 12 C 34/26'")
@click.argument("what")
@click.option("--reason", required=True, help="Court, file number: what another official needs to know.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day (UTC); held until released when left out.")
@pass_city
def hold(city: CityContext, what: str, reason: str, until: datetime | None) -> int:
    """Keep the data of a person (e-mail address) or of a case (number) from being erased."""
    end = None if until is None else until.replace(tzinfo=UTC) + timedelta(days=1)
    with city.at_work() as database, database.writing() as session:
        placed = place_hold(session, SYSTEM, _subject(session, what), reason=reason, until=end)
        click.echo(f"hold {placed.public_id} is in force")
    return 0


@privacy.command("release", epilog="Example: egovframe privacy release 7f3kq2m8p4xw9a1z")
@click.argument("hold_id")
@pass_city
def release(city: CityContext, hold_id: str) -> int:
    """Release a hold."""
    with city.at_work() as database, database.writing() as session:
        release_hold(session, SYSTEM, hold_id)
    click.echo("released")
    return 0


@privacy.command("holds", epilog="Example: egovframe privacy holds --json")
@json_option
@pass_city
def list_holds(city: CityContext, as_json: bool) -> int:
    """List the holds, newest first."""
    with city.at_work() as database, database.reading() as session:
        facts = [
            {
                "id": row.public_id,
                "kind": row.kind,
                "subject": row.subject,
                "reason": row.reason,
                "placed_at": row.placed_at,
                "until": row.until,
                "released_at": row.released_at,
            }
            for row in holds(session)
        ]
    print_facts(
        facts,
        as_json,
        lambda: [
            f"{f['id']}  {f['kind']}:{f['subject']}  {'released' if f['released_at'] else f['reason']}" for f in facts
        ],
    )
    return 0


@privacy.command("replay-erasures", epilog="Example: egovframe privacy replay-erasures --ledger /backup/erasures.jsonl")
@click.option(
    "--ledger",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A copy of the ledger kept elsewhere (default: data/privacy/erasures.jsonl).",
)
@pass_city
def replay(city: CityContext, ledger: Path | None) -> int:
    """After a restore: erase again everybody who was erased since the backup. Safe to repeat."""
    with city.at_work() as database:
        result = replay_erasures(database, ledger)
        truncate_log(database)
    click.echo(
        f"{result.lines} people in the ledger: {result.erased} erased again, {result.unknown} unknown here, "
        f"{result.refused} refused"
    )
    return 1 if result.refused else 0


def _subject(session: Session, what: str) -> Subject:
    try:
        return held_subject(session, what)
    except Invalid as error:
        raise EgovError("There is no account with this address and no case with this number.") from error
