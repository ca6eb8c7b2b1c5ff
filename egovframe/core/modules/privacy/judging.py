"""What a compiled statement does with personal columns: shows them, works with them, searches by them, or hides it.

Serves the gate: it looks at what a statement really puts out, so that nothing that an earlier step misunderstood comes
through. Every statement is judged once.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakSet

from sqlalchemy.sql import elements, selectable
from sqlalchemy.sql.compiler import SQLCompiler

from egovframe.core.modules.privacy.changing import compared, copying, written
from egovframe.core.modules.privacy.hiding import by_name, hidden_in, words_of
from egovframe.core.modules.privacy.register import REGISTER, GatedTable
from egovframe.core.modules.privacy.statements import Trail, named_in_select, origin, personal_in

UPKEEP = re.compile(r"\s*(?:pragma|analyze|vacuum|reindex)\b", re.IGNORECASE)
NOTHING: frozenset[str] = frozenset()
TEXT = "is text that names %s: write it with the model, through the session"
WATCHED: WeakSet[Any] = WeakSet()
"""Columns that a mapper watches under a name of their own (a model of a select); filled as mappers are configured."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a compiled statement does with personal columns, each as ``table.column``.

    Attributes:
        shown: put out as they are.
        worked: put out inside an expression.
        searched: compared, sorted or grouped by.
        refused: why the statement is refused; empty when it is not.
        written: parameters of a change whose values go into personal columns.
    """

    shown: frozenset[str] = NOTHING
    worked: frozenset[str] = NOTHING
    searched: frozenset[str] = NOTHING
    refused: str = ""
    written: frozenset[str] = NOTHING

    def __bool__(self) -> bool:
        """Whether somebody must answer for the statement; filling columns alone shows nothing."""
        return bool(self.shown or self.worked or self.searched or self.refused)


CLEAN = Verdict()


def judged(compiled: Any) -> Verdict:
    """Return what a compiled statement does with personal columns."""
    words = words_of(compiled.string)
    if reader := by_name(words):
        return Verdict(refused=reader)
    tables = [table for table in REGISTER if table.name.lower() in words]
    if not tables:
        return CLEAN
    if not isinstance(compiled, SQLCompiler) or isinstance(compiled.statement, elements.TextClause):
        return Verdict(refused=TEXT % tables[0].name)
    statement = _core(compiled)
    if hidden := hidden_in(statement, tables):
        return Verdict(refused=hidden)
    if not any(column.lower() in words for table in tables for column in table.columns):
        return CLEAN
    return _put_out(compiled, statement)


def judged_text(text: str) -> Verdict:
    """Return the verdict of plain SQL: refused as soon as it names a table with personal columns."""
    if UPKEEP.match(text):
        return CLEAN
    words = words_of(text)
    if reader := by_name(words):
        return Verdict(refused=reader)
    named = next((table.name for table in REGISTER if table.name.lower() in words), "")
    return Verdict(refused=TEXT % named) if named else CLEAN


def _core(compiled: Any) -> Any:
    state = compiled.compile_state
    return (
        state.statement
        if state is not None and isinstance(state.statement, selectable.SelectBase)
        else compiled.statement
    )


def _put_out(compiled: Any, statement: Any) -> Verdict:
    shown: set[str] = set()
    worked: set[str] = set()
    for entry in compiled._result_columns:
        target = next((one for one in entry.objects if not isinstance(one, str)), None)
        target = getattr(target, "element", target) if type(target).__name__ == "_CompileLabel" else target
        if target is None:
            continue
        names = personal_in(target)
        plain = isinstance(target, elements.ColumnClause) and _is_plain(target)
        (shown if plain else worked).update(names)
    if compiled.isinsert or compiled.isupdate or compiled.isdelete:
        if shown or worked:
            back = sorted(shown | worked)[0]
            return Verdict(refused=f"gives back {back} (RETURNING): read it with a select afterwards")
        return Verdict(
            refused=copying(statement), searched=frozenset(compared(statement)), written=written(compiled, statement)
        )
    if copied := copying(statement):
        return Verdict(refused=copied)
    if mixed := _mixed(statement):
        return Verdict(refused=f"unites {mixed} with another column")
    return Verdict(frozenset(shown), frozenset(worked), frozenset(_searched(statement)))


def _is_plain(column: Any) -> bool:
    """Whether a column shows what its name says, of the row that its key says."""
    found = origin(column)
    if found is None:
        return False
    base, trail = found
    if base.name.lower() != column.name.lower() and not _is_watched(column):
        return False
    gated = REGISTER.gated(getattr(base.table, "name", ""), base.name)
    return gated is None or len(trail) == 1 or _is_of_one_row(column.table, REGISTER.tables[gated[0]], trail)


def _is_watched(column: Any) -> bool:
    return any(one in WATCHED and one.name == column.name for one in column.proxy_set)


def _is_of_one_row(source: Any, table: GatedTable, trail: Trail) -> bool:
    """Whether every key and person that a source passes on beside a column comes from the same row."""
    names = {name.lower() for name in (*table.keys, table.subject)}
    origins = [found for column in source.c if (found := origin(column)) is not None]
    return all(
        one == trail
        for base, one in origins
        if base.name.lower() in names and getattr(base.table, "name", "").lower() == table.name.lower()
    )


def _searched(statement: Any) -> set[str]:
    return set(named_in_select(statement, False)) if isinstance(statement, selectable.SelectBase) else set()


def _mixed(statement: Any) -> str:
    """Return a personal column that a union lays over a different column: its rows could not be told apart."""
    for union in _unions(statement):
        parts = [list(part.selected_columns) for part in union.selects if hasattr(part, "selected_columns")]
        for position in zip(*parts, strict=False):
            named = [personal_in(column) for column in position]
            if any(named) and any(one != named[0] for one in named):
                return sorted(set().union(*named))[0]
    return ""


def _unions(node: Any) -> Iterator[Any]:
    if isinstance(node, selectable.CompoundSelect):
        yield node
    if not isinstance(node, selectable.TableClause):
        for child in node.get_children():
            yield from _unions(child)


__all__ = ["CLEAN", "WATCHED", "Verdict", "judged", "judged_text"]
