"""Count the statements that a block sends: a page whose queries grow with its rows is caught by a test."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from egovframe.core.persistence import Database

NOW_AND_THEN = ("SELECT core_setting.", "SELECT max(core_notice_version.id)")
"""How statements begin that a process asks once a second or in ten: whether one falls into a block is chance."""

LEFT_OUT = ("BEGIN", "PRAGMA", *NOW_AND_THEN)


class Queries(list[str]):
    """The statements sent, in order, without the clock, transaction control and what is asked now and then."""

    def __str__(self) -> str:
        return f"{len(self)} statements:\n" + "\n".join(f"  {' '.join(statement.split())[:200]}" for statement in self)


@contextmanager
def count_queries(database: Database) -> Iterator[Queries]:
    """Collect the statements of every unit of the database while the block runs, in any thread."""
    seen = Queries()

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if "clock_timestamp()" not in statement and not statement.startswith(LEFT_OUT):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)


__all__ = ["Queries", "count_queries"]
