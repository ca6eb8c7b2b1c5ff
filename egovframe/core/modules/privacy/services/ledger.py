"""The ledger of erasures outside of the database: after a restore it tells whom to erase again.

A line holds a kind, a public id, instants and a code of authentication under the city's key: nobody can have somebody
erased by writing into the file, and nobody learns from it who that was.
"""

from __future__ import annotations

import hmac
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import structlog
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from egovframe.core.modules.privacy.keeping.models import Erasure
from egovframe.core.modules.privacy.office import PrivacyOffice, office_of
from egovframe.core.persistence import Database, Keyring, unit_of
from egovframe.errors import ProblemList

MAX_LINE = 2_000
PURPOSE = "privacy-erasure"
log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Line:
    """One erasure as the ledger knows it."""

    kind: str
    subject: str
    at: str


def note_later(session: Session) -> None:
    """Write what the ledger lacks once this unit has committed; what fails then is made up by the daily job."""
    database = unit_of(session).database
    if office_of(session).ledger is not None:
        unit_of(session).after_commit(lambda: _attempt(database))


def note_erasures(database: Database) -> int:
    """Append the erasures that the ledger lacks; return how many. Safe to repeat: a doubled line changes nothing.

    Raises:
        OSError: the file cannot be written.
    """
    path = database.service(PrivacyOffice).ledger
    if path is None:
        return 0
    with database.reading() as session:
        rows = session.scalars(select(Erasure).where(Erasure.noted.is_(False)).order_by(Erasure.id)).all()
        lines = [(row.id, row.done_at, _line(database.keyring, row.kind, row.subject, row.done_at)) for row in rows]
    if not lines:
        return 0
    _append(path, [line for _id, _at, line in lines])
    with database.writing() as session:
        for identity, at, _line_text in lines:
            session.execute(update(Erasure).where(Erasure.id == identity, Erasure.done_at == at).values(noted=True))
    return len(lines)


def read_ledger(path: Path, keyring: Keyring) -> Iterator[Line]:
    """Yield the lines of a ledger, oldest first.

    Raises:
        ProblemList: a line is none of ours; nothing after it is read.
    """
    with path.open(encoding="utf-8") as file:
        for number, text in enumerate(iter(lambda: file.readline(MAX_LINE), ""), start=1):
            yield _parsed(text, number, keyring)


def _attempt(database: Database) -> None:
    try:
        note_erasures(database)
    except OSError as error:
        # The erasure stands; the daily job writes the line. Failing the answer would tell the person otherwise.
        log.warning("ledger_of_erasures_not_written", error=type(error).__name__)


def _parsed(text: str, number: int, keyring: Keyring) -> Line:
    try:
        found = json.loads(text)
        line = Line(str(found["kind"]), str(found["subject"]), str(found["at"]))
        genuine = hmac.compare_digest(str(found["mac"]), _mac(keyring, line))
    except (ValueError, KeyError, TypeError):
        genuine = False
    if not genuine:
        raise ProblemList("The ledger cannot be used:", [f"line {number} was not written with this city's key"])
    return line


def _line(keyring: Keyring, kind: str, subject: str, at: datetime) -> str:
    line = Line(kind, subject, at.isoformat())
    facts = {"kind": line.kind, "subject": line.subject, "at": line.at, "mac": _mac(keyring, line)}
    return json.dumps(facts, sort_keys=True)


def _mac(keyring: Keyring, line: Line) -> str:
    return keyring.mac(PURPOSE, json.dumps([line.kind, line.subject, line.at]).encode())


def _append(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as file:
        file.writelines(f"{line}\n" for line in lines)
        file.flush()
        os.fsync(file.fileno())
