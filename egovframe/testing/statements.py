"""Compiled statements, kept for all databases of one run: each test opens a new one and asks the same questions."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Any

from egovframe.core.persistence import Database
from egovframe.core.persistence.quick import QuickStatements

MAX_KEPT = 4000


class CompiledStatements(MutableMapping[Any, Any]):
    """A statement cache of SQLAlchemy that takes the dialects of several engines for one.

    What is compiled holds the functions that encrypt; so it is for databases of one kind and with the same keys.
    """

    def __init__(self) -> None:
        self._kept: dict[Any, Any] = {}

    def __getitem__(self, key: Any) -> Any:
        return self._kept[key[1:]]

    def __setitem__(self, key: Any, compiled: Any) -> None:
        if len(self._kept) >= MAX_KEPT:
            self._kept.clear()
        self._kept[key[1:]] = compiled

    def __delitem__(self, key: Any) -> None:
        del self._kept[key[1:]]

    def __iter__(self) -> Iterator[Any]:
        return iter(self._kept)

    def __len__(self) -> int:
        return len(self._kept)


_shared: dict[tuple[str, ...], tuple[CompiledStatements, QuickStatements]] = {}


def share_statements(database: Database) -> None:
    """Let the database use what others of its kind and with the same keys have compiled."""
    kind = (database.dialect, *database.keyring.names)
    compiled, quick = _shared.setdefault(kind, (CompiledStatements(), QuickStatements()))
    for engine in (database.engine, database.writer):
        engine.update_execution_options(compiled_cache=compiled)
    database.service(QuickStatements).known = quick.known
