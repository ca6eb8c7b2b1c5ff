"""Recomputes the chain and names the first record that does not fit.

Memory stays the same however long the chain is, but for a number for each writer that ever was (see ``writing``).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Result, Row, Text, exists, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.codes import link, mac_of
from egovframe.core.modules.audit.heads import HeadUnreadable, SignedHead, heads_key, read_heads
from egovframe.core.modules.audit.indexing import first_unfindable
from egovframe.core.modules.audit.looks import first_bad_look
from egovframe.core.modules.audit.models import (
    KINDS,
    AuditDay,
    AuditEntry,
    AuditHead,
    AuditIndex,
    AuditPending,
    AuditSeal,
)
from egovframe.core.modules.audit.sealing import START
from egovframe.core.persistence import Keyring, now, unit_of

PAGE = 1000
UNSEALED_FOR = timedelta(minutes=1)
SAID = (
    AuditEntry.id,
    AuditEntry.at,
    AuditEntry.actor,
    AuditEntry.account_id,
    AuditEntry.on_behalf_of,
    AuditEntry.action,
    AuditEntry.thing,
    AuditEntry.outcome,
    type_coerce(AuditEntry.before, Text()).label("before"),
    type_coerce(AuditEntry.after, Text()).label("after"),
    AuditEntry.reason,
    AuditEntry.request_id,
    AuditEntry.lane,
    AuditEntry.turn,
    AuditEntry.mac,
)
FOUND_BY = tuple(
    exists()
    .where(
        AuditIndex.kind == kind, AuditIndex.value == AuditEntry.__table__.c[kind], AuditIndex.audit_id == AuditEntry.id
    )
    .label(f"by_{kind}")
    for kind in KINDS
)
LINK = (AuditSeal.n, AuditSeal.audit_id, AuditSeal.prev, AuditSeal.hash)
Progress = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The outcome of a verification.

    Attributes:
        ok: nothing was found.
        checked: links that were recomputed.
        first_bad: the first record that does not fit: ``link 12``, ``entry 15``, ``head``, ``index``,
            ``hour 2026-11-22 14`` or ``look 7f3k…``; "" when all is well.
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


def verify(session: Session, start: int = 1, *, heads: Path | None = None, progress: Progress | None = None) -> Verdict:
    """Recompute the chain from link ``start`` on, then look for what no link names.

    Found are entries that were edited, deleted, inserted or swapped, sealed or not; links that were removed or
    changed; entries unsealed for over a minute; entries that a search would miss; looks at personal data that were
    changed, deleted or forged; and, by the published and the given heads, a tail that was cut off.
    Not found: the very last entries of a writer that has ended, deleted with their marks before they were sealed.

    Args:
        session: of a reading unit.
        start: number of the first link to recompute; the one before it is taken as given.
        heads: file of exported heads to hold the chain against, kept where the database's administrator cannot write.
        progress: told now and then how many links have been recomputed.
    """
    check = _Check(session, heads, progress or (lambda _done: None))
    try:
        check.links(max(1, start))
        check.loose()
        check.published()
        check.beside()
    except _Found as found:
        return Verdict(False, check.checked, found.record, found.why, check.length)
    except HeadUnreadable as error:
        return Verdict(
            False, check.checked, f"head in line {error.line}", "of the exported file cannot be read", check.length
        )
    return Verdict(True, check.checked, length=check.length)


class _Check:
    def __init__(self, session: Session, heads: Path | None, progress: Progress) -> None:
        self._session = session
        self._keyring: Keyring = unit_of(session).database.keyring
        self._key = heads_key(session)
        self._heads: Iterator[SignedHead] = read_heads(heads) if heads is not None else iter(())
        self._expected: SignedHead | None = None
        self._progress = progress
        self._turns: dict[str, int] = {}
        self._whole = True
        self.checked = 0
        self.length = 0

    def links(self, start: int) -> None:
        """Recompute every link and the entry it seals, up to the head."""
        self._whole = start == 1
        head, last = self._head_and_last_link()
        self.length = head.n if head else 0
        self._next_head(start)
        prev = self._hash_before(start)
        for n in range(start, self.length + 1, PAGE):
            for number, row in self._page(n, min(n + PAGE - 1, self.length)):
                prev = self._one(number, row, prev)
                self.checked += 1
            self._progress(self.checked)
        if last > self.length:
            raise _Found(f"link {self.length + 1}", "is behind the head: the head was set back, or the link was added")
        if head is not None and self.length >= start and head.hash != prev:
            raise _Found("head", "does not name the last link")
        if self._expected is not None:
            raise _Found(f"link {self._expected.n}", "was exported and is gone: the tail of the chain was cut off")

    def loose(self) -> None:
        """Look at the entries that no link up to the head names."""
        stranger = self._session.scalar(
            select(func.min(AuditEntry.id)).where(
                ~exists().where(AuditSeal.audit_id == AuditEntry.id),
                ~exists().where(AuditPending.audit_id == AuditEntry.id),
            )
        )
        if stranger is not None:
            raise _Found(f"entry {stranger}", "was inserted past the record: it is neither sealed nor waiting")
        mark = self._session.scalar(
            select(func.min(AuditPending.audit_id)).where(~exists().where(AuditEntry.id == AuditPending.audit_id))
        )
        if mark is not None:
            raise _Found(f"entry {mark}", "was deleted while it waited for its seal")
        late = now(self._session) - UNSEALED_FOR
        with closing(self._since_the_head()) as entries:
            for entry in entries:
                self._entry(f"entry {entry.id}", "", entry)
                if entry.n is None and entry.at < late:
                    raise _Found(f"entry {entry.id}", "has waited for its seal for over a minute: is a worker running?")

    def beside(self) -> None:
        """See that a search finds what the chain holds, and that the looks are as their entries say."""
        if (found := first_unfindable(self._session) or first_bad_look(self._session)) is not None:
            raise _Found(*found)

    def published(self) -> None:
        """Hold the chain against the daily heads that the database keeps itself."""
        for row in self._session.execute(select(AuditDay.__table__).order_by(AuditDay.day)):
            head = SignedHead(row.n, row.hash, row.at, row.signature)
            if not head.holds(self._key) or row.at[:10] != row.day.isoformat():
                raise _Found(f"daily head {row.day}", "does not bear this city's signature")
            self._compare_past(head)

    def _one(self, n: int, row: Row[Any] | None, prev: str) -> str:
        record = f"link {n}"
        if row is None:
            raise _Found(record, "is missing")
        if row.id is None:
            raise _Found(record, f"seals entry {row.audit_id}, which was deleted")
        if row.prev != prev:
            raise _Found(record, "does not follow the link before it")
        self._code(record, f"seals entry {row.id}, which ", row)
        if link(self._keyring, prev, n, row.id, row.mac) != row.hash:
            raise _Found(record, f"does not seal entry {row.id} as it stands: entries were swapped or replaced")
        self._turn(record, f"seals entry {row.id}, which ", row)
        for kind in KINDS:
            if not getattr(row, f"by_{kind}"):
                raise _Found(record, f"seals entry {row.id}, which a search by its {kind} does not find")
        self._compare_head(n, row.hash)
        return str(row.hash)

    def _entry(self, record: str, said: str, row: Row[Any]) -> None:
        self._code(record, said, row)
        self._turn(record, said, row)

    def _code(self, record: str, said: str, row: Row[Any]) -> None:
        if mac_of(self._keyring, row) != row.mac:
            raise _Found(record, f"{said}was changed or forged")

    def _turn(self, record: str, said: str, row: Row[Any]) -> None:
        if not row.lane:
            return
        last = self._turns.get(row.lane, 0 if self._whole else row.turn - 1)
        if row.turn != last + 1:
            what = "an entry before it was deleted" if row.turn > last else "it was copied or moved"
            raise _Found(record, f"{said}has number {row.turn} where its writer was at {last}: {what}")
        self._turns[row.lane] = row.turn

    def _compare_head(self, n: int, found: str) -> None:
        while self._expected is not None and self._expected.n == n:
            if self._expected.hash != found:
                raise _Found(f"link {n}", "differs from the exported head: the chain was made anew")
            self._next_head(n)

    def _next_head(self, n: int) -> None:
        """Take the next head that lies ahead; those of several workers may be out of order by a line."""
        for head in self._heads:
            if not head.holds(self._key):
                raise _Found(f"head {head.n}", "in the exported file does not bear this city's signature")
            if head.n >= n:
                self._expected = head
                return
            self._compare_past(head)
        self._expected = None

    def _compare_past(self, head: SignedHead) -> None:
        found = self._session.scalar(select(AuditSeal.hash).where(AuditSeal.n == head.n))
        if found is None:
            raise _Found(f"link {head.n}", "was exported and is gone: the tail of the chain was cut off")
        if found != head.hash:
            raise _Found(f"link {head.n}", "differs from the exported head: the chain was made anew")

    def _head_and_last_link(self) -> tuple[Row[Any] | None, int]:
        # One statement: a sealer may be at work.
        last = select(func.max(AuditSeal.n)).scalar_subquery().label("last")
        row = self._session.execute(select(AuditHead.n, AuditHead.hash, last).where(AuditHead.id == 1)).one_or_none()
        if row is not None:
            return row, row.last or 0
        return None, self._session.scalar(select(func.max(AuditSeal.n))) or 0

    def _hash_before(self, start: int) -> str:
        if start == 1:
            return START
        found = self._session.scalar(select(AuditSeal.hash).where(AuditSeal.n == start - 1))
        if found is None:
            raise _Found(f"link {start - 1}", "is missing")
        return found

    def _page(self, first: int, last: int) -> Iterator[tuple[int, Row[Any] | None]]:
        statement = (
            select(*LINK, *SAID, *FOUND_BY)
            .outerjoin(AuditEntry, AuditEntry.id == AuditSeal.audit_id)
            .where(AuditSeal.n.between(first, last))
        )
        found: Result[Any] = self._session.execute(statement)
        rows = {row.n: row for row in found}
        for n in range(first, last + 1):
            yield n, rows.get(n)

    def _since_the_head(self) -> Result[Any]:
        # One statement again: what was sealed since the head was read belongs to it as much as what still waits.
        return self._session.execute(
            select(AuditSeal.n, *SAID)
            .select_from(AuditEntry)
            .outerjoin(AuditSeal, AuditSeal.audit_id == AuditEntry.id)
            .where(
                or_(
                    AuditEntry.id.in_(select(AuditPending.audit_id)),
                    AuditEntry.id.in_(select(AuditSeal.audit_id).where(AuditSeal.n > self.length)),
                )
            )
            .order_by(AuditSeal.n.is_(None), AuditSeal.n, AuditEntry.id)
            .execution_options(yield_per=PAGE)
        )
