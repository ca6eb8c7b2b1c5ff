"""Reads and verb: what a person may correct themselves in matters that are not over, wherever a table allows it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import ValidationError, missing
from marshmallow.fields import Field
from sqlalchemy import literal, select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.plan import begun_of
from egovframe.core.modules.privacy.rules import rules_in_force
from egovframe.core.modules.privacy.subjects import Facet, Subject, facets, naming
from egovframe.core.persistence import now
from egovframe.errors import Invalid, NotFound
from egovframe.fields import StrictSchema

LISTED = 50
"""Most rows that are offered at a time, the newest first."""


@dataclass(frozen=True)
class Correctable:
    """One row that its person may correct: its table, key, present values by column, and the schema of the form.

    Attributes:
        number, heading: of the matter that it belongs to, such as a case; empty where it belongs to none.
    """

    facet: Facet
    key: Any
    values: Mapping[str, Any]
    number: str = ""
    heading: str = ""

    @property
    def table(self) -> str:
        """The table's name, for the address of the form."""
        return self.facet.table.name

    def schema(self) -> Any:
        """Return the schema of the form: dots of a hidden value are refused, and what is not sent is not changed."""
        made = {name: _as_correction(make()) for name, make in self.facet.sheet.corrects.items()}
        return StrictSchema.from_dict(made)()


def correctable(session: Session, subject: Subject) -> list[Correctable]:
    """Return what a person may correct: rows of matters that are not over, newest first."""
    return [row for facet in facets() if facet.sheet.corrects for row in _rows(session, facet, subject)]


def correctable_row(session: Session, subject: Subject, table: str, key: int) -> Correctable:
    """Return one row that a person may correct; raise NotFound when it is not theirs or its matter is over."""
    for facet in facets():
        # A number beyond what a database holds is nobody's, and would break the statement.
        if facet.table.name == table and facet.sheet.corrects and key < 2**63:
            for row in _rows(session, facet, subject, key):
                return row
    raise NotFound


def correct(session: Session, actor: Actor, row: Correctable, given: Mapping[str, Any]) -> None:
    """Store corrections; the audit names the columns, never the values.

    Raises:
        Invalid: a value does not fit; ``errors`` names its column.
    """
    try:
        clean = row.schema().load(dict(given))
    except ValidationError as error:
        raise Invalid(errors=error.normalized_messages()) from error  # type: ignore[no-untyped-call]
    values = {
        name: value if value != "" or not row.facet.table.c[name].nullable else None for name, value in clean.items()
    }
    if not values:
        return
    session.execute(update(row.facet.table).where(row.facet.key == row.key).values(values))
    facts = {name: {"personal": f"{row.table}.{name}"} for name in sorted(values)}
    audit(session, actor, "privacy:person:correct", f"{row.table}:{row.key}", after=facts)
    session.expire_all()


def _rows(session: Session, facet: Facet, subject: Subject, key: int | None = None) -> Iterator[Correctable]:
    mine = facet.of(subject)
    begun = begun_of(facet, rules_in_force(session, now(session)).get(facet.retention))
    if mine is None or begun is None:
        return
    names = list(facet.sheet.corrects)
    matter = naming(facet.table) or (literal(""), literal(""))
    columns = [facet.key.label("_key"), matter[0].label("_number"), matter[1].label("_heading")]
    statement = select(*columns, *(facet.table.c[name] for name in names)).where(mine, begun.is_(None))
    if key is not None:
        statement = statement.where(facet.key == key)
    for row in session.execute(statement.order_by(facet.key.desc()).limit(LISTED)).mappings():
        values = {name: row[name] for name in names}
        yield Correctable(facet, row["_key"], values, row["_number"] or "", row["_heading"] or "")


def _as_correction(field: Field[Any]) -> Field[Any]:
    field.metadata = {**field.metadata, "personal": True}
    field.load_default = missing
    return field
