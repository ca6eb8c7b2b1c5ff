"""Verbs: put tables and codes, retire them, remove those that nobody uses. Every change is audited."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit, snapshot
from egovframe.core.modules.codes.models import Code, CodeTable
from egovframe.core.modules.codes.permissions import MANAGE_CODES
from egovframe.core.modules.codes.queries import code_of, code_table
from egovframe.core.modules.codes.uses import is_used
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, Invalid

Outcome = Literal["created", "updated", "unchanged"]
COLUMNS = ("title", "parent_id", "position", "valid_from", "valid_until")


def put_code_table(session: Session, actor: Actor, code: str, title: Translated) -> CodeTable:
    """Make a table, or give the one of that code this title; texts in other languages stay.

    Raises:
        Forbidden: the actor may not change code tables.
    """
    allow(session, actor)
    known = session.scalars(select(CodeTable).where(CodeTable.code == code)).one_or_none()
    table = known or CodeTable(code=code, title=title)
    before = {"title": known.title.to_json()} if known else None
    table.title = table.title.with_texts(title.text)
    session.add(table)
    session.flush()
    after = {"title": table.title.to_json()}
    if before != after:
        audit(session, actor, "codes:table:put", f"code_table:{code}", before=before, after=after)
    return table


def put_code(
    session: Session,
    actor: Actor,
    table: str,
    code: str,
    title: Translated,
    *,
    parent: str | None = None,
    position: int = 0,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> tuple[Code, Outcome]:
    """Make a code, or bring it to this state; texts in other languages stay.

    Raises:
        Forbidden: the actor may not change code tables.
        NotFound: there is no such table.
        Invalid: the parent is unknown or lies below the code, or the end is not after the beginning.
    """
    allow(session, actor)
    owner = code_table(session, table)
    above = code_of(session, table, parent) if parent else None
    if parent and above is None:
        raise Invalid(_("There is no code %(code)s in this table.", code=parent))
    known = code_of(session, table, code)
    check_order(valid_from, valid_until)
    check_circle(session, known, above)
    values = {
        "title": title,
        "parent_id": above.id if above else None,
        "position": position,
        "valid_from": valid_from,
        "valid_until": valid_until,
    }
    return bring(session, actor, owner, known or Code(table_id=owner.id, code=code), values)


def retire_code(session: Session, actor: Actor, table: CodeTable, code: Code, at: datetime | None = None) -> None:
    """End a code at an instant (now when None): it is no longer offered, what refers to it stays readable.

    A code that has not begun by then never will.

    Raises:
        Forbidden: the actor may not change code tables.
    """
    allow(session, actor)
    until = at or now(session)
    if code.valid_from is not None and until < code.valid_from:
        until = code.valid_from
    if code.valid_until is None or until < code.valid_until:
        bring(session, actor, table, code, {"valid_until": until})


def remove_code(session: Session, actor: Actor, table: CodeTable, code: Code) -> Literal["deleted", "retired"]:
    """Delete a code that nothing refers to; retire one that is in use or has codes below it.

    Raises:
        Forbidden: the actor may not change code tables.
    """
    allow(session, actor)
    if not is_used(session, table.code, code):
        before = _facts(code, COLUMNS)
        try:
            with session.begin_nested():
                session.delete(code)
                session.flush()
        except IntegrityError:
            # A foreign key refers to it: of a code below it, or of a table that no look-up was registered for.
            session.refresh(code)
        else:
            audit(session, actor, "codes:code:delete", f"code:{table.code}/{code.code}", before=before)
            return "deleted"
    retire_code(session, actor, table, code)
    return "retired"


def allow(session: Session, actor: Actor) -> None:
    """Raise Forbidden unless the actor may change code tables."""
    if not can(actor, MANAGE_CODES, at=now(session)):
        raise Forbidden


def check_circle(session: Session, row: Code | None, parent: Code | None) -> None:
    """Raise Invalid for a parent that is the code itself or lies below it."""
    if row is None:
        return
    seen: set[int] = set()
    current = parent
    while current is not None and current.id not in seen:
        if current.id == row.id:
            raise Invalid(_("%(code)s would stand above itself: choose another one above it.", code=row.code))
        seen.add(current.id)
        current = session.get(Code, current.parent_id) if current.parent_id is not None else None


def bring(
    session: Session, actor: Actor, table: CodeTable, row: Code, values: Mapping[str, Any]
) -> tuple[Code, Outcome]:
    """Bring a row to the values, store and audit it where anything differs."""
    fresh = row.id is None
    wanted = dict(values)
    if not fresh and "title" in wanted:
        wanted["title"] = row.title.with_texts(wanted["title"].text)
    if not fresh and all(getattr(row, column) == value for column, value in wanted.items()):
        return row, "unchanged"
    columns = tuple(wanted)
    before = None if fresh else _facts(row, columns)
    for column, value in wanted.items():
        setattr(row, column, value)
    session.add(row)
    session.flush()
    audit(session, actor, "codes:code:put", f"code:{table.code}/{row.code}", before=before, after=_facts(row, columns))
    return row, "created" if fresh else "updated"


def check_order(valid_from: datetime | None, valid_until: datetime | None) -> None:
    """Raise Invalid unless the end comes after the beginning."""
    if valid_from is not None and valid_until is not None and valid_until <= valid_from:
        raise Invalid(_("The end must come after the beginning."))


def _facts(row: Code, columns: tuple[str, ...]) -> dict[str, Any]:
    facts = snapshot(row, *(column for column in columns if column != "title"))
    return facts | ({"title": row.title.to_json()} if "title" in columns else {})
