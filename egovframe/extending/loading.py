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

from sqlalchemy import FromClause, Table, event
from sqlalchemy.orm import Mapper, configure_mappers, registry
from sqlalchemy.orm.attributes import manager_of_class

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
    intruders: dict[type, FromClause] = field(default_factory=dict)
    """Classes that it mapped on the core's own base, with their tables."""

    def wipe(self) -> None:
        """Remove its tables, mapped classes and modules; those an earlier application brought in stay."""
        for one in self.registries:
            if one is not CoreBase.registry:
                one.dispose(cascade=True)
        for mapped, table in self.intruders.items():
            _unmap(mapped)
            if isinstance(table, Table):
                METADATA.remove(table)
        for name in set(METADATA.tables) - self.tables:
            if name.startswith(f"{self.name}_"):
                METADATA.remove(METADATA.tables[name])
        for module in set(sys.modules) - self.modules:
            if module == self.name or module.startswith(f"{self.name}."):
                del sys.modules[module]


def _unmap(mapped: type) -> None:
    """Take one class out of the core's registry, which can otherwise only be disposed whole."""
    manager: Any = manager_of_class(mapped)
    if manager is not None:
        CoreBase.registry._dispose_manager_and_mapper(manager)
        CoreBase.registry._managers.pop(manager, None)


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

    def note(mapper: Mapper[Any], mapped: type) -> None:
        found = getattr(mapped, "registry", None)
        if found is CoreBase.registry and mapped.__module__.partition(".")[0] == traces.name:
            traces.intruders[mapped] = mapper.local_table
        if isinstance(found, registry) and found not in traces.registries:
            traces.registries.append(found)

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
    if traces.intruders:
        names = ", ".join(sorted(mapped.__name__ for mapped in traces.intruders))
        raise StageFailed("tables", f"{names}: derive the plugin's tables from a base of its own, not from CoreBase")
    if wrong:
        for name in wrong:
            METADATA.remove(METADATA.tables[name])
        raise StageFailed("tables", f"name every table {prefix}…, not {', '.join(wrong)}")


def _is_core(mapped: type) -> bool:
    return mapped.__module__.partition(".")[0] == "egovframe"
