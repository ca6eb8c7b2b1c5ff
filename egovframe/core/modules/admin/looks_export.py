"""What a search of the looks finds, as a file for an auditor's own work."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import IO, Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import Account
from egovframe.core.modules.audit import audit, csv_cell
from egovframe.core.modules.privacy import Look, is_untouched, seen_look
from egovframe.core.persistence import keyset_page

PAGE = 100
FIELDS = (
    "look", "at", "kind", "viewer", "post", "department", "on_behalf_of", "purpose", "purpose_in_words", "reason",
    "thing", "persons", "records", "columns", "hidden_until", "request_id", "as_written",
)  # fmt: skip


def persons_of(session: Session, seen: Iterable[Look]) -> dict[int, str]:
    """Return the public ids of the accounts whose data the looks were at, by the account's number."""
    wanted = {one.account_id for look in seen for one in look.subjects if one.account_id is not None}
    if not wanted:
        return {}
    rows = session.execute(select(Account.id, Account.public_id).where(Account.id.in_(sorted(wanted))))
    return {row.id: row.public_id for row in rows}


def write_looks(session: Session, stream: IO[bytes], statement: Select[Look]) -> tuple[int, str]:
    """Write the looks, newest first, as CSV (UTF-8 with a byte order mark, harmless cells); return how many they are
    and the SHA-256 of the file in hex.

    Args:
        session: of a reading unit.
        stream: where the bytes go.
        statement: of ``looks``.
    """
    digest, rows = hashlib.sha256(), 0
    for line in _lines(session, statement):
        data = line.encode()
        digest.update(data)
        stream.write(data)
        rows += 1
    return rows - 1, digest.hexdigest()


def record_looks_export(session: Session, actor: Actor, asked: Mapping[str, str], rows: int, digest: str) -> None:
    """Write into the record that looks were exported: what was asked for, how many, and the file's digest.

    Args:
        asked: by field of the search, people by their public ids: no address is copied into the record.
    """
    audit(
        session,
        actor,
        "privacy:look:export",
        "audit:looks",
        after={"filter": dict(asked), "rows": rows, "sha256": digest},
    )


def _lines(session: Session, statement: Select[Look]) -> Iterator[str]:
    yield "\ufeff" + _line(FIELDS)
    cursor: str | None = None
    while True:
        page = keyset_page(session, statement, Look.at, Look.id, cursor=cursor, page_size=PAGE)
        persons = persons_of(session, page.items)
        for look in page.items:
            yield _line([csv_cell(value) for value in _cells(session, look, persons)])
        cursor = page.next_cursor
        if cursor is None:
            return


def _cells(session: Session, look: Look, persons: Mapping[int, str]) -> Sequence[Any]:
    view = seen_look(look)
    known = sorted({persons.get(one.account_id or 0, "") for one in look.subjects} - {""})
    return (
        look.public_id,
        look.at.isoformat(),
        look.kind,
        look.viewer,
        view.post.text if view.post else "",
        view.department.text if view.department else "",
        look.on_behalf_of,
        look.purpose,
        view.purpose,
        look.reason,
        look.thing,
        " ".join(known),
        " ".join(f"{one.table_name}:{one.row_key}" for one in look.subjects),
        " ".join(look.columns),
        look.hidden_until.isoformat() if look.hidden_until else "",
        look.request_id,
        "yes" if is_untouched(session, look) else "no",
    )


def _line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
