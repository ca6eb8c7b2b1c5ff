"""``egovframe organisation``: departments, posts, officials and who is in charge of what."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import click

from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.cli.progress import progress_bar
from egovframe.core.modules.organisation import ImportReport, import_organisation, read_rows

EXAMPLE = """\
Example: egovframe organisation import organisation.csv

A CSV file has a column "kind" (department, post, official, absence, jurisdiction) and the columns that its kinds need:
code, name, parent, phone, email, title, department, reports_to, post, role, substitute, reason, subject, area
(LAYER:CODE), from, until. name:ko is the name in Korean. A JSON file has the lists departments, posts, officials,
absences and jurisdictions.
"""


@click.group(epilog="Example: egovframe organisation import organisation.csv")
def organisation() -> None:
    """Departments, posts and officials."""


@organisation.command("import", epilog=EXAMPLE)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--language", help="Language of names that do not say theirs (default: the city's).")
@click.option("--encoding", default="utf-8-sig", show_default=True, help="Encoding of the file, such as cp949.")
@click.option("--skip-bad", is_flag=True, help="Store the good lines although others were refused.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@json_option
@pass_city
def import_file(city: CityContext, /, file: Path, as_json: bool, **options: Any) -> None:
    """Import departments, posts, officials, absences and jurisdictions from a CSV or JSON FILE.

    The same file again changes nothing. When a line is refused, nothing is stored.
    """
    rows = read_rows(file, options["encoding"])
    own = city.settings.city
    with progress_bar("Importing", shown=not as_json) as progress, city.database.writing() as session:
        report = import_organisation(
            session,
            SYSTEM,
            rows,
            language=options["language"] or own.default_language,
            zone=ZoneInfo(str(own.timezone)),
            skip_bad=options["skip_bad"],
            dry_run=options["dry_run"],
            progress=progress,
        )
    print_facts(_facts(report), as_json, lambda: _told(report))
    for refused in report.refused:
        click.echo(f"{refused.place} ({refused.kind or '?'}): {refused.reason}", err=True)
    if report.refused and not report.applied:
        click.echo("Nothing was stored: mend the file, or store the rest with --skip-bad.", err=True)
        raise click.exceptions.Exit(1)


def _facts(report: ImportReport) -> dict[str, Any]:
    return {
        "applied": report.applied,
        "created": dict(report.created),
        "updated": dict(report.updated),
        "unchanged": dict(report.unchanged),
        "accounts": report.accounts,
        "refused": [{"place": one.place, "kind": one.kind, "reason": one.reason} for one in report.refused],
    }


def _told(report: ImportReport) -> list[str]:
    would = "" if report.applied else "would be "
    lines = []
    for kind in dict.fromkeys([*report.created, *report.updated, *report.unchanged]):
        new, changed, same = report.created[kind], report.updated[kind], report.unchanged[kind]
        lines.append(f"{kind}: {new} {would}new, {changed} {would}changed, {same} as before.")
    if report.applied and report.accounts:
        lines.append("New accounts without a password; set one with: egovframe user set-password EMAIL")
        lines += [f"  {email}" for email in report.accounts]
    return lines
