"""What a change does with personal columns: it may fill and compare them, never copy them or store dots."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from sqlalchemy.sql import elements
from sqlalchemy.sql.dml import UpdateBase

from egovframe.core.modules.privacy.hiding import nodes
from egovframe.core.modules.privacy.register import REGISTER
from egovframe.core.modules.privacy.statements import personal_in

ROW = re.compile(r"_m\d+$")
"""What SQLAlchemy adds to a parameter of one of several rows."""


def copying(statement: Any) -> str:
    """Return why a statement copies personal values where nobody declared them; empty when it does not.

    Changes inside of other statements (``WITH … AS (UPDATE …)``) are looked into.
    """
    for change in nodes(statement):
        if isinstance(change, UpdateBase) and (copied := _copied(change)):
            return f"copies {sorted(copied)[0]} into another column: declare that one as personal, or read first"
    return ""


def _copied(statement: Any) -> set[str]:
    source = getattr(statement, "select", None)
    copied = personal_in(source) if source is not None else set()
    for target, value in _values(statement):
        if _is_expression(value) and not _is_gated(statement, target):
            copied |= personal_in(value)
    return copied


def _is_expression(value: Any) -> bool:
    return hasattr(value, "get_children") or hasattr(value, "__clause_element__")


def compared(statement: Any) -> set[str]:
    """Return the personal columns by which a change chooses its rows."""
    return {name for clause in getattr(statement, "_where_criteria", ()) for name in personal_in(clause)}


def written(compiled: Any, statement: Any) -> frozenset[str]:
    """Return the parameters of a change that may go into personal columns in which dots must not be stored."""
    table = getattr(statement, "table", None)
    gated = REGISTER.find(getattr(table, "name", ""))
    if table is None or gated is None or compiled.isdelete:
        return frozenset()
    open_keys = {column.key for column in table.c if not REGISTER.refuses_dots(gated.name, column.name)}
    parts = [value for target, value in _values(statement) if not _refuses_dots(statement, target)]
    harmless = {
        compiled.bind_names.get(node, node.key)
        for part in (*parts, *getattr(statement, "_where_criteria", ()))
        if _is_expression(part)
        for node in nodes(part)
        if isinstance(node, elements.BindParameter)
    }
    return frozenset(name for name in compiled.binds if name not in harmless and ROW.sub("", name) not in open_keys)


def _values(statement: Any) -> Iterator[tuple[Any, Any]]:
    for values in ((getattr(statement, "_values", None) or {}), *_several(statement)):
        yield from values.items()
    yield from getattr(statement, "_ordered_values", None) or ()
    conflict = getattr(statement, "_post_values_clause", None)
    yield from (getattr(conflict, "update_values_to_set", None) or {}).items()


def _several(statement: Any) -> Iterator[Any]:
    for rows in getattr(statement, "_multi_values", ()):
        yield from (row for row in rows if hasattr(row, "items"))


def _is_gated(statement: Any, target: Any) -> bool:
    if isinstance(target, str):
        return REGISTER.holds(getattr(statement.table, "name", ""), target)
    return bool(personal_in(target))


def _refuses_dots(statement: Any, target: Any) -> bool:
    if isinstance(target, str):
        return REGISTER.refuses_dots(getattr(statement.table, "name", ""), target)
    return any(REGISTER.refuses_dots(*name.split(".", 1)) for name in personal_in(target))


__all__ = ["compared", "copying", "written"]
