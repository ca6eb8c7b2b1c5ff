"""How rows lead to people: one declaration beside each model, read by download, erasure, retention and holds alike."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal
from weakref import WeakKeyDictionary

from sqlalchemy import Column, ColumnElement, MetaData, Table, inspect, or_, select
from sqlalchemy.orm import Session

from egovframe.core.i18n import Text
from egovframe.core.modules.privacy.declaration import Personal, personal_of
from egovframe.core.persistence import METADATA

ACCOUNTS = "core_account"
ACCOUNT = "account"
"""The kind of subject that stands for somebody with an account; others are named by ``itself``."""
_sheets: WeakKeyDictionary[Table, Sheet] = WeakKeyDictionary()
"""By table; weak, so that the tables of a plugin that failed leave nothing behind."""


class Unresolvable(ValueError):
    """A declared column leads to nobody: a programming error, found by the contract test."""


@dataclass(frozen=True, slots=True)
class Subject:
    """A person as data see them: an account's number, or a row that stands for somebody without an account.

    ``Subject("case", 12)`` is whoever holds the tracking code of case 12.
    """

    kind: str
    id: int


@dataclass(frozen=True, slots=True)
class Match:
    """Rows that repeat a value of another table, such as a message that names a case.

    Attributes:
        column: the own column that is compared.
        table: whose rows are named.
        value: expression over that table that equals the own column.
        retention: code of the rule that governs a copy; its clock is the other table's.
        copy: the row is somebody else's and only repeats what this person said: erased with it, never shown to them.
        record: what administrators call the copies.
    """

    column: str
    table: Table
    value: ColumnElement[Any]
    retention: str = ""
    copy: bool = False
    record: Text = ""


@dataclass(frozen=True)
class Sheet:
    """What a table declares about its people; see ``subjects``."""

    title: Text = ""
    also: tuple[str, ...] = ()
    itself: str = ""
    shows: Mapping[str, Text] = field(default_factory=dict)
    shown_if: Callable[[], ColumnElement[bool]] | Mapping[str, Callable[[], ColumnElement[bool]]] | None = None
    clocks: Mapping[str, str] = field(default_factory=dict)
    rows: Literal["overwrite", "delete"] = "overwrite"
    retention: str = ""
    severing: Mapping[str, Any] = field(default_factory=dict)
    erasing: Mapping[str, Any] = field(default_factory=dict)
    corrects: Mapping[str, Callable[[], Any]] = field(default_factory=dict)
    words: Mapping[str, Callable[[Session, Mapping[str, Any], str], str]] = field(default_factory=dict)
    outside: Callable[[Session, Sequence[Any]], None] | None = None
    matches: tuple[Match, ...] = ()
    order: int = 50
    record: Text | Mapping[str, Text] = ""
    named: tuple[str, str] | None = None
    machine: Mapping[str, Callable[[Session, Mapping[str, Any]], Any]] = field(default_factory=dict)


NONE = Sheet()


def subjects(
    model: type[Any],
    *,
    title: Text = "",
    also: Sequence[str] = (),
    itself: str = "",
    shows: Mapping[str, Text] | None = None,
    shown_if: Callable[[], ColumnElement[bool]] | Mapping[str, Callable[[], ColumnElement[bool]]] | None = None,
    clocks: Mapping[str, str] | None = None,
    rows: Literal["overwrite", "delete"] = "overwrite",
    retention: str = "",
    severing: Mapping[str, Any] | None = None,
    erasing: Mapping[str, Any] | None = None,
    corrects: Mapping[str, Callable[[], Any]] | None = None,
    words: Mapping[str, Callable[[Session, Mapping[str, Any], str], str]] | None = None,
    outside: Callable[[Session, Sequence[Any]], None] | None = None,
    order: int = 50,
    record: Text | Mapping[str, Text] = "",
    named: tuple[str, str] | None = None,
    machine: Mapping[str, Callable[[Session, Mapping[str, Any]], Any]] | None = None,
) -> None:
    """Declare, next to a model, how its rows lead to people and what becomes of them.

    Personal columns alone suffice for a table whose subject column holds an account's number or refers to a row of
    another table that leads on; everything below adds to that.

    Args:
        model: the mapped class.
        title: what a person reads above these rows in the download.
        also: further columns that lead to the person: account numbers, or foreign keys to tables that lead on.
        itself: kind of subject that a row stands for when there is no account, such as ``case``.
        shows: label by column, in order: what the download gives. Declared personal columns are given in any case.
        shown_if: rows that the download gives, or that by retention code; all when left out. Erasure and retention see
            every row.
        clocks: instants that retention counts from: name (``closed``, ``ended`` …) → column; ``created`` is
            ``created_at`` when left out.
        rows: what erasing does: overwrite the declared columns, or delete the row.
        retention: the rule's code for a table without personal columns whose rows are erased; empty: they stay.
        severing: values that cut the link to the person.
        erasing: further values that a row gets when it is erased (``{"state": "disabled"}``).
        corrects: fields by column that a person may correct while the row's clock has not begun.
        words: how a column is shown to people instead of its raw value: ``words(session, row, language)``; the row has
            its key as ``_key``. An empty text leaves the column out.
        outside: called with the keys of rows that are about to be erased, to remove what lies outside the table.
        order: smaller comes first in the download.
        record: what administrators call these rows ("Cases"), or that by retention code where parts of a row fall under
            different rules; the title when left out.
        named: columns with the number and the title by which people know a row and what belongs to it, such as a case.
        machine: what programs get of a column instead of its raw value: ``machine(session, row)``.
    """
    table = _table(model)
    known = sheet_of(table)
    _sheets[table] = Sheet(
        title,
        tuple(also),
        itself,
        dict(shows or {}),
        shown_if,
        dict(clocks or {}),
        rows,
        retention,
        dict(severing or {}),
        dict(erasing or {}),
        dict(corrects or {}),
        dict(words or {}),
        outside,
        known.matches,
        order,
        record,
        named,
        dict(machine or {}),
    )


def matches(
    model: type[Any],
    column: str,
    other: type[Any],
    value: ColumnElement[Any],
    *,
    retention: str = "",
    copy: bool = False,
    record: Text = "",
) -> None:
    """Declare that rows of a model belong to whoever a row of another model belongs to, by an equal value.

    Args:
        model: whose rows.
        column: its column.
        other: the model that leads to the person.
        value: expression over ``other`` that equals the column.
        retention: the rule of a copy, counted from the other table's clock.
        copy: the rows belong to somebody else and repeat what this person said.
        record: what administrators call the copies, such as "Messages that repeat a case".
    """
    table = _table(model)
    sheet = sheet_of(table)
    found = Match(column, _table(other), value, retention, copy, record)
    kept = [one for one in sheet.matches if (one.column, one.copy) != (column, copy) or not one.value.compare(value)]
    _sheets[table] = replace(sheet, matches=(*kept, found))


@dataclass(frozen=True)
class Facet:
    """The part of a table that leads to people in one way and falls under one rule.

    Attributes:
        table: the table.
        lead: the column that leads to the person; empty for copies.
        retention: code of the rule; empty for rows that are shown and stay.
        columns: declared personal columns.
        copy: the match by which the rows repeat what the person said elsewhere.
    """

    table: Table
    lead: str
    retention: str
    columns: tuple[Column[Any], ...]
    copy: Match | None = None

    @property
    def sheet(self) -> Sheet:
        """The table's declaration."""
        return sheet_of(self.table)

    @property
    def key(self) -> Column[Any]:
        """The primary key."""
        return key_of(self.table)

    @property
    def name(self) -> str:
        """A stable name for reports: table, lead and rule."""
        return f"{self.table.name}.{self.lead or 'copy'}:{self.retention or 'stays'}"

    @property
    def record(self) -> Text:
        """What administrators call these rows; the table's name where nobody gave them words."""
        said = self.sheet.record
        known = said.get(self.retention, "") if isinstance(said, Mapping) else said
        return (self.copy.record if self.copy else "") or known or self.sheet.title or self.table.name

    def of(self, subject: Subject) -> ColumnElement[bool] | None:
        """Return the condition for the rows of a person, or None when none can be theirs."""
        if self.copy is not None:
            return _matched(self.copy, self.table, subject)
        leads = [self.lead, *self.sheet.also]
        return _any(
            *(_led(self.table, name, subject) for name in dict.fromkeys(leads)),
            _itself(self.table, subject),
            *(_matched(one, self.table, subject) for one in self.sheet.matches if not one.copy),
        )

    def clock(self, since: str) -> ColumnElement[datetime | None]:
        """Return the instant that a rule counts from; raise Unresolvable when the rows know none of this name."""
        if self.copy is not None:
            inner = _clock(self.copy.table, since, ())
            if inner is None:
                raise Unresolvable(f"{self.copy.table.name} has no clock {since!r}")
            return select(inner).where(self.copy.value == self.table.c[self.copy.column]).limit(1).scalar_subquery()
        found = _clock(self.table, since, ())
        if found is None:
            raise Unresolvable(f"{self.table.name} has no clock {since!r}: name a column in subjects(clocks=…)")
        return found


def naming(table: Table) -> tuple[ColumnElement[Any], ColumnElement[Any]] | None:
    """Return number and title of the matter (a case) that a row of a table is, or belongs to; None for other rows."""
    found = [_named(table, part, ()) for part in (0, 1)]
    return None if found[0] is None or found[1] is None else (found[0], found[1])


def sheet_of(table: Table) -> Sheet:
    """Return what a table declares, or an empty declaration."""
    return _sheets.get(table, NONE)


def key_of(table: Table) -> Column[Any]:
    """Return the one column of a table's primary key.

    Raises:
        Unresolvable: the key has several columns.
    """
    columns = list(table.primary_key.columns)
    if len(columns) != 1:
        raise Unresolvable(f"{table.name}: personal data need a primary key of one column")
    return columns[0]


def facets(metadata: MetaData = METADATA) -> list[Facet]:
    """Return every facet of every table that leads to people, in the order of the download.

    Raises:
        Unresolvable: a declared column leads to nobody.
    """
    tables = sorted(metadata.sorted_tables, key=lambda table: sheet_of(table).order)
    return [facet for table in tables for facet in _facets(table)]


def standing_for(kind: str, metadata: MetaData = METADATA) -> Table:
    """Return the table whose rows are subjects of a kind; raise Unresolvable for an unknown kind."""
    if kind == ACCOUNT:
        return metadata.tables[ACCOUNTS]
    for table in metadata.tables.values():
        if sheet_of(table).itself == kind:
            return table
    raise Unresolvable(f"no table stands for subjects of kind {kind!r}")


def owned(table: Table, subject: Subject) -> ColumnElement[bool] | None:
    """Return the condition for the rows of a table that belong to a person as a whole, or None."""
    return _any(
        *(_led(table, name, subject) for name in _owners(table)),
        _itself(table, subject),
    )


def _facets(table: Table) -> Iterator[Facet]:
    declared = [(column, found) for column in table.columns if (found := personal_of(column)) is not None]
    sheet = sheet_of(table)
    if not declared and table not in _sheets:
        return
    groups: dict[tuple[str, str], list[Column[Any]]] = {}
    for column, found in declared:
        groups.setdefault((found.subject, found.retention), []).append(column)
    if not groups and sheet.also:
        groups[sheet.also[0], sheet.retention] = []
    key_of(table)
    for (lead, retention), columns in groups.items():
        _lead(table, lead)
        yield Facet(table, lead, retention, tuple(columns))
    for one in sheet.matches:
        if one.copy:
            yield Facet(table, "", one.retention, tuple(column for column, _ in declared), one)


def _owners(table: Table) -> list[str]:
    found = [personal.subject for column in table.columns if (personal := personal_of(column)) is not None]
    return list(dict.fromkeys([*found, *sheet_of(table).also]))


def _lead(table: Table, name: str) -> tuple[str, Column[Any] | None]:
    """Return how a column leads on: ``account``; ``through`` with the column referred to; ``itself``."""
    if name not in table.c:
        raise Unresolvable(f"{table.name}.{name}: there is no such column")
    column = table.c[name]
    target = next((key.column for key in column.foreign_keys), None)
    if table.name == ACCOUNTS and column.primary_key:
        return ACCOUNT, None
    if (target is not None and target.table.name == ACCOUNTS) or name == "account_id" or name.endswith("_account_id"):
        return ACCOUNT, None
    if target is not None:
        if target.table is not table and not _owners(target.table) and not sheet_of(target.table).itself:
            raise Unresolvable(f"{table.name}.{name} refers to {target.table.name}, which leads to nobody")
        return "through", target
    if column.primary_key:
        return "itself", None
    raise Unresolvable(f"{table.name}.{name} holds no account's number and refers to no table that leads to one")


def _led(table: Table, name: str, subject: Subject) -> ColumnElement[bool] | None:
    way, target = _lead(table, name)
    if way == ACCOUNT:
        return table.c[name] == subject.id if subject.kind == ACCOUNT else None
    if target is None or target.table is table:
        return None
    inner = owned(target.table, subject)
    return None if inner is None else table.c[name].in_(select(target).where(inner))


def _itself(table: Table, subject: Subject) -> ColumnElement[bool] | None:
    kind = ACCOUNT if table.name == ACCOUNTS else sheet_of(table).itself
    return key_of(table) == subject.id if kind and kind == subject.kind else None


def _matched(match: Match, table: Table, subject: Subject) -> ColumnElement[bool] | None:
    inner = owned(match.table, subject)
    return None if inner is None else table.c[match.column].in_(select(match.value).where(inner))


def _any(*conditions: ColumnElement[bool] | None) -> ColumnElement[bool] | None:
    found = [one for one in conditions if one is not None]
    return or_(*found) if found else None


def _clock(table: Table, since: str, seen: tuple[str, ...]) -> ColumnElement[Any] | None:
    own = sheet_of(table).clocks.get(since) or ("created_at" if since == "created" else "")
    if own:
        return table.c.get(own)
    for name in _owners(table):
        way, target = _lead(table, name)
        if way == "through" and target is not None and target.table.name not in seen:
            inner = _clock(target.table, since, (*seen, table.name))
            if inner is not None:
                return select(inner).where(target == table.c[name]).scalar_subquery()
    return None


def _named(table: Table, part: int, seen: tuple[str, ...]) -> ColumnElement[Any] | None:
    own = sheet_of(table).named
    if own is not None:
        return table.c[own[part]]
    for name in _owners(table):
        way, target = _lead(table, name)
        if way == "through" and target is not None and target.table.name not in seen:
            inner = _named(target.table, part, (*seen, table.name))
            if inner is not None:
                return select(inner).where(target == table.c[name]).scalar_subquery()
    return None


def _table(model: type[Any]) -> Table:
    table = inspect(model).local_table
    if not isinstance(table, Table):
        raise TypeError(f"{model.__name__} is mapped to no table")
    return table


def declared_in(facet: Facet) -> dict[str, Personal]:
    """Return the declarations of a facet's columns by name."""
    return {column.name: found for column in facet.columns if (found := personal_of(column)) is not None}


__all__ = [
    "ACCOUNT",
    "ACCOUNTS",
    "Facet",
    "Match",
    "Sheet",
    "Subject",
    "Unresolvable",
    "declared_in",
    "facets",
    "key_of",
    "matches",
    "naming",
    "owned",
    "sheet_of",
    "standing_for",
    "subjects",
]
