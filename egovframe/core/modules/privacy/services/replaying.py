"""Verb: after a backup was restored, erase again whom the ledger names."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.modules.privacy.keeping.models import Erasure
from egovframe.core.modules.privacy.office import PrivacyOffice
from egovframe.core.modules.privacy.services.erasing import erase
from egovframe.core.modules.privacy.services.ledger import Line, read_ledger
from egovframe.core.modules.privacy.services.people import subject_named
from egovframe.core.persistence import Database
from egovframe.errors import Conflict, NotFound


@dataclass(slots=True)
class Replayed:
    """How a replay went: lines read, people erased again, people that the database does not know, refused ones."""

    lines: int = 0
    erased: int = 0
    unknown: int = 0
    refused: int = 0


def replay_erasures(database: Database, path: Path | None = None) -> Replayed:
    """Erase everybody whom the ledger and the database name, each in a unit of their own. Safe to repeat.

    Args:
        database: restored from a backup.
        path: a copy of the ledger; the city's own file when None.

    Raises:
        FileNotFoundError: there is no such file.
        ProblemList: a line was not written with this city's key.
    """
    chosen = path or database.service(PrivacyOffice).ledger
    found = _names(database, chosen, required=path is not None)
    result = Replayed(lines=len(found))
    for kind, subject in found:
        _again(database, kind, subject, result)
    return result


def _names(database: Database, path: Path | None, *, required: bool) -> list[tuple[str, str]]:
    lines: list[Line] = []
    if path is not None and (required or path.exists()):
        lines = list(read_ledger(path, database.keyring))
    with database.reading() as session:
        rows = session.execute(select(Erasure.kind, Erasure.subject).order_by(Erasure.id)).all()
    return list(dict.fromkeys([*((line.kind, line.subject) for line in lines), *((row[0], row[1]) for row in rows)]))


def _again(database: Database, kind: str, subject: str, result: Replayed) -> None:
    with database.writing() as session:
        try:
            erase(session, SYSTEM, subject_named(session, kind, subject), reason="replayed")
            result.erased += 1
        except NotFound:
            result.unknown += 1
        except Conflict:
            result.refused += 1
