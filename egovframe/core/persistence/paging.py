"""Two ways through a long list: page numbers with a total, and keyset cursors that stay fast at any depth."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from egovframe.errors import BadRequest

T = TypeVar("T")
MAX_PAGE_SIZE = 100
MAX_PAGE = 10_000


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
    """Run the statement for one page (from 1) and count the whole."""
    page, page_size = min(max(1, page), MAX_PAGE), min(max(1, page_size), MAX_PAGE_SIZE)
    total = session.execute(select(func.count()).select_from(statement.order_by(None).subquery())).scalar_one()
    rows = session.scalars(statement.limit(page_size).offset((page - 1) * page_size)).all()
    return NumberedPage(list(rows), page, page_size, total)


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

    Raises:
        BadRequest: the cursor is not one of ours.
    """
    page_size = min(max(1, page_size), MAX_PAGE_SIZE)
    if cursor:
        statement = statement.where(_after(instant, key, *_read_cursor(cursor), newest_first=newest_first))
    order = (instant.desc(), key.desc()) if newest_first else (instant.asc(), key.asc())
    rows = list(session.scalars(statement.order_by(*order).limit(page_size + 1)).all())
    more = len(rows) > page_size
    rows = rows[:page_size]
    last: Any = rows[-1] if rows else None
    following = _write_cursor(getattr(last, instant.key), getattr(last, key.key)) if more else None
    return CursorPage(rows, following)


def _after(
    instant: InstrumentedAttribute[datetime],
    key: InstrumentedAttribute[int],
    at: datetime,
    number: int,
    *,
    newest_first: bool,
) -> ColumnElement[bool]:
    # Written out instead of a row value: SQLite and PostgreSQL both use the index for it.
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
        raise BadRequest("The cursor is not one of ours: start again without it.") from error
    return instant, number
