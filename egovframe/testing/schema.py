"""The models and revisions of the core and of every installed plugin, for tests and for writing new revisions."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from importlib.metadata import entry_points
from importlib.util import find_spec
from pathlib import Path
from pkgutil import walk_packages

import egovframe.core
from egovframe.core.migrations import CORE
from egovframe.core.persistence import MigrationSource


def import_models() -> None:
    """Import every ``models`` module of the core and of installed plugins, so that the MetaData is complete."""
    for module in walk_packages(egovframe.core.__path__, "egovframe.core."):
        if module.name.endswith(".models"):
            import_module(module.name)
    for name in _plugins():
        if find_spec(f"{name}.models"):
            import_module(f"{name}.models")


def installed_sources() -> tuple[MigrationSource, ...]:
    """Return the migration sources of the core and of installed plugins (which never share tables)."""
    plugins = [MigrationSource(name, f"{name}_", folder / "migrations") for name, folder in _folders()]
    return (CORE, *plugins)


def _plugins() -> list[str]:
    return sorted({point.value for point in entry_points(group="egovframe.plugins")})


def _folders() -> Iterator[tuple[str, Path]]:
    for name in _plugins():
        spec = find_spec(name)  # finds a top-level package without importing it
        for place in (spec.submodule_search_locations if spec else None) or ():
            yield name, Path(place)


__all__ = ["import_models", "installed_sources"]
