"""Statements that are built once."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, bindparam, select

from egovframe.core.persistence import Database, derived, kept

AT = datetime(2026, 1, 1, tzinfo=UTC)


def test_a_kept_statement_is_built_once_for_each_set_of_arguments(database: Database, notes: Any) -> None:
    built: list[bool] = []

    @kept
    def _notes(backwards: bool) -> Select[Any]:
        """Notes above a number."""
        built.append(backwards)
        order = notes.id.desc() if backwards else notes.id
        return select(notes.id).where(notes.id > bindparam("above")).order_by(order)

    with database.writing() as session:
        rows = [notes(at=AT), notes(at=AT), notes(at=AT)]
        session.add_all(rows)
        session.flush()
        ids = [row.id for row in rows]
    with database.reading() as session:
        assert session.scalars(_notes(False), {"above": ids[0]}).all() == ids[1:]
        assert session.scalars(_notes(False), {"above": ids[1]}).all() == ids[2:]
        assert session.scalars(_notes(True), {"above": 0}).all() == ids[::-1]
    assert built == [False, True]
    assert _notes.__doc__ == "Notes above a number."


def test_what_is_derived_is_built_once_for_each_kind(notes: Any) -> None:
    statement, made = select(notes.id), []

    def above(whole: Select[Any]) -> Select[Any]:
        made.append(whole)
        return whole.where(notes.id > bindparam("above"))

    assert derived(statement, "above", above) is derived(statement, "above", above)
    assert derived(statement, "other", above) is not derived(statement, "above", above)
    assert len(made) == 2
