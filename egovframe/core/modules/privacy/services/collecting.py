"""Reads: everything the city holds about a person, found by declarations alone, a few rows in memory at a time."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Column, select
from sqlalchemy.orm import Session

from egovframe.core.i18n import Translated, format_datetime, gettext
from egovframe.core.modules.privacy.declaration import personal_of
from egovframe.core.modules.privacy.rules import Rule, rules_in_force
from egovframe.core.modules.privacy.subjects import Facet, Subject, facets

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
    """Return a value as a person reads it, in the language of the moment."""
    in_words = section.facet.sheet.words.get(name)
    value = row[name]
    if in_words is not None and value is not None:
        return in_words(session, row, language)
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return gettext("yes") if value else gettext("no")
    if isinstance(value, datetime):
        return format_datetime(value)
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return str(value)


def _columns(facet: Facet) -> dict[str, Any]:
    own = {column.name for column in facet.columns}
    others = {column.name for column in facet.table.columns if personal_of(column) is not None} - own
    labels = {name: label for name, label in facet.sheet.shows.items() if name not in others}
    return {**labels, **{name: name.replace("_", " ") for name in own if name not in labels}}


def _rows(session: Session, section: Section, mine: Any) -> Iterator[Mapping[str, Any]]:
    facet = section.facet
    chosen: list[Column[Any]] = [facet.table.c[name] for name in section.columns]
    statement = select(facet.key.label("_key"), *chosen).where(mine)
    if facet.sheet.shown_if is not None:
        statement = statement.where(facet.sheet.shown_if())
    last: Any = None
    while True:
        page = statement if last is None else statement.where(facet.key > last)
        rows = session.execute(page.order_by(facet.key).limit(PAGE)).mappings().all()
        for row in rows:
            yield {name: row[name] for name in section.columns}
        if len(rows) < PAGE:
            return
        last = rows[-1]["_key"]
