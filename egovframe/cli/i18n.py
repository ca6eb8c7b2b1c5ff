"""``egovframe i18n``: how complete the translations are, and catalogues for a city's own plugins."""

from __future__ import annotations

import importlib.util
import os
from importlib.metadata import entry_points
from pathlib import Path

import click

from egovframe.cli.context import CityContext, json_option, print_facts
from egovframe.config import CONFIG_NAME
from egovframe.core.i18n import CORE_CATALOGUES, SOURCE_LANGUAGE, CatalogueSet, is_language, language_name
from egovframe.core.i18n.tools import CatalogueState, ExtractionError, Package, catalogue_status, extract, update


@click.group("i18n")
def i18n() -> None:
    """Look after translations."""


@i18n.command("status", epilog="Example: egovframe i18n status --min 100 --verbose")
@click.option("--min", "minimum", type=click.FloatRange(0, 100), default=0.0, help="Exit with 1 below this percentage.")
@click.option("--language", "wanted", multiple=True, help="Only this language; may be given several times.")
@click.option("--verbose", is_flag=True, help="List every missing message.")
@json_option
@click.pass_context
def status(context: click.Context, minimum: float, wanted: tuple[str, ...], verbose: bool, as_json: bool) -> None:
    """Show translated, missing and fuzzy messages per language and catalogue.

    A fuzzy or faulty translation counts as missing. English is the source and needs no catalogue.
    """
    directories = catalogue_directories(context.ensure_object(CityContext))
    languages = _checked(wanted) or CatalogueSet(tuple(directories.values())).languages()
    states = catalogue_status(directories, [language for language in languages if language != SOURCE_LANGUAGE])
    print_facts([_facts(state) for state in states], as_json, lambda: _lines(states, verbose))
    if any(state.percent < minimum for state in states):
        if not as_json:
            click.echo(f"below {minimum:g} %: translate what is missing (--verbose lists it)", err=True)
        context.exit(1)


@i18n.command("update", epilog="Example: egovframe i18n update plugins/lost_and_found --language ko")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--language", "languages", multiple=True, help="Begin a catalogue for this language.")
def update_catalogues(folder: Path, languages: tuple[str, ...]) -> None:
    """Collect a plugin's messages into its catalogues; translations already made are kept."""
    root = folder.resolve()
    package = Package(root.name, root, root / "translations")
    core = Package("core", CORE_CATALOGUES.parents[1], CORE_CATALOGUES)
    try:
        messages = extract(package, extract(core))
        changed = update(package, messages, _checked(languages))
    except ExtractionError as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"{len(messages)} messages, {len(changed)} files changed in {package.translations}")


def catalogue_directories(city: CityContext) -> dict[str, Path]:
    """Return the catalogue directories by name: core, installed plugins, the present city's plugins, the city."""
    found = {"core": CORE_CATALOGUES}
    for point in sorted(entry_points(group="egovframe.plugins"), key=lambda point: point.name):
        # find_spec gives the folder without importing the plugin.
        spec = importlib.util.find_spec(point.value.split(":")[0])
        for location in (spec.submodule_search_locations or ()) if spec else ():
            found[point.name] = Path(location) / "translations"
    folder = _city_folder(city)
    if folder:
        for manifest in sorted(folder.glob("plugins/*/plugin.toml")):
            found[manifest.parent.name] = manifest.parent / "translations"
        found["city"] = folder / "translations"
    return found


def _city_folder(city: CityContext) -> Path | None:
    place = Path(city.folder or os.environ.get("EGOVFRAME_CONFIG") or ".").expanduser()
    folder = place.parent if place.suffix == ".toml" else place
    return folder.resolve() if (folder / CONFIG_NAME).is_file() else None


def _checked(languages: tuple[str, ...]) -> list[str]:
    for language in languages:
        if not is_language(language):
            raise click.BadParameter(f"{language!r} is not a known language: use a tag such as 'ko' or 'zh-Hant'")
    return list(languages)


def _facts(state: CatalogueState) -> dict[str, object]:
    return {
        "language": state.language,
        "catalogue": state.catalogue,
        "total": state.total,
        "translated": state.translated,
        "percent": state.percent,
        "missing": list(state.missing),
        "fuzzy": list(state.fuzzy),
        "wrong": [{"message": message, "why": why} for message, why in state.wrong],
    }


def _lines(states: list[CatalogueState], verbose: bool) -> list[str]:
    if not states:
        return ["No catalogues yet."]
    lines = []
    for state in states:
        name = f"{state.language} ({language_name(state.language)})"
        lines.append(
            f"{name:<18} {state.catalogue:<24} {state.percent:5.1f} %  {state.translated}/{state.total}"
            f"  missing {len(state.missing)}, fuzzy {len(state.fuzzy)}"
        )
        lines += [f"    wrong: {message!r}: {why}" for message, why in state.wrong]
        if verbose:
            lines += [f"    missing: {message!r}" for message in state.missing]
    return lines
