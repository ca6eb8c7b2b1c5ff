"""Reads: everything the city holds about a person, found by declarations alone, a few rows in memory at a time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, ColumnElement, and_, func, literal, or_, select
from sqlalchemy.orm import Session

from egovframe.core.i18n import Translated, format_datetime, gettext
from egovframe.core.modules.privacy.declaration import personal_of
from egovframe.core.modules.privacy.rules import Rule, rules_in_force
from egovframe.core.modules.privacy.subjects import Facet, Subject, facets, naming

PAGE = 200
"""Rows read at a time."""


@dataclass(frozen=True)
class Section:
    """One kind of record: its facet, the rule that governs it, and the columns with their labels in order."""

    facet: Facet
    rule: Rule | None
    columns: Mapping[str, Any]

    @property
    def title(self) -> str:
        """The heading in the language of the moment."""
        return str(self.facet.sheet.title or self.facet.table.name)


def sections(session: Session, subject: Subject) -> Iterator[tuple[Section, Iterator[Mapping[str, Any]]]]:
    """Yield every kind of record with its rows, as they are read; consume one before asking for the next."""
    rules = rules_in_force(session)
    for facet in facets():
        mine = None if facet.copy is not None else facet.of(subject)
        columns = _columns(facet)
        if mine is None or not columns:
            continue
        section = Section(facet, rules.get(facet.retention), columns)
        yield section, _rows(session, section, mine)


def given(session: Session, section: Section, row: Mapping[str, Any]) -> dict[str, Any]:
    """Return a row as programs get it."""
    machine = section.facet.sheet.machine
    facts = {name: machine[name](session, row) if name in machine else plain(row[name]) for name in section.columns}
    return {**facts, "about": row["_number"]} if row["_number"] else facts


def in_lines(value: Any) -> str:
    """Return nested values as lines of names and values, without the signs of a programming language."""
    if isinstance(value, Mapping):
        return "\n".join(f"{name}: {said}" for name, one in value.items() if (said := in_lines(one)))
    if isinstance(value, list | tuple):
        return "\n".join(said for one in value if (said := in_lines(one)))
    return "" if value is None else str(value)


def plain(value: Any) -> Any:
    """Return a value as JSON knows it."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, Translated):
        return value.to_json()
    if isinstance(value, Decimal):
        return str(value)
    return value


def shown(session: Session, section: Section, name: str, row: Mapping[str, Any], language: str) -> str:
    """Return a value as a person reads it, in the language of the moment; empty where there is nothing to read."""
    in_words = section.facet.sheet.words.get(name)
    value = row[name]
    if value is None or value == "":
        return ""
    if in_words is not None:
        return in_words(session, row, language)
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, dict | list):
        return in_lines(value)
    return str(value)


def _columns(facet: Facet) -> dict[str, Any]:
    own = {column.name for column in facet.columns}
    others = {column.name for column in facet.table.columns if personal_of(column) is not None} - own
    labels = {name: label for name, label in facet.sheet.shows.items() if name not in others}
    return {**labels, **{name: name.replace("_", " ") for name in own if name not in labels}}


def _rows(session: Session, section: Section, mine: Any) -> Iterator[Mapping[str, Any]]:
    facet = section.facet
    chosen: list[Column[Any]] = [facet.table.c[name] for name in section.columns]
    number, heading = naming(facet.table) or (literal(""), literal(""))
    number = func.coalesce(number, "")
    statement = select(facet.key.label("_key"), number.label("_number"), heading.label("_heading"), *chosen).where(mine)
    shown_if = facet.sheet.shown_if
    condition = shown_if.get(facet.retention) if isinstance(shown_if, Mapping) else shown_if
    if condition is not None:
        statement = statement.where(condition())
    last: Any = None
    while True:  # what belongs to one matter stands together
        page = statement if last is None else statement.where(_after(number, facet.key, last))
        rows = session.execute(page.order_by(number, facet.key).limit(PAGE)).mappings().all()
        for row in rows:
            yield {name: row[name] for name in ("_key", "_number", "_heading", *section.columns)}
        if len(rows) < PAGE:
            return
        last = rows[-1]["_number"], rows[-1]["_key"]


def _after(number: ColumnElement[Any], key: Column[Any], last: tuple[str, Any]) -> ColumnElement[bool]:
    return or_(number > last[0], and_(number == last[0], key > last[1]))
