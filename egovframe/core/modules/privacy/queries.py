"""Reads of looks: what a person may see of those who looked, and everything for auditors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, exists, or_, select
from sqlalchemy.orm import Session, selectinload

from egovframe.core.i18n import LocalText, Translated, format_list, gettext
from egovframe.core.modules.privacy.models import Look, LookSubject
from egovframe.core.modules.privacy.purposes import purpose_title
from egovframe.core.modules.privacy.register import REGISTER
from egovframe.core.modules.privacy.signing import mac_of
from egovframe.core.modules.privacy.subjects import ACCOUNT, NONE, Subject, facets, sheet_of
from egovframe.core.persistence import METADATA, CursorPage, keyset_page, now, unit_of

PAGE = 100
"""Looks read at a time for a download."""
RowKey = tuple[str, str]
"""(table, primary key as text)."""
SIGNED: tuple[str, ...] = (
    "public_id",
    "at",
    "kind",
    "viewer",
    "viewer_account_id",
    "office",
    "on_behalf_of",
    "purpose",
    "reason",
)
SIGNED += ("thing", "route", "columns", "request_id", "hidden_until")


@dataclass(frozen=True, slots=True)
class SeenLook:
    """A look as the person it concerns reads it, in the current language.

    Attributes:
        post, department: as they were called then; None where the viewer held no post.
        kind: ``staff``, ``service`` (a program with its own account), ``operator`` or ``visitor``.
        purpose: in words.
        reason: the viewer's own words; empty where none were asked for.
        thing: what it was about, such as a case number; empty when nothing was named.
        kinds: which kinds of the person's data were seen, a line for each kind of record: ``Your account: Your name``.
    """

    at: datetime
    kind: str
    post: LocalText | None
    department: LocalText | None
    purpose: str
    reason: str
    thing: str
    kinds: tuple[str, ...] = ()


def looks_at(
    session: Session,
    account_id: int | None,
    rows: Sequence[RowKey] = (),
    *,
    cursor: str | None = None,
    page_size: int = 20,
) -> CursorPage[SeenLook]:
    """Return who looked at a person's data, the newest first; nothing of what a lawful delay still hides.

    Args:
        account_id: the person's account, or None for somebody who has none.
        rows: rows that stand for the person, such as the contact of somebody who filed without an account.

    Raises:
        BadRequest: a cursor that is not ours.
    """
    shown = or_(Look.hidden_until.is_(None), Look.hidden_until <= now(session))
    statement = select(Look).where(exists().where(LookSubject.look_id == Look.id, _concerns(account_id, rows)), shown)
    page = keyset_page(session, statement, Look.at, Look.id, cursor=cursor, page_size=page_size)
    seen = _seen_rows(session, [look.id for look in page.items], _concerns(account_id, rows))
    return CursorPage([seen_look(look, seen.get(look.id, ())) for look in page.items], page.next_cursor)


def looks_about(session: Session, subject: Subject) -> Iterator[SeenLook]:
    """Yield every look at a person's data that they may know of, the newest first, a page in memory at a time."""
    rows = () if subject.kind == ACCOUNT else _rows_looked_at(session, subject)
    cursor: str | None = None
    while True:
        account = subject.id if subject.kind == ACCOUNT else None
        page = looks_at(session, account, rows, cursor=cursor, page_size=PAGE)
        yield from page.items
        cursor = page.next_cursor
        if cursor is None:
            return


def viewer_in_words(seen: SeenLook) -> str:
    """Return who looked, in the current language: the office, never a name."""
    if seen.kind == "operator":
        return gettext("An operator of the system")
    if seen.kind == "service":
        return gettext("A program of the city")
    if seen.kind == "visitor":
        return gettext("Somebody who was not signed in")
    office = " · ".join(str(part) for part in (seen.post, seen.department) if part)
    return office or gettext("An account without a post")


def _rows_looked_at(session: Session, subject: Subject) -> list[RowKey]:
    """Return the rows of somebody without an account that looks are recorded at: masked ones, and the one that stands
    for the person itself (``note_read``)."""
    found: dict[RowKey, None] = {}
    for facet in facets():
        named = facet.table.name in REGISTER.tables or facet.sheet.itself == subject.kind
        mine = facet.of(subject) if named and facet.copy is None else None
        if mine is not None:
            keys = session.scalars(select(facet.key).where(mine))
            found.update({(facet.table.name, str(key)): None for key in keys})
    return list(found)


def seen_look(look: Look, seen: Iterable[LookSubject] = ()) -> SeenLook:
    """Return a look in words.

    Args:
        look: the look.
        seen: the rows of the person that it was at; without them nothing is said about the kinds of data.
    """
    office: Mapping[str, Any] = look.office or {}
    return SeenLook(
        at=look.at,
        kind=_kind(look),
        post=_named(office.get("post")),
        department=_named(office.get("department")),
        purpose=purpose_title(look.purpose),
        reason=look.reason,
        thing=look.thing.partition(":")[2],
        kinds=_kinds(seen),
    )


def looks(
    *,
    public_id: str = "",
    viewer_account_id: int | None = None,
    subject_account_id: int | None = None,
    thing: str = "",
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[Look]:
    """Return the statement of all looks with their rows, hidden ones included, for auditors; page it by (at, id).

    Whoever shows it checks the permission ``audit:entry:read``.
    """
    statement = select(Look).options(selectinload(Look.subjects))
    if public_id:
        statement = statement.where(Look.public_id == public_id)
    if viewer_account_id is not None:
        statement = statement.where(Look.viewer_account_id == viewer_account_id)
    if subject_account_id is not None:
        concerned = exists().where(LookSubject.look_id == Look.id, LookSubject.account_id == subject_account_id)
        statement = statement.where(concerned)
    if thing:
        statement = statement.where(Look.thing == thing)
    if since is not None:
        statement = statement.where(Look.at >= since)
    return statement if until is None else statement.where(Look.at < until)


def is_untouched(session: Session, look: Look) -> bool:
    """Whether a look, loaded with its rows by ``looks``, is as it was written."""
    values = {name: getattr(look, name) for name in SIGNED}
    subjects = [
        {"account_id": one.account_id, "table_name": one.table_name, "row_key": one.row_key, "columns": one.columns}
        for one in look.subjects
    ]
    return mac_of(unit_of(session).database.keyring, values, subjects) == look.mac


def _concerns(account_id: int | None, rows: Sequence[RowKey]) -> ColumnElement[bool]:
    keys: dict[str, list[str]] = {}
    for table, key in rows:
        keys.setdefault(table, []).append(key)
    parts: list[ColumnElement[bool]] = [
        (LookSubject.table_name == table) & LookSubject.row_key.in_(some) for table, some in keys.items()
    ]
    if account_id is not None:
        parts.append(LookSubject.account_id == account_id)
    return or_(LookSubject.id.is_(None), *parts)


def _seen_rows(session: Session, looks: Sequence[int], concerned: ColumnElement[bool]) -> dict[int, list[LookSubject]]:
    found: dict[int, list[LookSubject]] = {}
    if looks:
        for row in session.scalars(select(LookSubject).where(LookSubject.look_id.in_(looks), concerned)):
            found.setdefault(row.look_id, []).append(row)
    return found


def _kinds(seen: Iterable[LookSubject]) -> tuple[str, ...]:
    """Return the kinds of data in the words of the room or plugin that owns the table."""
    columns: dict[str, set[str]] = {}
    for row in seen:
        columns.setdefault(row.table_name, set()).update(row.columns)
    found = []
    for name, wanted in columns.items():
        table = METADATA.tables.get(name)
        sheet = NONE if table is None else sheet_of(table)
        # Of a plugin that is away only the names of its columns are left.
        labels = {**sheet.shows, **{one: one.replace("_", " ") for one in sorted(wanted) if one not in sheet.shows}}
        said = format_list(str(label) for one, label in labels.items() if one in wanted)
        title = str(sheet.title)
        found.append((sheet.order, gettext("%(title)s: %(parts)s", title=title, parts=said) if title else said))
    return tuple(words for _order, words in sorted(found))


def _kind(look: Look) -> str:
    if look.viewer.startswith("system"):
        return "operator"
    known = {"service": "service", "anonymous": "visitor"}
    return known.get(look.viewer.partition(":")[0], "staff")


def _named(stored: Any) -> LocalText | None:
    return Translated.from_json(stored).pick() if stored else None


__all__ = ["SeenLook", "is_untouched", "looks", "looks_about", "looks_at", "seen_look", "viewer_in_words"]
