"""The record as a file: JSON lines or CSV, with a signed manifest beside it."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import IO, Any, Literal

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.modules.audit.codes import canonical, public_key, sign, signature_holds
from egovframe.core.modules.audit.queries import AuditFilter, chain_length, export_rows
from egovframe.core.modules.audit.services import audit
from egovframe.core.persistence import now, unit_of

Format = Literal["jsonl", "csv"]
FIELDS = (
    "link", "id", "at", "actor", "on_behalf_of", "action", "thing", "outcome", "before", "after", "reason",
    "request_id", "mac",
)  # fmt: skip
RISKY = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠", "'")
"""What spreadsheet programs take for a formula when a cell begins with it, and the mark that we put before it."""


def csv_cell(value: Any) -> str:
    """Return text that no spreadsheet takes for a formula: a ``'`` is put before a risky beginning."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(RISKY) else text


def csv_value(cell: str) -> str:
    """Return what ``csv_cell`` was given."""
    return cell[1:] if cell.startswith("'") else cell


def write_export(
    session: Session,
    stream: IO[bytes],
    form: Format,
    narrow: AuditFilter,
    progress: Callable[[int], None] = lambda _done: None,
) -> dict[str, Any]:
    """Write the entries that fit, oldest first, page by page; return the manifest.

    Args:
        session: of a reading unit.
        stream: where the bytes go.
        form: ``jsonl``, or ``csv`` with UTF-8, a byte order mark and harmless cells.
        narrow: which entries.
        progress: told how many have been written.
    """
    digest, rows = hashlib.sha256(), 0

    def write(text: str) -> None:
        data = text.encode()
        digest.update(data)
        stream.write(data)

    if form == "csv":
        write("\ufeff" + _csv_line(FIELDS))
    for row in export_rows(session, narrow):
        write(_csv_row(row) if form == "csv" else _json_row(row))
        rows += 1
        if rows % 1000 == 0:
            progress(rows)
    return _manifest(session, form, narrow, rows, digest.hexdigest())


def record_export(session: Session, actor: Actor, manifest: Mapping[str, Any]) -> None:
    """Write into the record that it was exported: what was asked for, how much it was, and the file's digest."""
    facts = {name: manifest[name] for name in ("format", "filter", "rows", "sha256")}
    audit(session, actor, "audit:record:export", "audit:record", after=facts)


def export_fits(file: Path, manifest: Mapping[str, Any], key: str) -> bool:
    """Whether a file is the one that the manifest names, and the manifest bears the signature of the key's city."""
    said = {name: value for name, value in manifest.items() if name != "signature"}
    with file.open("rb") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    signed = signature_holds(key, 0, _digest(said), str(said.get("made_at")), str(manifest.get("signature")))
    return signed and digest == said.get("sha256")


def _manifest(session: Session, form: Format, narrow: AuditFilter, rows: int, digest: str) -> dict[str, Any]:
    keyring = unit_of(session).database.keyring
    said: dict[str, Any] = {
        "format": form,
        "filter": narrow.facts(),
        "rows": rows,
        "sha256": digest,
        "chain_length": chain_length(session),
        "made_at": now(session).isoformat(),
        "public_key": public_key(keyring),
    }
    return {**said, "signature": sign(keyring, 0, _digest(said), said["made_at"])}


def _digest(said: Mapping[str, Any]) -> str:
    return hashlib.sha256(canonical(dict(said)).encode()).hexdigest()


def _json_row(row: Any) -> str:
    said = {name: getattr(row, name) for name in FIELDS}
    said["at"] = row.at.isoformat()
    for name in ("before", "after"):
        said[name] = None if said[name] is None else json.loads(said[name])
    return json.dumps(said, ensure_ascii=False, separators=(",", ":")) + "\n"


def _csv_row(row: Any) -> str:
    said = [row.at.isoformat() if name == "at" else getattr(row, name) for name in FIELDS]
    return _csv_line([csv_cell(value) for value in said])


def _csv_line(cells: Any) -> str:
    out = io.StringIO()
    csv.writer(out, lineterminator="\r\n").writerow(cells)
    return out.getvalue()
