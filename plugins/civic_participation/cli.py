"""Commands: ``egovframe services import`` and ``egovframe complaints import``."""

from __future__ import annotations

from pathlib import Path
from zoneinfo import ZoneInfo

import click

from civic_participation.intake.catalogue import read_catalogue
from civic_participation.intake.columns import recognise
from civic_participation.intake.tables import Table
from civic_participation.services.catalogue import CatalogueReport, import_catalogue
from civic_participation.services.history import HistoryReport, HistorySource, import_history
from egovframe.actor import SYSTEM
from egovframe.errors import BadRequest
from egovframe.hooks import CommandCity

FILE = click.Path(path_type=Path)
SHOWN = 20
"""Findings printed one by one; ``--json`` has them all."""


@click.group(epilog="Example: egovframe services import catalogue.json")
def services() -> None:
    """The catalogue of what people can complain about."""


@click.group(epilog="Example: egovframe complaints import 311.csv --create-missing")
def complaints() -> None:
    """Complaints of the city."""


@services.command("import", epilog="Example: egovframe services import catalogue.csv --language ko")
@click.argument("file", type=FILE)
@click.option("--language", default="", help="Language of names without one (JSON: en, CSV: the city's).")
@click.option("--encoding", default=None, help="Encoding of a CSV file, such as cp949 (default: found by itself).")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_obj
def import_services(city: CommandCity, file: Path, language: str, encoding: str | None, as_json: bool) -> None:
    """Take over a complaint catalogue: DIGIT ServiceDefs (JSON) or our own CSV."""
    # DIGIT's definitions are English; their translations are kept elsewhere.
    chosen = language or ("en" if file.suffix.lower() == ".json" else city.settings.city.default_language)
    catalogue = read_catalogue(file, language=chosen, encoding=encoding)
    with city.at_work() as database, database.writing() as session:
        report = import_catalogue(session, SYSTEM, catalogue, chosen)
    city.print_facts(_catalogue_facts(report), as_json, _catalogue_lines(report))
    if report.refused:
        raise click.exceptions.Exit(1)


@complaints.command("import", epilog="Example: egovframe complaints import old.csv --map Nr=id --map Datum=opened")
@click.argument("file", type=FILE)
@click.option("--create-missing", is_flag=True, help="Make departments, categories and areas that the city lacks.")
@click.option("--map", "mapped", multiple=True, metavar="COLUMN=FIELD", help="What a column means; repeatable.")
@click.option("--source", default="", help="Name of the other system (default: the file's name).")
@click.option("--encoding", default=None, help="Encoding of the file (default: found by itself).")
@click.option("--json", "as_json", is_flag=True, help="Print facts as JSON.")
@click.pass_obj
def import_complaints(
    city: CommandCity,
    file: Path,
    create_missing: bool,
    mapped: tuple[str, ...],
    source: str,
    encoding: str | None,
    as_json: bool,
) -> None:
    """Take over past cases, routed like new ones, with their history. Running it again adds nothing."""
    table = Table(file, encoding)
    here = city.settings.city
    how = HistorySource(
        name=(source or file.stem)[:40],
        columns=recognise(table.headings, dict(_pair(text) for text in mapped)),
        zone=ZoneInfo(here.timezone),
        language=here.default_language,
        create_missing=create_missing,
    )
    with city.at_work() as database, city.progress(file.name) as tell:
        report = import_history(database, SYSTEM, table.lines(), how, tell)
    city.print_facts(_history_facts(report), as_json, _history_lines(report))
    if report.refused:
        raise click.exceptions.Exit(1)


def _pair(text: str) -> tuple[str, str]:
    column, equals, field = text.rpartition("=")
    if not equals or not column or not field:
        raise BadRequest(f"--map {text}: write COLUMN=FIELD")
    return column, field


def _catalogue_facts(report: CatalogueReport) -> dict[str, object]:
    return {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "departments": report.departments,
        "refused": [{"at": at, "code": code, "reason": reason} for at, code, reason in report.refused],
    }


def _catalogue_lines(report: CatalogueReport) -> list[str]:
    counts = f"{len(report.created)} created, {len(report.updated)} updated, {len(report.unchanged)} unchanged"
    lines = [f"Categories: {counts}."]
    if report.departments:
        lines.append(f"Departments made: {', '.join(report.departments)}")
    return lines + _findings("not taken", report.refused)


def _history_facts(report: HistoryReport) -> dict[str, object]:
    def listed(rows: list[tuple[int, str, str]]) -> list[dict[str, object]]:
        return [{"line": line, "id": key, "reason": reason} for line, key, reason in rows]

    return {
        "created": report.created,
        "already_there": report.known,
        "states": dict(report.by_state),
        "made": dict(report.made),
        "triage": listed(report.triage),
        "refused": listed(report.refused),
    }


def _history_lines(report: HistoryReport) -> list[str]:
    states = ", ".join(f"{count} {name}" for name, count in sorted(report.by_state.items()))
    made = ", ".join(f"{count} {name}" for name, count in sorted(report.made.items()) if count)
    lines = [f"Cases: {report.created} taken over{f' ({states})' if states else ''}, {report.known} there before."]
    if made:
        lines.append(f"Made from the rows: {made}.")
    return lines + _findings("in triage", report.triage) + _findings("not taken", report.refused)


def _findings(what: str, rows: list[tuple[int, str, str]]) -> list[str]:
    lines = [f"line {line}, {key or 'without id'}: {what}: {reason}" for line, key, reason in rows[:SHOWN]]
    if len(rows) > SHOWN:
        lines.append(f"and {len(rows) - SHOWN} more {what}: see --json")
    return lines
