"""Reads: tables, and their codes in the order in which people read them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.codes.models import Code, CodeTable
from egovframe.errors import NotFound


def code_tables(session: Session) -> Sequence[CodeTable]:
    """Return every table, by code."""
    return session.scalars(select(CodeTable).order_by(CodeTable.code)).all()


def code_table(session: Session, code: str) -> CodeTable:
    """Return the table of that code.

    Raises:
        NotFound: there is none.
    """
    found = session.scalars(select(CodeTable).where(CodeTable.code == code)).one_or_none()
    if found is None:
        raise NotFound(_("There is no code table %(code)s.", code=code))
    return found


def code_of(session: Session, table: str, code: str) -> Code | None:
    """Return one code whether in force or not, or None."""
    statement = select(Code).join(Code.table).where(CodeTable.code == table, Code.code == code)
    return session.scalars(statement).one_or_none()


def codes(session: Session, table: str, at: datetime | None = None) -> list[Code]:
    """Return a table's codes as a tree read from top to bottom: each followed by those below it, in their order.

    Args:
        table: the table's code.
        at: leave out codes that are not in force at the instant, and what lies below them; None gives all.

    Raises:
        NotFound: there is no such table.
    """
    owner = code_table(session, table)
    rows = session.scalars(select(Code).where(Code.table_id == owner.id).order_by(Code.position, Code.code)).all()
    return list(_read_down(rows, at))


def parents_of(rows: Iterable[Code]) -> dict[int, str | None]:
    """Return the code of the parent by the id of the row, for the rows of one table."""
    listed = list(rows)
    by_id = {row.id: row.code for row in listed}
    return {row.id: by_id.get(row.parent_id) if row.parent_id is not None else None for row in listed}


def _read_down(rows: Sequence[Code], at: datetime | None) -> Iterator[Code]:
    below: dict[int | None, list[Code]] = {}
    for row in rows:
        below.setdefault(row.parent_id, []).append(row)
    waiting = below.pop(None, [])[::-1]
    while waiting:
        row = waiting.pop()
        if at is None or row.holds(at):
            yield row
            waiting += below.pop(row.id, [])[::-1]
