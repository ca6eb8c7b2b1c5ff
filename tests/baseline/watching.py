"""What a request writes: every INSERT, UPDATE and DELETE that reaches the database while it is answered."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from baseline.town import Town
from sqlalchemy import event

from egovframe.core.persistence import METADATA

WRITES = re.compile(r"\s*(?:INSERT\s+(?:OR\s+\w+\s+)?INTO|UPDATE|DELETE\s+FROM)\s+\"?(\w+)", re.IGNORECASE)
RECORDS = {
    "core_web_session": "when a session was last seen, and its new id",
    "core_api_token": "when a token was last used",
    "core_rate": "how often somebody came",
    "core_scope_version": "nothing: kept for completeness of the counters of caches",
    "core_access_record": "who looked at whose personal data",
    "core_look": "who looked at whose personal data",
    "core_look_subject": "who looked at whose personal data",
    "core_audit_pending": "which entries wait for their seal; the entries themselves are watched",
    "core_audit_seal": "the seals of entries; the entries themselves are watched",
}
"""Tables that keep a record of the asking itself and no business; reading may write into them, with the reason."""
LOOK = "privacy:look:record"
"""The one action whose entry in the audit reading may write: it holds the record of a look in its place. Every other
entry counts as business."""


def is_entry_of_a_look(table: str, parameters: Any) -> bool:
    """Whether an INSERT puts nothing but records of looks into the audit."""
    rows = parameters if isinstance(parameters, list) else [parameters]
    return table == "core_audit" and all(LOOK in (row.values() if isinstance(row, dict) else row) for row in rows)


@contextmanager
def writes(town: Town) -> Iterator[list[str]]:
    """Collect the names of tables that are written to inside the block, records of access left out."""
    seen: list[str] = []

    def note(_c: Any, _k: Any, statement: str, parameters: Any, *_rest: Any) -> None:
        found = WRITES.match(statement)
        if found and found[1] not in RECORDS and not is_entry_of_a_look(found[1], parameters):
            seen.append(found[1])

    event.listen(town.database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(town.database.engine, "before_cursor_execute", note)


def fingerprints(town: Town) -> dict[str, str]:
    """Return a digest of every table's rows, records of access left out."""
    found = {}
    with town.database.reading() as session:
        for table in METADATA.sorted_tables:
            if table.name in RECORDS:
                continue
            business = f" WHERE action <> '{LOOK}'" if table.name == "core_audit" else ""
            rows = session.connection().exec_driver_sql(f'SELECT * FROM "{table.name}"{business}').all()
            lines = "\n".join(sorted(repr(tuple(row)) for row in rows))
            found[table.name] = f"{len(rows)}:{hashlib.sha256(lines.encode()).hexdigest()}"
    return found
