"""Emptying columns: what stands there afterwards, and which rows still say something."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Numeric, Text, delete, false, or_, true, type_coerce, update
from sqlalchemy.orm import Session
from sqlalchemy.types import TypeDecorator

from egovframe.core.modules.privacy.declaration import personal_of
from egovframe.core.modules.privacy.subjects import Facet, Unresolvable, key_of
from egovframe.core.persistence import BoundedJSON, EncryptedText

CHUNK = 500
"""Rows changed by one statement."""


def emptied(column: Column[Any]) -> Any:
    """Return what stands in a column once its value is erased: nothing, or the emptiest value that it takes.

    Raises:
        Unresolvable: the column takes no empty value; let ``subjects(rows="delete")`` delete its rows.
    """
    if column.nullable:
        return None
    if isinstance(column.type, EncryptedText):
        raise Unresolvable(f"{column.table.name}.{column.name} is encrypted and not nullable: delete its rows")
    if isinstance(column.type, BoundedJSON):
        # SQLAlchemy wraps the callable so that it takes an execution context.
        return column.default.arg(None) if column.default is not None and column.default.is_callable else {}  # type: ignore[attr-defined]
    plain = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    return 0 if isinstance(plain, Numeric) else ""


def is_filled(facet: Facet, *, openly: bool = True) -> ColumnElement[bool]:
    """Return the condition for rows in which a declared column still says something.

    Args:
        facet: whose columns.
        openly: False leaves out what is shown openly: severing keeps that.
    """
    if openly and facet.sheet.rows == "delete":
        return true()
    names = [column for column in facet.columns if openly or not _is_open(column)]
    ends_as = facet.sheet.erasing if openly else {}
    conditions = [_differs(column, ends_as.get(column.name, emptied(column))) for column in names]
    if facet.columns:
        # Whoever gave nothing but is linked is still somebody.
        conditions += [_differs(facet.table.c[name], value) for name, value in facet.sheet.severing.items()]
    return or_(*conditions) if conditions else false()


def erase_rows(session: Session, facet: Facet, keys: Sequence[Any]) -> None:
    """Empty every declared column of the rows, or delete the rows where the table says so."""
    sheet = facet.sheet
    if sheet.outside is not None:
        for some in chunks(keys):
            sheet.outside(session, some)
    if sheet.rows == "delete":
        for some in chunks(keys):
            session.execute(delete(facet.table).where(key_of(facet.table).in_(some)))
        return
    values = {column.name: emptied(column) for column in facet.columns}
    _overwrite(session, facet, keys, {**values, **sheet.severing, **sheet.erasing})


def sever_rows(session: Session, facet: Facet, keys: Sequence[Any]) -> None:
    """Cut the link to the person and empty what is masked; what was handed in to be read stays, nobody's now."""
    values = {column.name: emptied(column) for column in facet.columns if not _is_open(column)}
    _overwrite(session, facet, keys, {**values, **facet.sheet.severing})


def chunks(keys: Sequence[Any]) -> Iterator[Sequence[Any]]:
    """Yield the keys in parts that one statement takes."""
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]


def _overwrite(session: Session, facet: Facet, keys: Sequence[Any], values: dict[str, Any]) -> None:
    if not values:
        return
    for some in chunks(keys):
        session.execute(update(facet.table).where(facet.key.in_(some)).values(values))


def _is_open(column: Column[Any]) -> bool:
    declared = personal_of(column)
    return declared is not None and declared.openly


def _differs(column: Column[Any], value: Any) -> ColumnElement[bool]:
    if value is None:
        return column.is_not(None)
    if isinstance(column.type, BoundedJSON):
        return type_coerce(column, Text()) != json.dumps(value, sort_keys=True, separators=(",", ":"))
    differs: ColumnElement[bool] = column != value
    return differs


def tables_of(found: Iterable[Facet]) -> list[str]:
    """Return the names of the tables of facets, each once."""
    return list(dict.fromkeys(facet.table.name for facet in found))
