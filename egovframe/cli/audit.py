"""``egovframe audit``: check the audit chain."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.core.modules.audit import Verdict, verify


@click.group()
def audit() -> None:
    """Check the record of who did what."""


@audit.command("verify", epilog="Example: egovframe audit verify --from 1000 --json")
@click.option("--from", "start", type=click.IntRange(min=1), default=1, help="Number of the first link to recompute.")
@click.option(
    "--heads",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Exported heads kept elsewhere (default: data/audit/heads.jsonl when there is one).",
)
@json_option
@pass_city
def verify_chain(city: CityContext, start: int, heads: Path | None, as_json: bool) -> int:
    """Recompute the chain; name the first record that does not fit, and exit with 1 then."""
    own = city.settings.data_dir / "audit" / "heads.jsonl"
    chosen = heads or (own if own.exists() else None)
    with city.database.reading() as session:
        verdict = verify(session, start, heads=chosen)
    print_facts({**asdict(verdict), "heads": str(chosen) if chosen else None}, as_json, lambda: _lines(verdict, chosen))
    return 0 if verdict.ok else 1


def _lines(verdict: Verdict, heads: Path | None) -> list[str]:
    if not verdict.ok:
        return [
            f"audit: {verdict.first_bad} {verdict.why}",
            f"{verdict.checked} links before it hold. Keep a copy of the database, then ask who could write to it.",
        ]
    anchor = f"held against {heads}" if heads else "no exported heads to hold it against: a cut tail would not show"
    return [f"audit: all {verdict.checked} links hold, of {verdict.length}; {anchor}"]
