"""``egovframe audit``: check the audit chain, export the record, keep the signed heads."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from egovframe.actor import OPERATOR
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.modules.audit import (
    AuditFilter,
    SignedHead,
    Verdict,
    daily_heads,
    export_fits,
    heads_key,
    keep_verdict,
    record_export,
    verify,
    write_export,
)
from egovframe.core.persistence import Database
from egovframe.errors import EgovError

DAY = click.DateTime(formats=["%Y-%m-%d"])
FILE = click.Path(dir_okay=False, path_type=Path)
EXISTING = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(epilog="Example: egovframe audit verify")
def audit() -> None:
    """Check, export and anchor the record of who did what."""


@audit.command("verify", epilog="Example: egovframe audit verify --from 1000 --json")
@click.option("--from", "start", type=click.IntRange(min=1), default=1, help="Number of the first link to recompute.")
@click.option(
    "--heads",
    type=EXISTING,
    help="Exported heads kept elsewhere (default: data/audit/heads.jsonl when there is one).",
)
@json_option
@pass_city
def verify_chain(city: CityContext, start: int, heads: Path | None, as_json: bool) -> int:
    """Recompute the chain; name the first record that does not fit, and exit with 1 then."""
    own = city.settings.data_dir / "audit" / "heads.jsonl"
    chosen = heads or (own if own.exists() else None)
    with city.progress("links") as tell, city.database.reading() as session:
        verdict = verify(session, start, heads=chosen, progress=tell)
    if start == 1:
        _keep(city.database, verdict)
    print_facts({**asdict(verdict), "heads": str(chosen) if chosen else None}, as_json, lambda: _lines(verdict, chosen))
    return 0 if verdict.ok else 1


@audit.command("heads", epilog="Example: egovframe audit heads --export /mnt/elsewhere/heads.jsonl")
@click.option("--export", "target", type=FILE, help="Write the heads, oldest first, for audit verify --heads.")
@json_option
@pass_city
def list_heads(city: CityContext, target: Path | None, as_json: bool) -> None:
    """List the signed heads of the last days; with --export write all of them to a file kept elsewhere."""
    with city.database.reading() as session:
        heads, key = daily_heads(session, limit=100_000), heads_key(session)
    if target is not None:
        target.write_text("".join(json.dumps(asdict(head)) + "\n" for head in reversed(heads)), encoding="utf-8")
    facts = {"public_key": key, "heads": [asdict(head) for head in heads]}
    print_facts(facts, as_json, lambda: _head_lines(heads, key, target))


@audit.command("export", epilog="Example: egovframe audit export --from 2026-01-01 --action cases: cases-2026.csv")
@click.option("--from", "since", type=DAY, help="First day, in the city's zone.")
@click.option("--to", "until", type=DAY, help="Last day, in the city's zone.")
@click.option("--action", default="", help="An action, or its beginning when it ends with a colon.")
@click.option("--thing", default="", help="A thing such as case:7f3k…, or its beginning when it ends with a colon.")
@click.option("--actor", default="", help="An account's id, account:ID, system, or anonymous.")
@json_option
@click.argument("file", type=FILE)
@pass_city
def export(
    city: CityContext,
    /,
    since: datetime | None,
    until: datetime | None,
    action: str,
    thing: str,
    actor: str,
    as_json: bool,
    file: Path,
) -> None:
    """Write what fits to FILE (.csv or .jsonl) with a signed manifest beside it; the record notes the export."""
    form = file.suffix.removeprefix(".")
    if form not in {"csv", "jsonl"}:
        raise click.UsageError("name the file .csv or .jsonl")
    zone = ZoneInfo(city.settings.city.timezone)
    last = until and until + timedelta(days=1)
    narrow = AuditFilter(actor, action, thing, since=_midnight(since, zone), until=_midnight(last, zone))
    with city.progress("entries") as tell, file.open("wb") as stream, city.database.reading() as session:
        manifest = write_export(session, stream, "csv" if form == "csv" else "jsonl", narrow, tell)
    beside = manifest_of(file)
    beside.write_text(json.dumps(manifest, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    with city.database.writing() as session:
        record_export(session, OPERATOR, manifest)
    print_facts(manifest, as_json, lambda: [f"{manifest['rows']:,} entries in {file}, signed in {beside}"])


@audit.command("check-export", epilog="Example: egovframe audit check-export cases-2026.csv --key 9f3c…")
@click.argument("file", type=EXISTING)
@click.option("--key", default="", help="Public key of the city, in hex (default: that of the city in this folder).")
@pass_city
def check_export(city: CityContext, /, file: Path, key: str) -> int:
    """Check that FILE is what its manifest says and that the manifest is signed; exit with 1 when not."""
    try:
        manifest: dict[str, Any] = json.loads(manifest_of(file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{manifest_of(file)} cannot be read: keep it beside the file") from error
    if not key:
        with city.database.reading() as session:
            key = heads_key(session)
    holds = export_fits(file, manifest, key)
    click.echo(f"{file} is as it was exported" if holds else f"{file} or its manifest was changed")
    return 0 if holds else 1


def manifest_of(file: Path) -> Path:
    """Return where the manifest of an exported file lies."""
    return file.with_name(f"{file.name}.manifest.json")


def _keep(database: Database, verdict: Verdict) -> None:
    try:
        keep_verdict(database, verdict, OPERATOR.label)
    except EgovError as error:  # a copy that cannot be written is verified all the same
        click.echo(f"egovframe: the outcome was not kept: {error}", err=True)


def _midnight(day: datetime | None, zone: ZoneInfo) -> datetime | None:
    return datetime.combine(date(day.year, day.month, day.day), time(), zone) if day else None


def _lines(verdict: Verdict, heads: Path | None) -> list[str]:
    if not verdict.ok:
        return [
            f"audit: {verdict.first_bad} {verdict.why}",
            f"{verdict.checked} links before it hold. Keep a copy of the database, then ask who could write to it.",
        ]
    anchor = f"held against {heads}" if heads else "no exported heads to hold it against: a cut tail would not show"
    return [f"audit: all {verdict.checked} links hold, of {verdict.length}; {anchor}"]


def _head_lines(heads: list[SignedHead], key: str, target: Path | None) -> list[str]:
    shown = [f"{head.at[:10]}  {head.n:>10,}  {head.hash}" for head in heads[:30]]
    written = [f"{len(heads)} heads written to {target}"] if target else []
    return [*(shown or ["no head has been published yet: start egovframe worker"]), f"public key  {key}", *written]
