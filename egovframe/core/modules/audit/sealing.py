"""The one sealer: chains pending entries by HMAC and writes the signed head to a file outside the database.

A chain in the transaction would make every writer wait for the last one (504 writes/s against 1,393 on PostgreSQL). The
key is not in the database, so its administrator cannot make a new chain; the exported heads show a cut tail.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    Delete,
    Insert,
    Row,
    Select,
    Update,
    bindparam,
    case,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.codes import link
from egovframe.core.modules.audit.heads import HeadFile, SignedHead, export_head, sign_head
from egovframe.core.modules.audit.models import (
    KINDS,
    AuditEntry,
    AuditHead,
    AuditHour,
    AuditIndex,
    AuditPending,
    AuditSeal,
    hour_of,
)
from egovframe.core.persistence import (
    WORKER,
    Database,
    insert_for,
    insert_on,
    insert_rows,
    kept,
    now,
    quick_change,
    quick_rows,
)

BATCH = 500
START = "0" * 64
"""What the first link binds in place of a link before it."""


def seal(database: Database) -> int:
    """Chain what is pending and export the new head; return how many entries were sealed.

    Called every 250 ms by the worker. Several at once are safe: they wait for each other at the head. One that dies
    leaves its batch to the next, whole.
    """
    with database.reading() as session:
        if not quick_rows(session, _waiting()):
            return 0
    sealed, head = 0, None
    while (batch := _seal_batch(database))[0]:
        sealed, head = sealed + batch[0], batch[1]
        if batch[0] < BATCH:
            break
    path = database.service(HeadFile).path
    if head is not None and path is not None:
        export_head(head, path)
    return sealed


def _seal_batch(database: Database) -> tuple[int, SignedHead | None]:
    with database.writing(WORKER) as session:
        head = _locked_head(session)
        rows = quick_rows(session, _unsealed())
        if not rows:
            return 0, None
        n, head_hash, links = head.n, head.hash, []
        for row in rows:
            prev, n = head_hash, n + 1
            head_hash = link(database.keyring, prev, n, row.id, row.mac)
            links.append({"n": n, "audit_id": row.id, "prev": prev, "hash": head_hash})
        at = now(session)
        # Links first: the database gives up a mark only for an entry that has its link.
        insert_rows(session, AuditSeal, *links)
        if database.dialect == "postgresql":
            quick_change(session, _release(), {"behind": head.n, "upto": n})
        for statement in _indexing():
            quick_change(session, statement, {"behind": head.indexed, "upto": n})
        quick_change(session, _widening(database.dialect), {"behind": head.timed, "upto": n})
        quick_change(session, _onward(), {"n": n, "hash": head_hash, "at": at, "indexed": n, "timed": n})
        return len(rows), sign_head(database.keyring, n, head_hash, at)


@kept
def _waiting() -> Select[int]:
    return select(AuditPending.audit_id).limit(1)


@kept
def _unsealed() -> Select[int, str]:
    # In the order of the few that wait: by the entries' own number PostgreSQL would walk through all of them.
    pending = select(AuditEntry.id, AuditEntry.mac).join(AuditPending, AuditPending.audit_id == AuditEntry.id)
    return pending.order_by(AuditPending.audit_id).limit(BATCH)


@kept
def _release() -> Delete:
    return delete(AuditPending.__table__).where(AuditPending.audit_id.in_(_linked(AuditSeal.audit_id)))  # type: ignore[arg-type]


@kept
def _indexing() -> list[Insert]:
    """What entries are found by, copied in the database: nothing of it need come here."""
    entry = AuditEntry.__table__.c
    found = [
        _linked(literal_column(f"'{kind}'"), entry[kind], entry.id).join_from(
            AuditSeal, AuditEntry, AuditEntry.id == AuditSeal.audit_id
        )
        for kind in KINDS
    ]
    return [insert(AuditIndex.__table__).from_select(["kind", "value", "audit_id"], rows) for rows in found]  # type: ignore[arg-type]


@kept
def _widening(dialect: str) -> Insert:
    """The hours that the entries lie in, and between which numbers."""
    entry = AuditEntry.__table__.c
    found = _linked(hour_of(entry.at, dialect).label("hour"), func.min(entry.id), func.max(entry.id))
    rows = found.join_from(AuditSeal, AuditEntry, AuditEntry.id == AuditSeal.audit_id).group_by("hour")
    statement = insert_on(dialect, AuditHour).from_select(["hour", "first", "last"], rows)
    given = statement.excluded
    wider = {
        "first": case((given.first < AuditHour.first, given.first), else_=AuditHour.first),
        "last": case((given.last > AuditHour.last, given.last), else_=AuditHour.last),
    }
    return statement.on_conflict_do_update(index_elements=[AuditHour.hour], set_=wider)


@kept
def _onward() -> Update:
    return update(AuditHead.__table__)  # type: ignore[arg-type]


def _linked(*columns: Any) -> Select[Any]:
    return select(*columns).where(AuditSeal.n > bindparam("behind"), AuditSeal.n <= bindparam("upto"))


def _locked_head(session: Session) -> Row[Any]:
    if not (rows := quick_rows(session, _head())):
        first = insert_for(session, AuditHead).values(id=1, n=0, hash=START, at=now(session))
        session.execute(first.on_conflict_do_nothing(index_elements=[AuditHead.id]))
        rows = quick_rows(session, _head())
    head: Row[Any] = rows[0]
    return head


@kept
def _head() -> Select[int, str, int, int]:
    columns = (AuditHead.n, AuditHead.hash, AuditHead.indexed, AuditHead.timed)
    return select(*columns).where(AuditHead.id == 1).with_for_update()
