"""``egovframe areas``: the city's areas and their borders."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import click

from egovframe.cli.context import CityContext, json_option, pass_city, print_facts
from egovframe.cli.progress import progress_bar
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import ImportReport, import_geojson, layers, locate
from egovframe.errors import BadRequest


@click.group(epilog="Example: egovframe areas import districts.geojson --layer district")
def areas() -> None:
    """Districts, neighbourhoods and other areas with borders."""


@areas.command(
    "import",
    epilog="Example: egovframe areas import districts.geojson --layer district --code-field code "
    "--name-field ko=name --name-field en=name_eng",
)
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--layer", required=True, help="Code of the layer, such as district; made when it is new.")
@click.option("--code-field", default="code", show_default=True, help="The property with an area's code.")
@click.option(
    "--name-field", "name_fields", multiple=True, help="The property with the name, or LANGUAGE=PROPERTY; repeatable."
)
@click.option("--language", help="Language of a name or title that does not say its own (default: the city's).")
@click.option("--title", "titles", multiple=True, help="What people call the layer: TEXT or LANGUAGE=TEXT; repeatable.")
@click.option(
    "--order", type=int, help="Place of the layer; small numbers are large areas (default: after the others)."
)
@click.option("--parent-layer", help="The layer in which the areas around these are looked for.")
@click.option("--replace", is_flag=True, help="Areas of the layer that the file does not have end now.")
@click.option("--skip-bad", is_flag=True, help="Store the good areas although others were refused.")
@click.option("--dry-run", is_flag=True, help="Only say what would happen.")
@json_option
@pass_city
def import_file(city: CityContext, /, file: Path, as_json: bool, **options: Any) -> None:
    """Import a layer of areas from a GeoJSON FILE in WGS 84 (Polygons and MultiPolygons).

    The same file again changes nothing. When an area is refused, nothing is stored.
    """
    language = options["language"] or city.settings.city.default_language
    title = by_language(options["titles"], language, "--title")
    with progress_bar("Checking borders", shown=not as_json) as progress:
        report = import_geojson(
            city.database,
            file,
            layer=options["layer"],
            code_field=options["code_field"],
            name_field=by_language(options["name_fields"] or ("name",), language, "--name-field"),
            title=Translated.from_texts(next(iter(title)), title) if title else None,
            position=options["order"],
            parent_layer=options["parent_layer"],
            replace=options["replace"],
            skip_bad=options["skip_bad"],
            dry_run=options["dry_run"],
            progress=progress,
        )
    print_facts(dataclasses.asdict(report), as_json, lambda: _told(report))
    for refusal in report.refused:
        name = f" ({refusal.code})" if refusal.code else ""
        click.echo(f"feature {refusal.index}{name}: {refusal.reason}", err=True)
    if report.refused and not report.applied:
        click.echo("Nothing was stored: mend the file, or store the rest with --skip-bad.", err=True)
        raise click.exceptions.Exit(1)


@areas.command("list", epilog="Example: egovframe areas list")
@json_option
@pass_city
def list_layers(city: CityContext, /, as_json: bool) -> None:
    """List the layers of areas, large ones first."""
    with city.database.reading() as session:
        facts: list[dict[str, Any]] = [
            {"layer": layer.code, "title": _texts(layer.title), "order": layer.position} for layer in layers(session)
        ]
    print_facts(facts, as_json, lambda: [f"{fact['layer']}: {', '.join(fact['title'].values())}" for fact in facts])


@areas.command("locate", epilog="Example: egovframe areas locate 37.5663 126.9779")
@click.argument("lat", type=click.FloatRange(-90, 90))
@click.argument("lon", type=click.FloatRange(-180, 180))
@json_option
@pass_city
def locate_point(city: CityContext, /, lat: float, lon: float, as_json: bool) -> None:
    """Say in which areas the point at LAT (degrees north) and LON (degrees east) lies."""
    with city.database.reading() as session:
        found = locate(session, lat, lon)
        facts: list[dict[str, Any]] = [
            {"layer": area.layer.code, "code": area.code, "name": _texts(area.name)} for area in found
        ]
    lines = [f"{fact['layer']} {fact['code']}: {' / '.join(fact['name'].values())}" for fact in facts]
    print_facts(facts, as_json, lambda: lines or ["The point lies in no area."])


def by_language(values: tuple[str, ...], language: str, option: str) -> dict[str, str]:
    """Return ``{language: value}`` from repeated options, each VALUE or LANGUAGE=VALUE.

    Raises:
        BadRequest: a language is given twice.
    """
    found: dict[str, str] = {}
    for given in values:
        own, equals, value = given.partition("=")
        key, text = (own, value) if equals else (language, given)
        if key in found:
            raise BadRequest(f"{option} is given twice for the language {key!r}: write LANGUAGE=… for each.")
        found[key] = text
    return found


def _texts(words: Translated) -> dict[str, str]:
    """Return the texts by language, the source first."""
    return {language: words.text[language] for language in words.languages}


def _told(report: ImportReport) -> list[str]:
    would = "" if report.applied else "would be "
    parts = [f"{report.created} {would}new", f"{report.updated} {would}changed", f"{report.unchanged} as before"]
    if report.retired:
        parts.append(f"{report.retired} ended")
    lines = [f"{report.layer}: {', '.join(parts)}, {len(report.refused)} refused."]
    if report.homeless:
        lines.append(
            f"Without an area around them: {', '.join(report.homeless[:10])}{' …' * (len(report.homeless) > 10)}"
        )
    return lines
