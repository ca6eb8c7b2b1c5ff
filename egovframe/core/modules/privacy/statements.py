"""What a statement does with personal columns: shows them, works with them, searches by them, or hides what it does.

Two readers use this. ``references`` serves the step that adds the person to a column select; it understands a small
list of expressions and says so of everything else. ``judged`` serves the gate: it looks at what a compiled statement
really puts out, so that nothing that the first step misunderstood comes through.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Bundle
from sqlalchemy.sql import elements, functions, selectable
from sqlalchemy.sql.compiler import SQLCompiler

from egovframe.core.modules.privacy.register import REGISTER

HARMLESS = frozenset(
    {"lower", "upper", "trim", "ltrim", "rtrim", "length", "char_length", "coalesce", "nullif", "concat", "replace"}
    | {"substr", "substring", "left", "right", "now", "current_timestamp"}
)
"""Functions that make one value of one row's values. A list of what is allowed, never of what is not: databases have
hundreds of functions, and some gather a whole table into one value."""

TRANSPARENT = (
    elements.Label,
    elements.Cast,
    elements.TypeCoerce,
    elements.BinaryExpression,
    elements.UnaryExpression,
    elements.Grouping,
    elements.Case,
    elements.ExpressionClauseList,
    elements.ClauseList,
    elements.BindParameter,
    elements.Null,
    elements.True_,
    elements.False_,
)
LITERAL = re.compile(r"\s*(?:\d+|null|true|false|'[^']*')\s*", re.IGNORECASE)
WORD = re.compile(r"\w+")
UPKEEP = re.compile(r"\s*(?:pragma|analyze|vacuum|reindex)\b", re.IGNORECASE)
NOTHING: frozenset[str] = frozenset()
TEXT = "is text that names %s: write it with the model, through the session"


class Opaque(Exception):
    """An expression over a personal column that cannot be followed back to rows and persons."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A personal column as a statement names it: the source (table, alias, subquery) that it is taken from."""

    table: str
    column: str
    source: Any


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a compiled statement does with personal columns, each as ``table.column``.

    Attributes:
        shown: put out as they are.
        worked: put out inside an expression.
        searched: compared, sorted or grouped by.
        refused: why the statement is refused; empty when it is not.
    """

    shown: frozenset[str] = NOTHING
    worked: frozenset[str] = NOTHING
    searched: frozenset[str] = NOTHING
    refused: str = ""

    def __bool__(self) -> bool:
        return bool(self.shown or self.worked or self.searched or self.refused)


CLEAN = Verdict()


# What is put out, followed back to tables.


def references(expression: Any) -> list[Reference]:
    """Return the personal columns that an expression shows.

    Raises:
        Opaque: it works with a personal column in a way that leads to no row.
    """
    found: list[Reference] = []
    for leaf in _leaves(expression):
        found += _traced(leaf, leaf.table)
    return found


def _leaves(node: Any) -> Iterator[Any]:
    """Yield the columns of an expression that is made of allowed parts only; anything else must hold none."""
    if hasattr(node, "__clause_element__"):
        node = node.__clause_element__()
    if isinstance(node, Bundle):
        for column in node.c:
            yield from _leaves(column)
    elif isinstance(node, elements.ColumnClause):
        if node.table is not None:
            yield node
    elif isinstance(node, TRANSPARENT) or _is_harmless(node):
        for child in node.get_children():
            yield from _leaves(child)
    elif gated := sorted(personal_in(node)):
        raise Opaque(f"{_kind(node)} over {gated[0]}")


def _is_harmless(node: Any) -> bool:
    return isinstance(node, functions.FunctionElement) and getattr(node, "name", "").lower() in HARMLESS


def _kind(node: Any) -> str:
    return (
        f"{node.name}()"
        if isinstance(node, functions.FunctionElement) and hasattr(node, "name")
        else type(node).__name__
    )


def _traced(column: Any, source: Any) -> Iterator[Reference]:
    for base in column.base_columns:
        name = getattr(getattr(base, "table", None), "name", "")
        if isinstance(base, elements.ColumnClause):
            if REGISTER.holds(name, base.name):
                yield Reference(name, base.name, source)
        else:
            for leaf in _leaves(base):
                yield from _traced(leaf, source)


def personal_in(node: Any, *, inside: bool = True) -> set[str]:
    """Return every personal column below a node of a statement, as ``table.column``.

    Args:
        inside: whether what a subquery merely passes on counts.
    """
    return set(_named(node, inside))


def _named(node: Any, inside: bool) -> Iterator[str]:
    if hasattr(node, "__clause_element__"):
        node = node.__clause_element__()
    if isinstance(node, elements.ColumnClause):
        yield from _bases(node)
    elif isinstance(getattr(node, "element", node), selectable.TableClause):
        return
    elif isinstance(node, selectable.AliasedReturnsRows):
        yield from _named(node.element, False)
    elif isinstance(node, selectable.SelectBase):
        yield from _named_in_select(node, inside)
    elif hasattr(node, "get_children"):
        for child in node.get_children():
            yield from _named(child, inside)


def _bases(column: Any) -> Iterator[str]:
    for base in column.base_columns:
        if isinstance(base, elements.ColumnClause):
            name = getattr(base.table, "name", "")
            if REGISTER.holds(name, base.name):
                yield f"{name}.{base.name}"
        elif base is not column:
            yield from _named(base, True)


def _named_in_select(statement: Any, inside: bool) -> Iterator[str]:
    for child, put_out in _children(statement):
        if inside or not put_out:
            # The parts of a union pass on just as the union does; everything else compares, sorts or joins.
            part = isinstance(child, selectable.SelectBase)
            yield from _named(child, inside if part else True)


def _children(statement: Any) -> Iterator[tuple[Any, bool]]:
    """Yield (child, whether it is put out); a column that is put out and sorted by comes twice, put out first."""
    put_out = Counter(id(column) for column in getattr(statement, "_raw_columns", ()))
    for child in statement.get_children():
        put_out[id(child)] -= 1
        yield child, put_out[id(child)] >= 0


# What a compiled statement really does.


def judged(compiled: Any) -> Verdict:
    """Return what a compiled statement does with personal columns."""
    words = words_of(compiled.string)
    tables = [table for table in REGISTER if table.name.lower() in words]
    if not tables:
        return CLEAN
    if not isinstance(compiled, SQLCompiler) or isinstance(compiled.statement, elements.TextClause):
        return Verdict(refused=TEXT % tables[0].name)
    statement = _core(compiled)
    if fragment := _fragment(statement, {word.lower() for table in tables for word in (table.name, *table.columns)}):
        return Verdict(
            refused=f"has a piece of text ({fragment[:40]}) beside {tables[0].name}: name columns of the model"
        )
    if not any(column.lower() in words for table in tables for column in table.columns):
        return CLEAN
    return _put_out(compiled, statement)


def judged_text(text: str) -> Verdict:
    """Return the verdict of plain SQL: refused as soon as it names a table with personal columns."""
    if UPKEEP.match(text):
        return CLEAN
    words = words_of(text)
    named = next((table.name for table in REGISTER if table.name.lower() in words), "")
    return Verdict(refused=TEXT % named) if named else CLEAN


def words_of(text: str) -> set[str]:
    """Return the words of an SQL text, as databases compare them."""
    return set(WORD.findall(text.lower()))


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
        return _changing(compiled, statement, shown | worked)
    if mixed := _mixed(statement):
        return Verdict(refused=f"unites {mixed} with another column")
    return Verdict(frozenset(shown), frozenset(worked), frozenset(_searched(statement)))


def _is_plain(column: Any) -> bool:
    return len(column.base_columns) == 1 and all(
        isinstance(base, elements.ColumnClause) for base in column.base_columns
    )


def _searched(statement: Any) -> set[str]:
    return set(_named_in_select(statement, False)) if isinstance(statement, selectable.SelectBase) else set()


def _changing(compiled: Any, statement: Any, returned: set[str]) -> Verdict:
    """Changes may name personal columns, but neither give them back nor copy them where nobody declared them."""
    if returned:
        return Verdict(refused=f"gives back {sorted(returned)[0]} (RETURNING): read it with a select afterwards")
    copied: set[str] = set()
    source = getattr(statement, "select", None)
    if source is not None:
        copied |= personal_in(source)
    for target, value in _values(statement):
        if not _is_gated(statement, target) and (
            hasattr(value, "get_children") or hasattr(value, "__clause_element__")
        ):
            copied |= personal_in(value)
    if copied:
        return Verdict(refused=f"copies {sorted(copied)[0]} into another column")
    return Verdict(searched=frozenset(_compared(statement)))


def _values(statement: Any) -> Iterator[tuple[Any, Any]]:
    for values in ((getattr(statement, "_values", None) or {}), *_several(statement)):
        yield from values.items()
    yield from getattr(statement, "_ordered_values", None) or ()


def _several(statement: Any) -> Iterator[Any]:
    for rows in getattr(statement, "_multi_values", ()):
        yield from (row for row in rows if hasattr(row, "items"))


def _is_gated(statement: Any, target: Any) -> bool:
    if isinstance(target, str):
        return REGISTER.holds(getattr(statement.table, "name", ""), target)
    return bool(personal_in(target))


def _compared(statement: Any) -> set[str]:
    return {name for clause in getattr(statement, "_where_criteria", ()) for name in personal_in(clause)}


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


def _fragment(statement: Any, names: Iterable[str]) -> str:
    """Return a piece of plain text in a statement that could show what it does not name."""
    known = set(names)
    for child, put_out in _children(statement):
        for strict, written in _texts(child, put_out=put_out):
            if not LITERAL.fullmatch(written) and (strict or known & words_of(written)):
                return written
    return ""


def _texts(node: Any, *, put_out: bool) -> Iterator[tuple[bool, str]]:
    """Yield (whether it is put out, text) of every literal column and text below a node."""
    if isinstance(node, elements.TextClause):
        yield put_out, node.text
    elif isinstance(node, selectable.TableValuedAlias | elements.TableValuedColumn):
        yield put_out, "*"
    elif isinstance(node, elements.ColumnClause):
        if node.is_literal:
            yield put_out, node.name
    elif isinstance(node, selectable.Exists | functions.count):
        for child in node.get_children():
            yield from ((False, text) for _put_out, text in _texts(child, put_out=False))
    elif isinstance(node, selectable.Select):
        for child, inner in _children(node):
            yield from _texts(child, put_out=put_out or inner)
    elif not isinstance(node, selectable.TableClause) and hasattr(node, "get_children"):
        for child in node.get_children():
            yield from _texts(child, put_out=put_out)


__all__ = ["CLEAN", "Opaque", "Reference", "Verdict", "judged", "judged_text", "personal_in", "references"]
