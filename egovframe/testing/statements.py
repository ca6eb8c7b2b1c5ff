"""Compiled statements, kept for all databases of one run: each test opens a new one and asks the same questions."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from egovframe.core.persistence import Database

MAX_KEPT = 4000


class CompiledStatements(MutableMapping[Any, Any]):
    """A statement cache of SQLAlchemy that knows dialects by their name, not as the object of one engine.

    What is compiled holds the functions that encrypt; so it is for databases with the same keys only.
    """

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        return self._kept[_by_name(key)]

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[_by_name(key)] = compiled

    def __delitem__(self, key: Any) -> None:
        del self._kept[_by_name(key)]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


def _by_name(key: Any) -> Any:
    dialect, *rest = key
    return (dialect.name, *rest)


_KEPT: dict[tuple[str, ...], CompiledStatements] = {}


def share_statements(database: Database) -> None:
    """Let the database use what others with the same keys have compiled."""
    kept = _KEPT.setdefault(database.keyring.names, CompiledStatements())
    for engine in (database.engine, database.writer):
        engine.update_execution_options(compiled_cache=kept)
