"""Recomputes the chain in constant memory and names the first record that does not fit."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import AuditEntry, AuditHead, AuditPending, AuditSeal
from egovframe.core.modules.audit.sealing import START, SignedHead, link, signature_holds
from egovframe.core.modules.audit.services import mac_of
from egovframe.core.persistence import Keyring, now, unit_of

PAGE = 500
UNSEALED_FOR = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        ok: nothing was found.
        checked: links that were recomputed.
        first_bad: the first record that does not fit: ``link 12``, ``entry 15`` or ``head``; "" when all is well.
        why: what is wrong with it.
        length: links in the chain, as the head says.
    """

    ok: bool
    checked: int
    first_bad: str = ""
    why: str = ""
    length: int = 0


class _Found(Exception):
    def __init__(self, record: str, why: str) -> None:
        super().__init__(record)
        self.record = record
        self.why = why


def verify(session: Session, start: int = 1, *, heads: Path | None = None) -> Verdict:
    """Recompute the chain from link ``start`` on, then look for what no link names.

    Found are entries that were edited, deleted, inserted or swapped, links that were removed or changed, entries
    unsealed for over a minute, and, given the exported heads, a tail that was cut off. Not found is an entry deleted
    together with its pending mark in the quarter of a second before it is sealed.

    Args:
        session: of a reading unit.
        start: number of the first link to recompute; the one before it is taken as given.
        heads: file of exported heads to hold the chain against.
    """
    check = _Check(session, heads)
    try:
        check.links(max(1, start))
        check.unsealed()
    except _Found as found:
        return Verdict(False, check.checked, found.record, found.why, check.length)
    return Verdict(True, check.checked, length=check.length)


class _Check:
    def __init__(self, session: Session, heads: Path | None) -> None:
        self._session = session
        self._keyring: Keyring = unit_of(session).database.keyring
        self._heads = read_heads(heads) if heads is not None else iter(())
        self._expected: SignedHead | None = None
        self.checked = 0
        self.length = 0

    def links(self, start: int) -> None:
        """Recompute every link and the entry it seals, up to the head."""
        head, last = self._head_and_last_link()
        self.length = head.n if head else 0
        self._next_head(start)
        prev = self._hash_before(start)
        for n in range(start, self.length + 1, PAGE):
            for number, seal, entry in self._page(n, min(n + PAGE - 1, self.length)):
                prev = self._one(number, seal, entry, prev)
                self.checked += 1
        if last > self.length:
            raise _Found(f"link {self.length + 1}", "is behind the head: the head was set back, or the link was added")
        if head is not None and self.length >= start and head.hash != prev:
            raise _Found("head", "does not name the last link")
        if self._expected is not None:
            raise _Found(f"link {self._expected.n}", "was exported and is gone: the tail of the chain was cut off")

    def unsealed(self) -> None:
        """Look for entries that no link names."""
        stranger = self._session.scalar(
            select(func.min(AuditEntry.id)).where(
                ~exists().where(AuditSeal.audit_id == AuditEntry.id),
                ~exists().where(AuditPending.audit_id == AuditEntry.id),
            )
        )
        if stranger is not None:
            raise _Found(f"entry {stranger}", "was inserted past the record: it is neither sealed nor waiting")
        late = self._session.scalar(
            select(func.min(AuditEntry.id))
            .join(AuditPending, AuditPending.audit_id == AuditEntry.id)
            .where(AuditEntry.at < now(self._session) - UNSEALED_FOR)
        )
        if late is not None:
            raise _Found(f"entry {late}", "has waited for its seal for over a minute: is a worker running?")

    def _one(self, n: int, seal: AuditSeal | None, entry: AuditEntry | None, prev: str) -> str:
        record = f"link {n}"
        if seal is None:
            raise _Found(record, "is missing")
        if entry is None:
            raise _Found(record, f"seals entry {seal.audit_id}, which was deleted")
        if mac_of(self._keyring, entry) != entry.mac:
            raise _Found(record, f"seals entry {entry.id}, which was changed")
        if seal.prev != prev:
            raise _Found(record, "does not follow the link before it")
        if link(self._keyring, prev, n, entry.id, entry.mac) != seal.hash:
            raise _Found(record, f"does not seal entry {entry.id} as it stands: entries were swapped or replaced")
        self._compare_head(n, seal.hash)
        return seal.hash

    def _compare_head(self, n: int, found: str) -> None:
        while self._expected is not None and self._expected.n == n:
            if self._expected.hash != found:
                raise _Found(f"link {n}", "differs from the exported head: the chain was made anew")
            self._next_head(n)

    def _next_head(self, n: int) -> None:
        # Heads of several workers may be out of order by a line; those behind us have been passed.
        for head in self._heads:
            if not signature_holds(self._keyring, head):
                raise _Found(f"head {head.n}", "in the exported file does not bear this city's signature")
            if head.n >= n:
                self._expected = head
                return
        self._expected = None

    def _head_and_last_link(self) -> tuple[AuditHead | None, int]:
        # One statement: a sealer may be at work.
        last = select(func.max(AuditSeal.n)).scalar_subquery()
        row = self._session.execute(select(AuditHead, last).where(AuditHead.id == 1)).one_or_none()
        if row is not None:
            return row[0], row[1] or 0
        return None, self._session.scalar(select(func.max(AuditSeal.n))) or 0

    def _hash_before(self, start: int) -> str:
        if start == 1:
            return START
        found = self._session.scalar(select(AuditSeal.hash).where(AuditSeal.n == start - 1))
        if found is None:
            raise _Found(f"link {start - 1}", "is missing")
        return found

    def _page(self, first: int, last: int) -> Iterator[tuple[int, AuditSeal | None, AuditEntry | None]]:
        rows: dict[int, Any] = {
            row[0].n: row
            for row in self._session.execute(
                select(AuditSeal, AuditEntry)
                .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.audit_id)
                .where(AuditSeal.n.between(first, last))
                .execution_options(populate_existing=True)
            )
        }
        for n in range(first, last + 1):
            seal, entry = rows.get(n, (None, None))
            yield n, seal, entry


def read_heads(path: Path) -> Iterator[SignedHead]:
    """Read exported heads line by line; a last line that a crash cut short is passed over."""
    with path.open(encoding="utf-8", errors="replace") as lines:
        for number, line in enumerate(lines, start=1):
            if line.endswith("\n"):
                yield _head(number, line)


def _head(number: int, line: str) -> SignedHead:
    try:
        return SignedHead(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise _Found(f"head in line {number}", "of the exported file cannot be read") from error
