"""Finding plugins: installed packages first, then the city's own folder. Nothing of a plugin is imported here."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from functools import lru_cache
from importlib.machinery import ModuleSpec
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from egovframe.extending.manifest import MANIFEST_NAME, ManifestError, name_problem, read_manifest
from egovframe.extending.states import PluginEntry

GROUP = "egovframe.plugins"
CITY_FOLDER = "plugins"


def discover(city: Path) -> list[PluginEntry]:
    """Return every plugin that this installation and this city have; those that cannot be used say why.

    The city's folder is put at the end of ``sys.path``, so that nothing in it can hide an installed package.
    """
    importlib.invalidate_caches()
    entries: list[PluginEntry] = []
    for entry in (*_installed(), *_own(city / CITY_FOLDER)):
        if any(other.name == entry.name for other in entries):
            entry.fail("discovery", "name", f"{entry.name} is there twice: remove or rename one of them")
        entries.append(entry)
    return entries


def _installed() -> Iterator[PluginEntry]:
    for point in _points_on(tuple(sys.path)):
        yield _installed_entry(point)


@lru_cache(maxsize=8)
def _points_on(_path: tuple[str, ...]) -> tuple[EntryPoint, ...]:
    # Reads a file of every installed distribution; what is installed later is seen by the next process.
    return tuple(sorted(set(entry_points(group=GROUP)), key=lambda point: point.name))


def _installed_entry(point: EntryPoint) -> PluginEntry:
    entry = PluginEntry(point.name, "installed")
    if point.value != point.name or name_problem(point.name):
        # A dotted module would be imported by looking for it; and the folder is the import package.
        entry.fail("discovery", "name", f"the entry point {point.name} = {point.value} must name a package like itself")
        return entry
    location = _location(_spec(point.name))
    if location is None:
        entry.fail("discovery", "code", f"the package {point.name} is not installed as a folder")
        return entry
    entry.folder = location
    _read(entry)
    return entry


def _own(folder: Path) -> Iterator[PluginEntry]:
    if not folder.is_dir():
        return
    found = [path for path in sorted(folder.iterdir()) if _may_be_plugin(path)]
    refused = {path.name: problem for path in found if (problem := _name_problem(path))}
    if found and str(folder.resolve()) not in sys.path:
        sys.path.append(str(folder.resolve()))
        importlib.invalidate_caches()
    for path in found:
        entry = PluginEntry(path.name, "city", path.resolve())
        if path.name in refused:
            entry.fail("discovery", "name", refused[path.name])
        else:
            _read(entry)
        yield entry


def _may_be_plugin(path: Path) -> bool:
    if not path.is_dir() or path.name.startswith((".", "_")):
        return False
    return (path / MANIFEST_NAME).exists() or (path / "__init__.py").exists()


def _name_problem(path: Path) -> str | None:
    problem = name_problem(path.name)
    if problem:
        return problem
    spec = _spec(path.name)
    if spec is None or _location(spec) == path.resolve():
        return None
    return f"{path.name} is already the name of an installed Python package: rename the folder"


def _read(entry: PluginEntry) -> None:
    assert entry.folder is not None
    try:
        entry.manifest = read_manifest(entry.folder)
    except ManifestError as error:
        entry.fail("validation", "manifest", str(error), error)
        return
    if not (entry.folder / "__init__.py").is_file():
        entry.fail("validation", "code", f"{entry.folder}/__init__.py is missing: the folder is a Python package")


def _spec(name: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(name)
    except ValueError:
        # Something without a spec already stands under this name in sys.modules.
        return ModuleSpec(name, None)


def _location(spec: ModuleSpec | None) -> Path | None:
    places = list(spec.submodule_search_locations or ()) if spec else []
    return Path(places[0]).resolve() if places else None
