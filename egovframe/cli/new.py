"""``egovframe new``: begin a city or a plugin from a standard template."""

from __future__ import annotations

import importlib.util
import re
import secrets
import shutil
from pathlib import Path

import click

import egovframe
from egovframe.cli.context import CityContext
from egovframe.config import CONFIG_NAME
from egovframe.extending import CITY_FOLDER, name_problem

PLACEHOLDER = "lost_and_found"
"""The name of the service in the plugin template; it is replaced wherever it stands as a whole word part."""
CITY_TITLE = "__CITY_TITLE__"
LEFT_BEHIND = shutil.ignore_patterns("__pycache__", "*.pyc", ".pytest_cache", ".hypothesis")
_CITY_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")


@click.group(epilog="Example: egovframe new city saebit")
def new() -> None:
    """Begin a city or a plugin from a standard template."""


@new.command(epilog="Example: egovframe new city saebit && cd saebit && egovframe db upgrade && egovframe serve")
@click.argument("name")
@click.option(
    "--in", "parent", type=click.Path(file_okay=False, path_type=Path), default=Path(), help="Where to put it."
)
def city(name: str, parent: Path) -> None:
    """Make the folder of a development city: settings, a generated secret, room for its own plugins."""
    if not _CITY_NAME.fullmatch(name):
        raise click.UsageError(f"{name!r:.80}: use letters, digits, hyphens and dots for the folder's name")
    target = parent / name
    _refuse_existing(target)
    shutil.copytree(starter("city"), target, ignore=LEFT_BEHIND)
    (target / "gitignore").rename(target / ".gitignore")
    _replace(target, {CITY_TITLE: name.replace("_", " ").replace("-", " ").strip().title()})
    _write_secret(target / "secret.key")
    click.echo(f"{target} is ready. Next: cd {target} && egovframe db upgrade && egovframe serve")


@new.command(epilog="Example: egovframe new plugin library_cards")
@click.argument("name")
@click.pass_context
def plugin(context: click.Context, name: str) -> None:
    """Make a small working service in the city's plugins folder, to read and to change."""
    problem = name_problem(name)
    if problem:
        raise click.UsageError(problem)
    if importlib.util.find_spec(name) is not None:
        raise click.UsageError(f"{name} is already the name of a Python package here: choose another")
    target = _city_folder(context.ensure_object(CityContext)) / CITY_FOLDER / name
    _refuse_existing(target)
    shutil.copytree(starter("plugin") / PLACEHOLDER, target, ignore=LEFT_BEHIND)
    _rename(target, PLACEHOLDER, name)
    _replace(target, {PLACEHOLDER: name, PLACEHOLDER.replace("_", "-"): name.replace("_", "-")})
    click.echo(f"{target} is ready. Next: egovframe db upgrade && egovframe plugins check {name} && pytest {target}")


def starter(kind: str) -> Path:
    """Return the folder of a standard template: inside the installed package, or in the repository.

    Raises:
        click.ClickException: the installation has none.
    """
    package = Path(egovframe.__file__).parent
    for folder in (package / "starters" / kind, package.parent / "templates" / kind):
        if folder.is_dir():
            return folder
    raise click.ClickException(f"the standard template {kind} is missing: install egovframe again")


def _city_folder(city: CityContext) -> Path:
    folder = city.folder or Path()
    folder = folder.parent if folder.suffix == ".toml" else folder
    if not (folder / CONFIG_NAME).is_file():
        raise click.UsageError(f"{folder.resolve()} is no city: run this in a city folder, or begin one with new city")
    return folder


def _refuse_existing(target: Path) -> None:
    if target.exists():
        raise click.UsageError(f"{target} exists already: choose another name, or remove it first")


def _rename(folder: Path, old: str, new_name: str) -> None:
    # Deepest first, so that a folder is renamed after what is in it.
    for path in sorted(folder.rglob(f"*{old}*"), key=lambda path: -len(path.parts)):
        path.rename(path.with_name(path.name.replace(old, new_name)))


def _replace(folder: Path, words: dict[str, str]) -> None:
    """Replace words in every text file; the new ones are checked names, so nothing needs escaping."""
    for path in folder.rglob("*"):
        if path.is_file():
            text = path.read_text(encoding="utf-8")
            for old, new_word in words.items():
                text = text.replace(old, new_word)
            path.write_text(text, encoding="utf-8")


def _write_secret(path: Path) -> None:
    path.touch(mode=0o600)
    path.write_text(secrets.token_urlsafe(48) + "\n", encoding="utf-8")


__all__ = ["new", "starter"]
