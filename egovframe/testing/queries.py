"""Count the statements that a block sends: a page whose queries grow with its rows is caught by a test."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

from sqlalchemy import event

from egovframe.core.modules.privacy.services.noticing import Board
from egovframe.core.modules.settings.queries import Latest
from egovframe.core.persistence import Database


class Queries(list[str]):
    """The statements sent, in order; the clock and transaction control are left out."""

    def __str__(self) -> str:
        return f"{len(self)} statements:\n" + "\n".join(f"  {' '.join(statement.split())[:200]}" for statement in self)


@contextmanager
def count_queries(database: Database) -> Iterator[Queries]:
    """Collect the statements of every unit of the database while the block runs, in any thread.

    What the process has read before stays good meanwhile: whether a second passes just then is chance.
    """
    seen = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "clock_timestamp()" not in statement and not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    latest, board = database.service(Latest), database.service(Board)
    event.listen(database.engine, "before_cursor_execute", note)
    try:
        with patch.object(latest, "good_for", math.inf), patch.object(board, "good_for", math.inf):
            yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


__all__ = ["Queries", "count_queries"]
