"""Signed heads: how long the chain was at an instant. Kept elsewhere, they show a cut tail or a chain made anew."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.modules.audit.codes import public_key, sign, signature_holds
from egovframe.core.modules.audit.models import AuditDay, AuditHead
from egovframe.core.persistence import WORKER, Database, Keyring, insert_for, now, unit_of

DAYS = 400
"""Daily heads shown at once: more than a year."""


class HeadFile:
    """Where the signed heads of a database go; None writes none. Set once by the assembly.

    Reach it by ``database.service(HeadFile)``; the file should lie where the database's administrator cannot write.
    """

    path: Path | None = None


@dataclass(frozen=True, slots=True)
class SignedHead:
    """How long the chain was at an instant, signed: what an outsider keeps to prove a cut tail.

    Attributes:
        n: number of links.
        hash: of the last one.
        at: instant of its making, ISO 8601.
        signature: Ed25519 over the three, in hex; the public key is published beside the heads.
    """

    n: int
    hash: str
    at: str
    signature: str

    def holds(self, key: str) -> bool:
        """Whether the signature was made with the private half of this public key (hex)."""
        return signature_holds(key, self.n, self.hash, self.at, self.signature)


class HeadUnreadable(ValueError):
    """A line of an exported file is no head."""

    def __init__(self, line: int) -> None:
        super().__init__(f"line {line} is no head")
        self.line = line


def sign_head(keyring: Keyring, n: int, head_hash: str, at: datetime) -> SignedHead:
    """Return the head with the city's signature."""
    instant = at.isoformat()
    return SignedHead(n, head_hash, instant, sign(keyring, n, head_hash, instant))


def heads_key(session: Session) -> str:
    """Return the public key of this city's heads, in hex."""
    return public_key(unit_of(session).database.keyring)


def export_head(head: SignedHead, path: Path) -> None:
    """Append the head to a file of JSON lines, on disk before this returns."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        os.write(number, json.dumps(asdict(head)).encode() + b"\n")
        os.fsync(number)
    finally:
        os.close(number)


def publish_daily_head(database: Database) -> SignedHead | None:
    """Sign the chain as it stands, once a day: into the table that is published, and into the file outside.

    Returns the head of today, whoever made it; None while nothing is sealed.
    """
    with database.writing(WORKER) as session:
        head = session.scalars(select(AuditHead).where(AuditHead.id == 1)).one_or_none()
        if head is None or head.n == 0:
            return None
        at = now(session)
        signed = sign_head(database.keyring, head.n, head.hash, at)
        statement = insert_for(session, AuditDay).values(day=at.date(), **asdict(signed))
        fresh = session.execute(
            statement.on_conflict_do_nothing(index_elements=[AuditDay.day]).returning(AuditDay.day)
        ).first()
        today = session.scalars(select(AuditDay).where(AuditDay.day == at.date())).one()
        kept = _signed(today)
    path = database.service(HeadFile).path
    if fresh and path is not None:
        export_head(kept, path)
    return kept


def daily_heads(session: Session, limit: int = DAYS) -> list[SignedHead]:
    """Return the published heads, newest first."""
    return [_signed(row) for row in session.scalars(select(AuditDay).order_by(AuditDay.day.desc()).limit(limit))]


def read_heads(path: Path) -> Iterator[SignedHead]:
    """Return the heads that the file holds now, read line by line; a last line that a crash cut short is passed over.

    What a sealer appends from now on is left out: whoever looks at the chain next need not see its links yet.

    Raises:
        HeadUnreadable: a line is no head; raised while reading.
    """
    return _read_up_to(path, path.stat().st_size)


def _read_up_to(path: Path, size: int) -> Iterator[SignedHead]:
    with path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            size -= len(line)
            if size < 0:
                return
            if line.endswith(b"\n"):
                yield _read(number, line.decode(errors="replace"))


def _signed(row: AuditDay) -> SignedHead:
    return SignedHead(row.n, row.hash, row.at, row.signature)


def _read(number: int, line: str) -> SignedHead:
    try:
        head = SignedHead(**json.loads(line))
    except (ValueError, TypeError) as error:
        raise HeadUnreadable(number) from error
    if not isinstance(head.n, int) or not all(isinstance(x, str) for x in (head.hash, head.at, head.signature)):
        raise HeadUnreadable(number)
    return head
