"""Reads of the audit record."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, Text, func, select, type_coerce
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import AuditCheck, AuditEntry, AuditHead, AuditPending, AuditSeal
from egovframe.core.persistence import CursorPage, keyset_page
from egovframe.errors import NotFound

EXPORT_PAGE = 500


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
    statement = select(AuditEntry).where(AuditEntry.thing == thing).order_by(AuditEntry.id.desc()).limit(limit)
    return list(session.scalars(statement))


def search_entries(
    session: Session, narrow: AuditFilter, *, cursor: str | None = None, page_size: int = 50
) -> CursorPage[AuditEntry]:
    """Return the entries that fit, newest first.

    Raises:
        BadRequest: the cursor is not one of ours.
    """
    statement = narrowed(select(AuditEntry), narrow)
    return keyset_page(session, statement, AuditEntry.at, AuditEntry.id, cursor=cursor, page_size=page_size)


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
    found: list[str] = []
    following: str | None = ""
    while following is not None and len(found) < 1000:
        following = session.scalar(select(func.min(AuditEntry.action)).where(AuditEntry.action > following))
        if following is not None:
            found.append(following)
    return found


def last_check(session: Session, *, ok: bool | None = None) -> AuditCheck | None:
    """Return the latest verification, or the latest with this outcome; None when there was none."""
    statement = select(AuditCheck).order_by(AuditCheck.at.desc(), AuditCheck.id.desc()).limit(1)
    if ok is not None:
        statement = statement.where(AuditCheck.ok.is_(ok))
    return session.scalars(statement).one_or_none()


def narrowed(statement: Select[AuditEntry], narrow: AuditFilter) -> Select[AuditEntry]:
    """Return the statement with the filter's conditions."""
    for column, value in [
        (AuditEntry.outcome, narrow.outcome),
        (AuditEntry.request_id, narrow.request_id),
    ]:
        if value:
            statement = statement.where(column == value)
    for column, value in [(AuditEntry.action, narrow.action), (AuditEntry.thing, narrow.thing)]:
        if value.endswith(":"):
            statement = statement.where(column >= value, column < value[:-1] + ";")  # ";" follows ":"
        elif value:
            statement = statement.where(column == value)
    if narrow.actor:
        full = narrow.actor if ":" in narrow.actor or narrow.actor in {"system", "anonymous"} else ""
        statement = statement.where(AuditEntry.actor.in_([full] if full else _labels(narrow.actor)))
    if narrow.since is not None:
        statement = statement.where(AuditEntry.at >= narrow.since)
    if narrow.until is not None:
        statement = statement.where(AuditEntry.at < narrow.until)
    return statement


def export_rows(session: Session, narrow: AuditFilter) -> Iterator[Any]:
    """Yield the entries that fit with their link numbers, oldest first, page by page."""
    after = 0
    while True:
        wanted = narrowed(select(AuditEntry).where(AuditEntry.id > after), narrow).order_by(AuditEntry.id)
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
