"""Reads of the audit record."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, func, select, type_coerce, union_all
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import (
    AuditCheck,
    AuditEntry,
    AuditHead,
    AuditHour,
    AuditIndex,
    AuditPending,
    AuditSeal,
    hour_name,
)
from egovframe.core.persistence import CursorPage, counted_page
from egovframe.errors import NotFound

EXPORT_PAGE = 500
MOST_ACTIONS = 1000
OFTEN = 5_000
"""From so many entries on, what is asked for is common."""

Condition = Callable[[Any], ColumnElement[bool]]
"""Makes a condition on a column: of the entries or of their index."""


@dataclass(frozen=True, slots=True)
class AuditFilter:
    """What an auditor looks for; what is empty does not narrow.

    Attributes:
        actor: an actor's label (``account:ab12…``, ``system``) or the account's id alone.
        action: an action, or its beginning when it ends with a colon (``cases:``).
        thing: kind and id, such as ``case:7f3k…``, or its beginning when it ends with a colon.
        outcome: ``done`` or ``refused``.
        since: from this instant on.
        until: before this instant.
        request_id: everything that one request or job did.
    """

    actor: str = ""
    action: str = ""
    thing: str = ""
    outcome: str = ""
    since: datetime | None = None
    until: datetime | None = None
    request_id: str = ""

    def facts(self) -> dict[str, str]:
        """Return what narrows, for the record of an export."""
        said = {name: getattr(self, name) for name in self.__slots__}
        return {
            name: value.isoformat() if isinstance(value, datetime) else value for name, value in said.items() if value
        }


def chain_length(session: Session) -> int:
    """Return the number of sealed entries, as the head says."""
    return session.scalar(select(AuditHead.n)) or 0


def pending_count(session: Session) -> int:
    """Return how many entries wait for their seal."""
    return session.scalar(select(func.count()).select_from(AuditPending)) or 0


def oldest_pending(session: Session) -> datetime | None:
    """Return since when the oldest entry has waited for its seal, or None."""
    return session.scalar(select(func.min(AuditEntry.at)).join(AuditPending, AuditPending.audit_id == AuditEntry.id))


def entries_of(session: Session, thing: str, limit: int = 100) -> list[AuditEntry]:
    """Return what was done to a thing, newest first."""
    statement = narrowed(session, select(AuditEntry), AuditFilter(thing=thing))
    return list(session.scalars(statement.order_by(AuditEntry.id.desc()).limit(limit)))


def search_entries(
    session: Session, narrow: AuditFilter, *, cursor: str | None = None, page_size: int = 50
) -> CursorPage[AuditEntry]:
    """Return the entries that fit, newest first: in the order of their numbers, which is that of their commits.

    Raises:
        BadRequest: the cursor is not one of ours.
    """
    statement = narrowed(session, select(AuditEntry), narrow)
    return counted_page(session, statement, AuditEntry.id, cursor=cursor, page_size=page_size)


def entry_by_id(session: Session, number: int) -> AuditEntry:
    """Return one entry; raise NotFound for an unknown number."""
    # A number beyond what a database holds is nobody's, and would break the statement.
    entry = session.get(AuditEntry, number) if number < 2**63 else None
    if entry is None:
        raise NotFound
    return entry


def link_of(session: Session, entry: AuditEntry) -> AuditSeal | None:
    """Return the link that seals an entry, or None while it waits."""
    return session.scalars(select(AuditSeal).where(AuditSeal.audit_id == entry.id)).one_or_none()


def neighbours(session: Session, link: AuditSeal) -> tuple[AuditEntry | None, AuditEntry | None]:
    """Return the entries that the links before and after this one seal."""
    statement = (
        select(AuditSeal.n, AuditEntry)
        .join(AuditEntry, AuditEntry.id == AuditSeal.audit_id)
        .where(AuditSeal.n.in_([link.n - 1, link.n + 1]))
    )
    found = {row.n: row.AuditEntry for row in session.execute(statement)}
    return found.get(link.n - 1), found.get(link.n + 1)


def known_actions(session: Session) -> list[str]:
    """Return every action that the record holds, in order; walks the index from one to the next."""
    found = set(session.scalars(select(AuditEntry.action).distinct().where(AuditEntry.id.in_(_waiting()))))
    following: str | None = ""
    while following is not None and len(found) < MOST_ACTIONS:
        following = session.scalar(_found_by("action", func.min(AuditIndex.value)).where(AuditIndex.value > following))
        if following is not None:
            found.add(following)
    return sorted(found)


def last_check(session: Session, *, ok: bool | None = None) -> AuditCheck | None:
    """Return the latest verification, or the latest with this outcome; None when there was none."""
    statement = select(AuditCheck).order_by(AuditCheck.at.desc(), AuditCheck.id.desc()).limit(1)
    if ok is not None:
        statement = statement.where(AuditCheck.ok.is_(ok))
    return session.scalars(statement).one_or_none()


def narrowed(session: Session, statement: Select[Any], narrow: AuditFilter) -> Select[Any]:
    """Return the statement over entries with the filter's conditions."""
    for column, value in [
        (AuditEntry.outcome, narrow.outcome),
        (AuditEntry.request_id, narrow.request_id),
    ]:
        if value:
            statement = statement.where(column == value)
    for kind, asked in _asked(narrow):
        statement = statement.where(asked(AuditEntry.__table__.c[kind]))
        if _is_rare(session, kind, asked):
            statement = statement.where(AuditEntry.id.in_(union_all(_indexed(kind, asked), _waiting())))
    days = _days(narrow)
    if days:
        statement = statement.where(*days, AuditEntry.id.between(*_numbers_within(session, narrow)))
    return statement


def _days(narrow: AuditFilter) -> list[ColumnElement[bool]]:
    since = [] if narrow.since is None else [AuditEntry.at >= narrow.since]
    return since if narrow.until is None else [*since, AuditEntry.at < narrow.until]


def _numbers_within(session: Session, narrow: AuditFilter) -> tuple[int, int]:
    """Return the first and the last number that an entry of these days may have; (1, 0) where there is none."""
    hours = select(AuditHour.first, AuditHour.last)
    if narrow.since is not None:
        hours = hours.where(AuditHour.hour >= hour_name(narrow.since))
    if narrow.until is not None:
        hours = hours.where(AuditHour.hour <= hour_name(narrow.until))
    waiting = select(AuditEntry.id, AuditEntry.id).where(*_days(narrow), AuditEntry.id.in_(_waiting()))
    found = union_all(hours, waiting).subquery()
    first, last = session.execute(select(func.min(found.c[0]), func.max(found.c[1]))).one()
    return (1, 0) if first is None else (first, last)


def _asked(narrow: AuditFilter) -> Iterator[tuple[str, Condition]]:
    """Yield what is asked of the columns that the index knows; the entries themselves are always asked too."""
    if narrow.actor:
        full = ":" in narrow.actor or narrow.actor in {"system", "anonymous"}
        labels = [narrow.actor] if full else _labels(narrow.actor)
        yield "actor", lambda column: column.in_(labels)
    if narrow.action:
        yield "action", _begins_or_is(narrow.action)
    if narrow.thing:
        yield "thing", _begins_or_is(narrow.thing)


def _begins_or_is(value: str) -> Condition:
    if value.endswith(":"):
        return lambda column: and_(column >= value, column < value[:-1] + ";")  # ";" follows ":"
    return lambda column: column == value


def _is_rare(session: Session, kind: str, asked: Condition) -> bool:
    # What fits thousands of entries is found sooner by walking back in time than by gathering it all first.
    some = _indexed(kind, asked).limit(OFTEN).subquery()
    return (session.scalar(select(func.count()).select_from(some)) or 0) < OFTEN


def _indexed(kind: str, asked: Condition) -> Select[int]:
    return _found_by(kind, AuditIndex.audit_id).where(asked(AuditIndex.__table__.c.value))


def _found_by(kind: str, column: Any) -> Select[Any]:
    return select(column).where(AuditIndex.kind == kind)


def _waiting() -> Select[int]:
    """What waits for its seal is not in the index yet; it is never much."""
    return select(AuditPending.audit_id)


def export_rows(session: Session, narrow: AuditFilter) -> Iterator[Any]:
    """Yield the entries that fit with their link numbers, oldest first, page by page."""
    after = 0
    while True:
        wanted = narrowed(session, select(AuditEntry).where(AuditEntry.id > after), narrow).order_by(AuditEntry.id)
        rows = session.execute(
            wanted.with_only_columns(
                AuditSeal.n.label("link"),
                AuditEntry.id,
                AuditEntry.at,
                AuditEntry.actor,
                AuditEntry.on_behalf_of,
                AuditEntry.action,
                AuditEntry.thing,
                AuditEntry.outcome,
                type_coerce(AuditEntry.before, Text()).label("before"),
                type_coerce(AuditEntry.after, Text()).label("after"),
                AuditEntry.reason,
                AuditEntry.request_id,
                AuditEntry.mac,
                maintain_column_froms=True,
            )
            .outerjoin(AuditSeal, AuditSeal.audit_id == AuditEntry.id)
            .limit(EXPORT_PAGE)
        ).all()
        yield from rows
        if len(rows) < EXPORT_PAGE:
            return
        after = rows[-1].id


def _labels(public_id: str) -> list[str]:
    return [f"{kind}:{public_id}" for kind in ("account", "service")]
