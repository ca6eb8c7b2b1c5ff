"""Selects of single columns: the person is added to the statement, noted with every row, and taken off again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Result, Select
from sqlalchemy.engine import ChunkedIteratorResult
from sqlalchemy.engine.result import SimpleResultMetaData
from sqlalchemy.orm import FromStatement
from sqlalchemy.sql import elements, selectable
from sqlalchemy.sql.lambdas import StatementLambdaElement

from egovframe.core.modules.privacy.looking import Looking
from egovframe.core.modules.privacy.register import REGISTER, GatedTable
from egovframe.core.modules.privacy.statements import (
    Opaque,
    Reference,
    Trail,
    origin,
    personal_in,
    references,
)

NONE: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Watch:
    """What to note of a row: where its key and its person stand, and which columns it shows."""

    table: GatedTable
    columns: frozenset[str]
    keys: Sequence[int]
    subject: int


@dataclass(frozen=True, slots=True)
class Extended:
    """A select with the persons of its personal columns added.

    Attributes:
        names: the personal columns that it shows, as ``table.column``.
        width: how many columns were asked for.
        refused: why it cannot be followed back to persons; empty when it can.
    """

    statement: Any = None
    names: frozenset[str] = NONE
    width: int = 0
    watches: Sequence[Watch] = ()
    refused: str = ""

    def watch(self, result: Result[Any], errand: Looking, *, is_orm: bool) -> Result[Any]:
        """Return the result that was asked for; its rows are noted before they are handed on."""
        chunked = result if is_orm and isinstance(result, ChunkedIteratorResult) else _chunked(result)
        source = chunked.chunks
        chunked.chunks = lambda size: self._noted(source(size), errand)
        chunked.iterator = (row for rows in chunked.chunks(chunked._yield_per) for row in rows)
        return chunked.columns(*range(self.width))

    def _noted(self, chunks: Iterator[Sequence[Any]], errand: Looking) -> Iterator[Sequence[Any]]:
        for rows in chunks:
            for row in rows:
                for watch in self.watches:
                    _note(row, watch, errand)
            yield rows


NOTHING = Extended()
_clean: WeakKeyDictionary[Any, int] = WeakKeyDictionary()
"""Selects that show nothing personal, with the register's edition that says so; a kept statement is read through once.

By identity: a statement that is built from another is another."""


def _note(row: Any, watch: Watch, errand: Looking) -> None:
    identity = [row[position] for position in watch.keys]
    if None in identity:
        return  # the outer side of a join: there is no such row
    person = row[watch.subject] if watch.table.rows_are_accounts else None
    errand.saw(watch.table.name, "/".join(str(part) for part in identity), person, set(watch.columns))


def _chunked(result: Any) -> ChunkedIteratorResult[Any]:
    """Give the result of a core select the form in which results of models come."""
    metadata = SimpleResultMetaData(list(result.keys()), [_spellings(result, key) for key in range(len(result.keys()))])

    def chunks(size: int | None) -> Iterator[list[Any]]:
        while rows := (result.fetchmany(size) if size else result.fetchall()):
            yield [tuple(row) for row in rows]
            if not size:
                return

    made: ChunkedIteratorResult[Any] = ChunkedIteratorResult(metadata, chunks, raw=result)
    if result._yield_per:
        made = made.yield_per(result._yield_per)
    return made


def _spellings(result: Any, position: int) -> tuple[Any, ...]:
    """Return the objects by which a value of a row may be asked for."""
    columns = result.context.compiled._result_columns
    return tuple(columns[position].objects) if position < len(columns) else ()


def extended(statement: Any) -> Extended:
    """Return a select with the persons of its personal columns added; one that shows none comes back without names."""
    if isinstance(statement, Select) and _clean.get(statement) == REGISTER.edition:
        return NOTHING
    try:
        found = _extended(statement)
    except Opaque as opaque:
        return Extended(refused=f"{opaque} hides whose it is: select the column itself")
    if not found.names and isinstance(statement, Select):
        _clean[statement] = REGISTER.edition
    return found


def _extended(statement: Any) -> Extended:
    if isinstance(statement, StatementLambdaElement):
        statement = statement._resolved
    if _smuggled := _expressions_of_options(statement):
        raise Opaque(f"with_expression over {sorted(_smuggled)[0]}")
    if isinstance(statement, selectable.CompoundSelect):
        return _only_clean(statement, "a union of")
    if not isinstance(statement, Select | FromStatement):
        return Extended()
    asked = list(_asked(statement))
    shown = _shown(asked)
    if not shown:
        return Extended()
    if isinstance(statement, FromStatement):
        raise Opaque(f"from_statement over {shown[0].table}.{shown[0].column}")
    if statement._distinct or statement._group_by_clauses or statement._having_criteria:
        raise Opaque(f"DISTINCT or GROUP BY over {shown[0].table}.{shown[0].column}")
    return _with_persons(statement, shown, len(asked))


def _only_clean(statement: Any, what: str) -> Extended:
    for part in statement.selects:
        for column in part.selected_columns if hasattr(part, "selected_columns") else ():
            if named := personal_in(column):
                raise Opaque(f"{what} {sorted(named)[0]}")
    return Extended()


def _asked(statement: Any) -> Iterator[Any]:
    """Yield what a select was asked for, one by one as its rows have it: models, columns, expressions, texts."""
    for raw in statement._raw_columns:
        if isinstance(raw, selectable.FromClause) and "parententity" not in raw._annotations:
            yield from raw.columns
        else:
            yield raw


def _shown(asked: list[Any]) -> list[Reference]:
    """Return the personal columns that are asked for outside of models, which their mappers watch."""
    return [
        reference
        for expression in asked
        if not isinstance(expression, selectable.FromClause | elements.TextClause)
        for reference in references(expression)
    ]


def _with_persons(statement: Any, shown: list[Reference], width: int) -> Extended:
    sources: dict[tuple[Trail, str], list[Reference]] = {}
    for reference in shown:
        sources.setdefault((reference.trail, reference.table), []).append(reference)
    extra: list[Any] = []
    watches = []
    for (_, name), found in sources.items():
        table = REGISTER.tables[name]
        wanted = [_column(found[0], table, column) for column in (*table.keys, table.subject)]
        places = [width + len(extra) + offset for offset in range(len(wanted))]
        extra += [column.label(f"look_{len(extra) + offset}") for offset, column in enumerate(wanted)]
        columns = frozenset(reference.column for reference in found)
        watches.append(Watch(table, columns, places[:-1], places[-1]))
    names = frozenset(f"{reference.table}.{reference.column}" for reference in shown)
    return Extended(statement.add_columns(*extra), names, width, watches)


def _column(reference: Reference, table: GatedTable, name: str) -> Any:
    """Return the column of a source that holds what the column of the table holds, of the row that is referred to."""
    for column in reference.source.c:
        found = origin(column)
        if found is not None and found[1] == reference.trail and _is(found[0], table.name, name):
            _refuse_gathered(reference.source, table)
            return column
    raise Opaque(f"a subquery of {table.name} without {table.name}.{name} of the same row")


def _is(base: Any, table: str, name: str) -> bool:
    return bool(base.name.lower() == name.lower() and getattr(base.table, "name", "").lower() == table.lower())


def _refuse_gathered(source: Any, table: GatedTable) -> None:
    inner = getattr(source, "element", None)
    if isinstance(inner, Select) and (inner._distinct or inner._group_by_clauses or inner._having_criteria):
        raise Opaque(f"DISTINCT or GROUP BY in a subquery of {table.name}")
    if inner is not None and not isinstance(inner, Select | selectable.TableClause):
        raise Opaque(f"{type(inner).__name__} in a subquery of {table.name}")


def _expressions_of_options(statement: Any) -> set[str]:
    """Return personal columns that a loader option lays under another attribute (``with_expression``)."""
    found: set[str] = set()
    for option in getattr(statement, "_with_options", ()):
        for part in getattr(option, "context", ()):
            if dict(getattr(part, "strategy", None) or ()).get("query_expression"):
                found |= {name for expression in part._extra_criteria for name in personal_in(expression)}
    return found


Noted = Callable[[Sequence[Any]], None]
__all__ = ["Extended", "Watch", "extended"]
