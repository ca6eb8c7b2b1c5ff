"""What an expression or a part of a statement does with personal columns, followed back to the tables.

``references`` serves the step that adds the person to a column select: it understands a small list of expressions and
says so of everything else. ``personal_in`` names every personal column below any part of a statement.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Bundle
from sqlalchemy.sql import elements, functions, selectable

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
Trail = tuple[int, ...]
"""The sources (table, alias, subquery …) that a column passed through on its way out, outermost first. Two columns of a
subquery with the same trail come from the same row."""


class Opaque(Exception):
    """An expression over a personal column that cannot be followed back to rows and persons."""


@dataclass(frozen=True, slots=True)
class Reference:
    """A personal column as a statement names it: the source (table, alias, subquery) that it is taken from."""

    table: str
    column: str
    source: Any
    trail: Trail


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


def _traced(column: Any, source: Any, before: Trail = ()) -> Iterator[Reference]:
    trail = (*before, hash(column.table))
    if named := sorted(_produced(column.table)):
        raise Opaque(f"{column.name} made of {named[0]}")
    if column._proxies:
        for inner in column._proxies:
            for leaf in _leaves(inner):
                yield from _traced(leaf, source, trail)
    elif found := REGISTER.gated(getattr(column.table, "name", ""), column.name):
        yield Reference(*found, source, trail)


def origin(column: Any) -> tuple[Any, Trail] | None:
    """Return the column of a table that a column passes on as it is, and its trail; None when it is an expression."""
    while isinstance(column, elements.Label | elements.Grouping):
        column = column.element
    if not isinstance(column, elements.ColumnClause) or column.table is None:
        return None
    here = hash(column.table)
    if not column._proxies:
        return column, (here,)
    inner = [origin(proxy) for proxy in column._proxies]  # several in a union, and where a label is one of them
    first = inner[0]
    if first is None or any(one is None or (hash(one[0]), one[1]) != (hash(first[0]), first[1]) for one in inner):
        return None
    return first[0], (here, *first[1])


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
        yield from named_in_select(node, inside)
    elif isinstance(node, selectable.Values | selectable.ScalarValues):
        for value in values_of(node):
            yield from _named(value, True)
    elif hasattr(node, "get_children"):
        for child in node.get_children():
            yield from _named(child, inside)


def _bases(column: Any) -> Iterator[str]:
    for one in column.proxy_set:
        yield from _produced(getattr(one, "table", None))
    for base in column.base_columns:
        if isinstance(base, elements.ColumnClause):
            if found := REGISTER.gated(getattr(base.table, "name", ""), base.name):
                yield ".".join(found)
        elif base is not column:
            yield from _named(base, True)


def _produced(source: Any) -> Iterator[str]:
    """Yield the personal columns that rows are made of which no table holds (``json_each(…)``, ``VALUES``)."""
    if isinstance(source, selectable.TableValuedAlias):
        yield from _named(source.element, True)
    elif isinstance(source, selectable.Values):
        yield from _named(source, True)


def values_of(source: Any) -> Iterator[Any]:
    """Yield the expressions of a VALUES."""
    for rows in source._data:
        for row in rows:
            yield from (
                value for value in row if hasattr(value, "get_children") or hasattr(value, "__clause_element__")
            )


def named_in_select(statement: Any, inside: bool) -> Iterator[str]:
    """Yield the personal columns of a select; unless ``inside``, only those that it does more with than pass on."""
    for child, put_out in children_of(statement):
        if inside or not put_out:
            # The parts of a union pass on just as the union does; everything else compares, sorts or joins.
            part = isinstance(child, selectable.SelectBase)
            yield from _named(child, inside if part else True)


def children_of(statement: Any) -> Iterator[tuple[Any, bool]]:
    """Yield (child, whether it is put out); a column that is put out and sorted by comes twice, put out first."""
    put_out = Counter(id(column) for column in getattr(statement, "_raw_columns", ()))
    for child in statement.get_children():
        put_out[id(child)] -= 1
        yield child, put_out[id(child)] >= 0


__all__ = [
    "Opaque",
    "Reference",
    "children_of",
    "named_in_select",
    "origin",
    "personal_in",
    "references",
    "values_of",
]
