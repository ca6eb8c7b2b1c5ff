"""Two ways through a long list: page numbers with a total, and keyset cursors that stay fast at any depth."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar
from weakref import WeakSet

from sqlalchemy import BigInteger, BindParameter, ColumnElement, Integer, Select, and_, bindparam, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from egovframe.core.persistence.kept import derived
from egovframe.core.persistence.quick import NotQuick, quick_rows
from egovframe.core.persistence.types import UTCDateTime
from egovframe.errors import BadRequest
from egovframe.lazy import lazy_gettext as _

T = TypeVar("T")
MAX_PAGE_SIZE = 100
MAX_PAGE = 10_000
NOT_OURS = _("The cursor is not one of ours: start again without it.")
_met: WeakSet[Select[*tuple[Any, ...]]] = WeakSet()


@dataclass(frozen=True, slots=True)
class NumberedPage(Generic[T]):
    """One page of a list with its total."""

    items: list[T]
    page: int
    page_size: int
    total: int

    @property
    def pages(self) -> int:
        """The number of pages, at least 1."""
        return max(1, -(-self.total // self.page_size))


@dataclass(frozen=True, slots=True)
class CursorPage(Generic[T]):
    """One page of a list with the cursor of the next one, or None at the end."""

    items: list[T]
    next_cursor: str | None


def numbered_page(session: Session, statement: Select[T], page: int = 1, page_size: int = 20) -> NumberedPage[T]:
    """Run the statement for one page (from 1) and count the whole.

    Items are the entities of a statement that selects one thing, and rows (with the names of the columns) otherwise.
    """
    page, page_size = min(max(1, page), MAX_PAGE), min(max(1, page_size), MAX_PAGE_SIZE)
    cut = {"page_limit": page_size, "page_offset": (page - 1) * page_size}
    rows = _rows(session, derived(statement, "page", _with_total), cut)
    if rows or page == 1:
        total = rows[0].page_total if rows else 0
    else:
        total = session.execute(derived(statement, "total", _total)).scalar_one()
    return NumberedPage(_items(rows, 2), page, page_size, total)


def keyset_page(
    session: Session,
    statement: Select[T],
    instant: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[int],
    *,
    cursor: str | None = None,
    page_size: int = 20,
    newest_first: bool = True,
) -> CursorPage[T]:
    """Run the statement ordered by (instant, id), starting after the cursor.

    Items are the entities of a statement that selects one thing, and rows (with the names of the columns) otherwise.

    Raises:
        BadRequest: the cursor is not one of ours.
    """
    page_size = min(max(1, page_size), MAX_PAGE_SIZE)
    values: dict[str, Any] = {"page_limit": page_size + 1}
    if cursor:
        values["page_at"], values["page_key"] = _read_cursor(cursor)
    cut = (instant, key, bool(cursor), newest_first)
    rows = _items(_rows(session, derived(statement, cut, lambda whole: _cut(whole, *cut)), values), 1)
    more = len(rows) > page_size
    rows = rows[:page_size]
    last: Any = rows[-1] if rows else None
    following = _write_cursor(getattr(last, instant.key), getattr(last, key.key)) if more else None
    return CursorPage(rows, following)


def counted_page(
    session: Session,
    statement: Select[T],
    key: InstrumentedAttribute[int],
    *,
    cursor: str | None = None,
    page_size: int = 20,
) -> CursorPage[T]:
    """Run the statement ordered by id, the highest first, starting after the cursor; otherwise like ``keyset_page``.

    For rows that are only ever added, where the order of their ids is the order in which they came.

    Raises:
        BadRequest: the cursor is not one of ours.
    """
    page_size = min(max(1, page_size), MAX_PAGE_SIZE)
    if cursor:
        statement = statement.where(key < _read_number(cursor))
    rows = _items(session.execute(statement.order_by(key.desc()).limit(page_size + 1)).all(), 1)
    more = len(rows) > page_size
    rows = rows[:page_size]
    return CursorPage(rows, str(getattr(rows[-1], key.key)) if more else None)


def _read_number(cursor: str) -> int:
    if not (cursor.isascii() and cursor.isdecimal() and len(cursor) < 19):
        raise BadRequest(NOT_OURS)
    return int(cursor)


def _rows(session: Session, statement: Select[*tuple[Any, ...]], values: Mapping[str, Any]) -> Sequence[Any]:
    # The quick way pays from the second time on: a statement that its caller builds anew never gets there.
    if statement in _met:
        try:
            return quick_rows(session, statement, values)
        except NotQuick:
            return session.execute(statement, values).all()
    _met.add(statement)
    return session.execute(statement, values).all()


def _items(rows: Sequence[Any], one: int) -> list[Any]:
    """Return entities where a row has as many columns as one entity's statement, else the rows."""
    return [row[0] for row in rows] if rows and len(rows[0]) == one else list(rows)


def _with_total(statement: Select[T]) -> Select[*tuple[Any, ...]]:
    # The total comes with every row: on both databases it is counted once, and one statement is less than two.
    total = _total(statement).scalar_subquery().label("page_total")
    whole: Select[*tuple[Any, ...]] = statement.add_columns(total)
    return whole.limit(_whole("page_limit")).offset(_whole("page_offset"))


def _total(statement: Select[T]) -> Select[int]:
    return select(func.count()).select_from(statement.order_by(None).subquery())


def _whole(name: str) -> BindParameter[int]:
    return bindparam(name, type_=Integer())


def _cut(
    statement: Select[T],
    instant: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[int],
    after: bool,
    newest_first: bool,
) -> Select[T]:
    if after:
        statement = statement.where(_following(instant, key, newest_first))
    order = (instant.desc(), key.desc()) if newest_first else (instant.asc(), key.asc())
    return statement.order_by(*order).limit(_whole("page_limit"))


def _following(
    instant: InstrumentedAttribute[datetime], key: InstrumentedAttribute[int], newest_first: bool
) -> ColumnElement[bool]:
    # Written out instead of a row value: SQLite and PostgreSQL both use the index for it.
    at, number = bindparam("page_at", type_=UTCDateTime()), bindparam("page_key", type_=BigInteger())
    if newest_first:
        return or_(instant < at, and_(instant == at, key < number))
    return or_(instant > at, and_(instant == at, key > number))


def _write_cursor(at: datetime, number: int) -> str:
    return base64.urlsafe_b64encode(json.dumps([at.isoformat(), number]).encode()).decode().rstrip("=")


def _read_cursor(cursor: str) -> tuple[datetime, int]:
    try:
        at, number = json.loads(base64.urlsafe_b64decode(cursor[:200] + "=" * (-len(cursor[:200]) % 4)))
        instant = datetime.fromisoformat(at)
        if instant.tzinfo is None or not isinstance(number, int) or abs(number) >= 2**63:
            raise ValueError(cursor)
        instant = instant.astimezone(UTC)
    except (ValueError, TypeError, OverflowError, RecursionError) as error:
        raise BadRequest(NOT_OURS) from error
    return instant, number
