"""Import and export of a whole table as CSV: what is refused is listed by line, and nothing is stored half."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import SOURCE_LANGUAGE, Text, Translated, city_zone, current_language
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.codes.models import Code, CodeTable
from egovframe.core.modules.codes.queries import code_table, codes, parents_of
from egovframe.core.modules.codes.reading import COLUMNS, TITLE, CsvRow, decoded, read_rows, written
from egovframe.core.modules.codes.schemas import row_schema
from egovframe.core.modules.codes.services import allow, bring, check_circle, check_order, retire_code
from egovframe.errors import Invalid

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RefusedLine:
    """A line that was not taken, and why."""

    line: int
    reason: Text


@dataclass(slots=True)
class CodeImport:
    """What an import did, or would do.

    Attributes:
        created, updated, unchanged, retired: numbers of codes.
        refused: lines that cannot be taken.
        applied: whether it is stored: not after a trial, and not when any line was refused.
    """

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    refused: list[RefusedLine] = field(default_factory=list)
    applied: bool = False


def import_csv(
    session: Session,
    actor: Actor,
    table: str,
    data: bytes,
    *,
    encoding: str | None = None,
    language: str | None = None,
    zone: ZoneInfo | None = None,
    retire_missing: bool = False,
    dry_run: bool = False,
) -> CodeImport:
    """Bring a table to the state of a CSV file; the same file again changes nothing.

    All or nothing: with one line refused, nothing is stored and every such line is listed. Texts in languages that
    the file lacks stay.

    Args:
        session: of a writing unit.
        actor: who imports.
        table: the table's code.
        data: the file as it is.
        encoding: its encoding; UTF-8 when None.
        language: of a ``title`` column without a language; the language of the moment when None.
        zone: of dates without a time; the city's when None. A plain ``valid_until`` is the last day.
        retire_missing: end the codes that the file does not name.
        dry_run: only say what would happen.

    Raises:
        Forbidden: the actor may not change code tables.
        NotFound: there is no such table.
        Invalid: the file as a whole cannot be read.
    """
    allow(session, actor)
    owner = code_table(session, table)
    report = CodeImport()
    rows = _sound(list(read_rows(decoded(data, encoding))), report, language or current_language(), zone or city_zone())
    trial = session.begin_nested()
    known = {row.code: row for row in session.scalars(select(Code).where(Code.table_id == owner.id))}
    absent = [row for code, row in known.items() if code not in rows]
    _store(session, actor, owner, rows, known, report)
    if retire_missing:
        _retire(session, actor, owner, absent, report)
    report.refused.sort(key=lambda refused: refused.line)
    report.applied = not dry_run and not report.refused
    if report.applied:
        trial.commit()
    else:
        trial.rollback()
    return report


def export_csv(session: Session, table: str) -> bytes:
    """Return a table as CSV that ``import_csv`` takes back unchanged: UTF-8, one title column a language.

    Raises:
        NotFound: there is no such table.
    """
    rows = codes(session, table)
    parents = parents_of(rows)
    languages = sorted({language for row in rows for language in row.title.text}) or [SOURCE_LANGUAGE]
    header = ["code", *(f"{TITLE}:{language}" for language in languages), *COLUMNS[1:]]
    lines = (
        [
            row.code,
            *(row.title.text.get(language, "") for language in languages),
            parents[row.id] or "",
            str(row.position),
            _instant(row.valid_from),
            _instant(row.valid_until),
        ]
        for row in rows
    )
    return written(header, lines)


def _instant(value: datetime | None) -> str:
    return "" if value is None else value.astimezone(UTC).isoformat().replace("+00:00", "Z")


def _sound(rows: list[CsvRow], report: CodeImport, language: str, zone: ZoneInfo) -> dict[str, tuple[CsvRow, Values]]:
    """Return the rows that the schema accepts by code; refuse the others and codes that stand there twice."""
    schema = row_schema(language, zone)
    found: dict[str, tuple[CsvRow, Values]] = {}
    for row in rows:
        titles = {tag or language: text for tag, text in row.titles.items()}
        try:
            values = schema.load({**row.cells, **({TITLE: titles} if titles else {})})
        except ValidationError as error:
            report.refused.append(RefusedLine(row.line, _said(error.messages)))
            continue
        earlier = found.setdefault(values["code"], (row, values))[0]
        if earlier is not row:
            report.refused.append(
                RefusedLine(row.line, _("This code stands already on line %(line)s.", line=earlier.line))
            )
    return found


def _store(
    session: Session,
    actor: Actor,
    owner: CodeTable,
    rows: Mapping[str, tuple[CsvRow, Values]],
    known: dict[str, Code],
    report: CodeImport,
) -> None:
    counted: Counter[str] = Counter()
    for row, values in _parents_first(rows):
        try:
            above = _parent(values["parent"], known)
            check_circle(session, known.get(values["code"]), above)
            check_order(values["valid_from"], values["valid_until"])
            state = {name: values[name] for name in ("position", "valid_from", "valid_until")}
            present = known.get(values["code"]) or Code(table_id=owner.id, code=values["code"])
            state |= {"title": _title(values[TITLE]), "parent_id": above.id if above else None}
            stored, outcome = bring(session, actor, owner, present, state)
        except Invalid as error:
            report.refused.append(RefusedLine(row.line, error.detail))
        else:
            known[stored.code] = stored
            counted[outcome] += 1
    report.created, report.updated = counted["created"], counted["updated"]
    report.unchanged = counted["unchanged"]


def _retire(session: Session, actor: Actor, owner: CodeTable, absent: list[Code], report: CodeImport) -> None:
    for row in absent:
        before = row.valid_until
        retire_code(session, actor, owner, row)
        report.retired += row.valid_until != before


def _parent(code: str | None, known: Mapping[str, Code]) -> Code | None:
    if code is None:
        return None
    if code not in known:
        raise Invalid(_("There is no code %(code)s in this table.", code=code))
    return known[code]


def _title(texts: Mapping[str, str]) -> Translated:
    source = SOURCE_LANGUAGE if SOURCE_LANGUAGE in texts else next(iter(texts))
    return Translated.from_texts(source, texts)


def _parents_first(rows: Mapping[str, tuple[CsvRow, Values]]) -> list[tuple[CsvRow, Values]]:
    """Order rows so that each comes after the one above it; the members of a circle come last and are refused."""
    below: dict[str | None, list[str]] = {}
    for code, (_line, values) in rows.items():
        parent = values["parent"]
        below.setdefault(parent if parent in rows else None, []).append(code)
    ordered: dict[str, None] = {}
    waiting = below.get(None, [])[::-1]
    while waiting:
        code = waiting.pop()
        ordered[code] = None
        waiting += below.get(code, [])[::-1]
    return [rows[code] for code in (*ordered, *(code for code in rows if code not in ordered))]


def _said(messages: Any) -> str:
    if isinstance(messages, Mapping):
        parts = ((f"{name}: " if name != "_schema" else "", _said(inner)) for name, inner in messages.items())
        return "; ".join(name + said for name, said in parts)
    return " ".join(str(message) for message in messages)
