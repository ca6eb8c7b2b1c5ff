"""The one sealer: chains pending entries by HMAC and writes the signed head to a file outside the database.

A chain in the transaction would make every writer wait for the last one (504 writes/s against 1,393 on PostgreSQL). The
key is not in the database, so its administrator cannot make a new chain; the exported heads show a cut tail.
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import Select, delete, exists, insert, select
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.models import AuditEntry, AuditHead, AuditPending, AuditSeal
from egovframe.core.modules.audit.services import canonical
from egovframe.core.persistence import WORKER, Database, Keyring, insert_for, kept, now

BATCH = 500
START = "0" * 64
"""What the first link binds in place of a link before it."""


class HeadFile:
    """Where the signed heads of a database go; None writes none. Set once by the assembly.

    Reach it by ``database.service(HeadFile)``; the file should lie where the database's administrator cannot write.
    """

    path: Path | None = None


@dataclass(frozen=True, slots=True)
class SignedHead:
    """How long the chain was at an instant, signed: what an outsider keeps to prove a cut tail."""

    n: int
    hash: str
    at: str
    signature: str


def seal(database: Database) -> int:
    """Chain what is pending and export the new head; return how many entries were sealed.

    Called every 250 ms by the worker. Several at once are safe: they wait for each other at the head.
    """
    with database.reading() as session:
        if not session.scalar(_waiting()):
            return 0
    sealed = 0
    while done := _seal_batch(database):
        sealed += done
        if done < BATCH:
            break
    return sealed


def link(keyring: Keyring, prev: str, n: int, audit_id: int, mac: str) -> str:
    """Return the hash of the n-th link: binds the link before, its place, the entry's number and its content."""
    return keyring.mac("audit-seal", canonical([prev, n, audit_id, mac]))


def sign_head(keyring: Keyring, n: int, head_hash: str, at: datetime) -> SignedHead:
    """Return the head with a signature under the audit key."""
    instant = at.isoformat()
    return SignedHead(n, head_hash, instant, keyring.mac("audit-head", canonical([n, head_hash, instant])))


def signature_holds(keyring: Keyring, head: SignedHead) -> bool:
    """Whether a head was signed with this city's key."""
    return keyring.mac("audit-head", canonical([head.n, head.hash, head.at])) == head.signature


def export_head(head: SignedHead, path: Path) -> None:
    """Append the head to a file of JSON lines, on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(number, json.dumps(asdict(head)).encode() + b"\n")
        os.fsync(number)
    finally:
        os.close(number)


def _seal_batch(database: Database) -> int:
    with database.writing(WORKER) as session:
        head = _locked_head(session)
        rows = session.execute(_unsealed()).all()
        if not rows:
            return 0
        links = []
        for row in rows:
            prev, head.n = head.hash, head.n + 1
            head.hash = link(database.keyring, prev, head.n, row.id, row.mac)
            links.append({"n": head.n, "audit_id": row.id, "prev": prev, "hash": head.hash})
        head.at = now(session)
        session.execute(insert(AuditSeal), links)
        session.execute(
            delete(AuditPending)
            .where(AuditPending.audit_id.in_([row.id for row in rows]))
            .execution_options(synchronize_session=False)
        )
        signed = sign_head(database.keyring, head.n, head.hash, head.at)
    path = database.service(HeadFile).path
    if path is not None:
        export_head(signed, path)
    return len(rows)


@kept
def _waiting() -> Select[bool]:
    return select(exists().select_from(AuditPending))


@kept
def _unsealed() -> Select[int, str]:
    # In the order of the few that wait: by the entries' own number PostgreSQL would walk through all of them.
    pending = select(AuditEntry.id, AuditEntry.mac).join(AuditPending, AuditPending.audit_id == AuditEntry.id)
    return pending.order_by(AuditPending.audit_id).limit(BATCH)


@kept
def _head() -> Select[AuditHead]:
    return select(AuditHead).where(AuditHead.id == 1).with_for_update()


def _locked_head(session: Session) -> AuditHead:
    head = session.scalars(_head()).one_or_none()
    if head is not None:
        return head
    statement = insert_for(session, AuditHead).values(id=1, n=0, hash=START, at=now(session))
    session.execute(statement.on_conflict_do_nothing(index_elements=[AuditHead.id]))
    return session.scalars(_head()).one()
