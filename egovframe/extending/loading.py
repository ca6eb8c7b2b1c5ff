"""Importing a plugin, and taking out every trace of one that failed half-way."""

from __future__ import annotations

import importlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from sqlalchemy import event
from sqlalchemy.orm import Mapper, configure_mappers, registry

from egovframe.core.persistence import METADATA, CoreBase
from egovframe.extending.states import PluginEntry, StageFailed

ROOMS = ("models", "hooks")
"""Modules imported at the start, in this order; they import what they need."""


@dataclass(slots=True)
class Traces:
    """What one plugin has left in the process since its import began."""

    name: str
    modules: frozenset[str] = field(default_factory=lambda: frozenset(sys.modules))
    tables: frozenset[str] = field(default_factory=lambda: frozenset(METADATA.tables))
    registries: list[registry] = field(default_factory=list)

    def wipe(self) -> None:
        """Remove its tables, mapped classes and modules; those an earlier application brought in stay."""
        for one in self.registries:
            if one is not CoreBase.registry:
                one.dispose(cascade=True)
        for name in set(METADATA.tables) - self.tables:
            if name.startswith(f"{self.name}_"):
                METADATA.remove(METADATA.tables[name])
        for module in set(sys.modules) - self.modules:
            if module == self.name or module.startswith(f"{self.name}."):
                del sys.modules[module]


def import_plugin(entry: PluginEntry, traces: Traces) -> ModuleType:
    """Import a plugin's rooms and return its hooks.

    Raises:
        StageFailed: another package answers to its name, it has no hooks, or its tables are not named after it.
    """
    with _watching_mappers(traces):
        package = importlib.import_module(entry.name)
        _same_place(entry, package)
        loaded = {room: _room(entry.name, room) for room in ROOMS}
    _own_tables(entry, traces)
    configure_mappers()
    hooks = loaded["hooks"]
    if hooks is None:
        raise StageFailed("code", f"{entry.name}/hooks.py is missing: it says what the plugin offers")
    return hooks


def _room(package: str, room: str) -> ModuleType | None:
    name = f"{package}.{room}"
    return importlib.import_module(name) if importlib.util.find_spec(name) is not None else None


def _same_place(entry: PluginEntry, package: ModuleType) -> None:
    places = [Path(place).resolve() for place in package.__path__]
    if entry.folder not in places:
        raise StageFailed("name", f"Python finds {places[0] if places else 'nothing'} for the name, not {entry.folder}")


@contextmanager
def _watching_mappers(traces: Traces) -> Iterator[None]:
    """Note the registries of classes that are mapped meanwhile, also of a module that fails before its end."""

    def note(mapper: Mapper[Any], _class: type) -> None:
        if mapper.registry not in traces.registries:
            traces.registries.append(mapper.registry)

    event.listen(Mapper, "instrument_class", note)
    try:
        yield
    finally:
        event.remove(Mapper, "instrument_class", note)


def _own_tables(entry: PluginEntry, traces: Traces) -> None:
    core = {table.name for mapper in CoreBase.registry.mappers for table in mapper.tables if _is_core(mapper.class_)}
    prefix = f"{entry.name}_"
    foreign = sorted(set(METADATA.tables) - traces.tables - core)
    wrong = [name for name in foreign if not name.startswith(prefix)]
    if wrong:
        for name in wrong:
            METADATA.remove(METADATA.tables[name])
        raise StageFailed("tables", f"name every table {prefix}…, not {', '.join(wrong)}")
    strangers = [mapper.class_.__name__ for mapper in CoreBase.registry.mappers if not _is_core(mapper.class_)]
    if strangers:
        raise StageFailed("tables", f"{', '.join(sorted(strangers))}: use a base of the plugin's own, not CoreBase")


def _is_core(mapped: type) -> bool:
    return mapped.__module__.partition(".")[0] == "egovframe"
