"""Parts of a statement that could show what they do not name: texts, bare names, hints, constructs of somebody else's.

Beside a table with personal columns they are refused, with what to write instead: what a text says or how a foreign
construct is compiled cannot be followed to rows and persons.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy.sql import elements, functions, operators, selectable
from sqlalchemy.sql.visitors import ExternallyTraversible

from egovframe.core.modules.privacy.register import GatedTable
from egovframe.core.modules.privacy.statements import children_of, personal_in, values_of

LITERAL = re.compile(r"\s*(?:\d+|null|true|false|'[^']*')\s*", re.IGNORECASE)
WORD = re.compile(r"\w+")
OPERATOR = re.compile(r"[^\w\s\"'`(),;.]+|[a-z]+(?: [a-z]+){0,3}", re.IGNORECASE)
READERS = frozenset(
    {"pg_stats", "pg_stats_ext", "pg_stats_ext_exprs", "pg_statistic", "pg_statistic_ext_data", "ts_stat", "dblink"}
    | {
        f"{what}_to_{form}"
        for what in ("query", "table", "cursor", "schema", "database")
        for form in ("xml", "xmlschema")
    }
    | {"query_to_xml_and_xmlschema", "table_to_xml_and_xmlschema", "sqlite_stat3", "sqlite_stat4"}
)
"""Tables and functions of the databases that give samples of any table, or read one whose name is a mere value."""
HINTS = frozenset({"materialized", "not", "or", "ignore", "replace", "abort", "fail", "rollback"})
"""Words that may stand before or behind a statement as text."""

_foreign: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()
"""Classes of constructs, and whether they come from outside of SQLAlchemy."""


def words_of(text: str) -> set[str]:
    """Return the words of an SQL text, as databases compare them."""
    return set(WORD.findall(text.lower()))


def by_name(words: set[str]) -> str:
    """Return why words of a statement read tables that it need not name; empty when none does."""
    found = sorted(words & READERS)
    return (
        f"uses {found[0]}, which reads tables that the statement does not name: read the model's columns"
        if found
        else ""
    )


def hidden_in(statement: Any, tables: Sequence[GatedTable]) -> str:
    """Return why a statement cannot be understood beside tables with personal columns; empty when it can."""
    names = {word.lower() for table in tables for word in (table.name, *table.columns)}
    beside = f"beside {tables[0].name}"
    labels: list[Any] = []
    parts = list(nodes(statement))
    for node in parts:
        if reason := _unreadable(node, names):
            return f"has {reason} {beside}: {_instead(node)}"
        if isinstance(node, elements._textual_label_reference):
            labels.append(node.element)
    if labels and (named := words_of(" ".join(labels)) & {*names, *_spoken_for(parts)}):
        return f"sorts or groups by the text {sorted(named)[0]!r} {beside}: write the column itself (Model.column)"
    if written := _fragment(statement, names):
        return f"has a piece of text ({written[:40]}) {beside}: name columns of the model"
    return ""


# Node by node.


def nodes(statement: Any) -> Iterator[Any]:
    """Yield every part of a statement once, sources that only columns lead to included."""
    waiting, known = [statement], set()
    while waiting:
        node = waiting.pop()
        if id(node) in known:
            continue
        known.add(id(node))
        yield node
        waiting += _below(node)


def _below(node: Any) -> Iterator[Any]:
    if isinstance(node, selectable.TableClause):
        return
    if isinstance(node, elements.ColumnClause):
        if node.table is not None:
            yield node.table
    elif isinstance(node, selectable.Values | selectable.ScalarValues):
        yield from values_of(node)
    else:
        yield from node.get_children()
        for rows in vars(node).get("_multi_values", ()):
            yield from (value for row in rows for value in _given(row) if hasattr(value, "get_children"))


def _given(row: Any) -> Iterable[Any]:
    values: Iterable[Any] = row.values() if hasattr(row, "values") else row
    return values


def _unreadable(node: Any, names: set[str]) -> str:
    """Return what a part is that could show anything; empty when it is understood."""
    if _is_foreign(type(node)) or hasattr(type(node), "_compiler_dispatcher"):
        return f"the construct {type(node).__name__}"
    if isinstance(node, elements.ColumnClause) and node.table is None and not node.is_literal:
        return f"the bare column({node.name!r})"
    if text := next((text for text in _hints(node) if words_of(text) - HINTS), ""):
        return f"the hint ({text[:40]})"
    if text := _raw(node, names):
        return f"the raw text ({text[:40]})"
    return ""


def _instead(node: Any) -> str:
    if isinstance(node, elements.ColumnClause):
        return "take it from the model or the subquery (Model.column, subquery.c.column)"
    return "select the model's columns, and do the rest in Python"


def _is_foreign(kind: Any) -> bool:
    """Whether a class of constructs comes from outside of SQLAlchemy: how it is compiled is its author's secret."""
    known = _foreign.get(kind)
    if known is None:
        known = _foreign[kind] = any(
            issubclass(one, ExternallyTraversible) and not one.__module__.startswith("sqlalchemy.")
            for one in kind.__mro__
        )
    return known


def _hints(node: Any) -> Iterator[str]:
    before = node._prefixes if isinstance(node, selectable.HasPrefixes) else ()
    behind = node._suffixes if isinstance(node, selectable.HasSuffixes) else ()
    for clause, _dialect in (*before, *behind):
        yield getattr(clause, "text", type(clause).__name__)
    if isinstance(node, selectable.HasHints):
        yield from (text for _dialect, text in node._statement_hints)
        yield from node._hints.values()


def _raw(node: Any, names: set[str]) -> str:
    """Return text that a part puts into the statement as it is: an operator, a field, a name that is not quoted."""
    own = vars(node)  # asking a column for what it has not is slow
    for operator in (own.get("operator"), own.get("modifier")):
        if isinstance(operator, operators.custom_op) and not _is_operator(operator.opstring, names):
            return operator.opstring
    if isinstance(node, elements.Extract) and not WORD.fullmatch(node.field):
        return node.field
    name = own.get("name")
    return str(name) if getattr(name, "quote", None) is False and not WORD.fullmatch(str(name)) else ""


def _is_operator(text: str, names: set[str]) -> bool:
    return OPERATOR.fullmatch(text.strip()) is not None and not words_of(text) & names


def _spoken_for(parts: Iterable[Any]) -> Iterator[str]:
    """Yield the names under which a statement passes on personal columns."""
    for node in parts:
        columns = node.c if isinstance(node, selectable.AliasedReturnsRows) else [node]
        for column in columns:
            if isinstance(column, elements.Label | elements.ColumnClause) and personal_in(column):
                yield column.name.lower()


# Text.


def _fragment(statement: Any, names: Iterable[str]) -> str:
    """Return a piece of plain text in a statement that could show what it does not name."""
    known = set(names)
    for child, put_out in children_of(statement):
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
        for child, inner in children_of(node):
            yield from _texts(child, put_out=put_out or inner)
    elif not isinstance(node, selectable.TableClause) and hasattr(node, "get_children"):
        for child in node.get_children():
            yield from _texts(child, put_out=put_out)


__all__ = ["by_name", "hidden_in", "nodes", "words_of"]
