"""Holds the looks at personal data against the record: each has an entry with its code, each entry has its look.

The record is one chain from which nothing can be taken unseen; looks are rows that it vouches for. Without this
comparison whoever can write to the database could take away that they looked.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, exists, literal, select
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import AuditEntry, AuditIndex, AuditPending
from egovframe.core.modules.privacy import RECORDED, Look, is_untouched, looks

PAGE = 500
PREFIX = "look:"


def first_bad_look(session: Session) -> tuple[str, str] | None:
    """Return the first look that is not as the record has it, and what is wrong with it; None when all are.

    Found are looks that were changed (their persons too), deleted or forged. Memory stays the same however many there
    are.
    """
    for entries in _pages(session):
        names = [entry.thing.removeprefix(PREFIX) for entry in entries]
        there = {look.public_id: look for look in session.scalars(looks().where(Look.public_id.in_(names)))}
        for name, entry in zip(names, entries, strict=True):
            if why := _wrong(session, there.get(name), entry):
                return f"look {name}", why
    forged = session.scalar(select(Look.public_id).where(*_without_entry()).order_by(Look.id).limit(1))
    return None if forged is None else (f"look {forged}", "was inserted past the record: no entry names it")


def _wrong(session: Session, look: Look | None, entry: Row[Any]) -> str:
    if look is None:
        return f"was deleted: entry {entry.id} says that it was recorded"
    code = entry.after.get("mac") if isinstance(entry.after, Mapping) else None
    untouched = is_untouched(session, look) and code == look.mac
    return "" if untouched else f"was changed after entry {entry.id} recorded it"


def _pages(session: Session) -> Iterator[Sequence[Row[Any]]]:
    after = 0
    while True:
        found = session.scalars(
            select(AuditIndex.audit_id)
            .where(AuditIndex.kind == "action", AuditIndex.value == RECORDED, AuditIndex.audit_id > after)
            .order_by(AuditIndex.audit_id)
            .limit(PAGE)
        ).all()
        if not found:
            break
        yield _entries(session, AuditEntry.id.in_(found))
        after = found[-1]
    yield _entries(session, AuditEntry.id.in_(_waiting()))


def _entries(session: Session, chosen: Any) -> Sequence[Row[Any]]:
    columns = (AuditEntry.id, AuditEntry.thing, AuditEntry.after)
    return session.execute(select(*columns).where(AuditEntry.action == RECORDED, chosen).order_by(AuditEntry.id)).all()


def _without_entry() -> tuple[Any, ...]:
    thing = literal(PREFIX).concat(Look.public_id)
    indexed = AuditIndex.kind == "thing", AuditIndex.value == thing, AuditIndex.audit_id == AuditEntry.id
    sealed = exists().where(*indexed, AuditEntry.action == RECORDED)
    waits = exists().where(AuditEntry.thing == thing, AuditEntry.id.in_(_waiting()), AuditEntry.action == RECORDED)
    return ~sealed, ~waits


def _waiting() -> Any:
    return select(AuditPending.audit_id)
