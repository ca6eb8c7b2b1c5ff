"""Statements that are run as text: they give what the session gives, and leave to it what it must see."""

from __future__ import annotations

import traceback
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy import Select, Update, bindparam, event, func, or_, select, update
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, create_account
from egovframe.core.i18n import Translated
from egovframe.core.modules.events.models import EventRow
from egovframe.core.modules.organisation import Department
from egovframe.core.persistence import (
    Database,
    NotQuick,
    insert_rows,
    kept,
    moment,
    new_ordered_id,
    numbered_page,
    quick_change,
    quick_rows,
    unit_of,
)

NAMES = Translated.of("en", en="Roads", ko="도로과", ar="الطرق")


@kept
def _departments() -> Select[*tuple[Any, ...]]:
    columns = Department.id, Department.code, Department.name, Department.valid_from, Department.parent_id
    return select(*columns).where(Department.code == bindparam("code"))


@kept
def _renamed() -> Update:
    return update(Department).where(Department.code == bindparam("old")).values(code=bindparam("new"))


@pytest.fixture
def roads(database: Database) -> Database:
    with database.writing() as session:
        since = datetime(2020, 1, 1, tzinfo=UTC)
        insert_rows(session, Department, {"code": "roads", "name": NAMES, "valid_from": since})
    return database


def test_rows_are_what_the_session_reads(roads: Database) -> None:
    with roads.reading() as session:
        quick = quick_rows(session, _departments(), {"code": "roads"})
        slow = session.execute(_departments(), {"code": "roads"}).all()
        assert [tuple(row) for row in quick] == [tuple(row) for row in slow]
        (row,) = quick
        assert (row.code, row.name, row.parent_id) == ("roads", NAMES, None)
        assert row.valid_from == datetime(2020, 1, 1, tzinfo=UTC)
        assert quick_rows(session, _departments(), {"code": "none"}) == []


def test_inserted_rows_have_the_defaults_of_their_columns(roads: Database) -> None:
    with roads.reading() as session:
        row = session.scalars(select(Department)).one()
        assert len(row.public_id) > 10
        assert row.name == NAMES
    with roads.writing() as session:
        said = {"name": "a", "version": 1, "payload": {"n": [1]}, "actor": "system", "occurred_at": moment(session)}
        insert_rows(session, EventRow, *({"id": new_ordered_id(), **said} for _ in range(3)))
        insert_rows(session, EventRow)
        rows = session.scalars(select(EventRow)).all()
        assert [(row.payload, row.request_id) for row in rows] == [({"n": [1]}, "")] * 3


def test_a_change_says_how_many_rows_it_changed(roads: Database) -> None:
    with roads.writing() as session:
        assert quick_change(session, _renamed(), {"old": "roads", "new": "streets"}) == 1
        assert quick_change(session, _renamed(), {"old": "roads", "new": "streets"}) == 0
        assert session.scalars(select(Department.code)).all() == ["streets"]


def test_what_waits_in_the_session_is_written_first_and_all_is_undone_together(roads: Database) -> None:
    def change(session: Session) -> None:
        session.add(Department(code="water", name=NAMES))
        assert [row.code for row in quick_rows(session, _departments(), {"code": "water"})] == ["water"]
        raise LookupError

    with pytest.raises(LookupError), roads.writing() as session:
        change(session)
    with roads.reading() as session:
        assert quick_rows(session, _departments(), {"code": "water"}) == []


def test_a_reading_unit_still_refuses_to_write(roads: Database) -> None:
    with pytest.raises(RuntimeError, match="cannot write"), roads.reading() as session:
        session.add(Department(code="water", name=NAMES))
        quick_rows(session, _departments(), {"code": "water"})


def test_statements_are_counted_and_timed_like_others(roads: Database) -> None:
    seen: list[str] = []
    event.listen(roads.engine, "before_cursor_execute", lambda _c, _cursor, text, *_rest: seen.append(text))
    with roads.writing() as session:
        quick_rows(session, _departments(), {"code": "roads"})
        assert any("FROM core_department" in text for text in seen)
        unit_of(session)._ends = 0.0
        with pytest.raises(Exception, match="took more than"):
            quick_rows(session, _departments(), {"code": "roads"})
        unit_of(session)._ends = float("inf")


@pytest.mark.parametrize(
    ("statement", "values", "why"),
    [
        (select(Department), {}, "selects a model"),
        (select(Department.id).where(Department.code.in_(["a", "b"])), {}, "list of values"),
        (_departments(), {}, "give values for code"),
        (_departments(), {"code": "x", "colour": "red"}, "no parameter colour"),
        (select(Account.email), {}, "core_account.email is personal"),
        (select(func.lower(Account.display_name)), {}, "core_account.display_name is personal"),
    ],
    ids=["model", "list", "missing", "unknown", "personal", "personal inside"],
)
def test_what_needs_the_session_is_left_to_it(database: Database, statement: Any, values: Any, why: str) -> None:
    with database.reading() as session, pytest.raises(NotQuick, match=why):
        quick_rows(session, statement, values)


def test_pages_are_read_the_same_way_at_every_sight(roads: Database) -> None:
    columns = select(Department.code, Department.name).where(or_(Department.code == "roads", Department.id == 0))
    people = select(Account.id, Account.display_name).order_by(Account.id)
    with roads.writing() as session:
        create_account(session, SYSTEM, email="ara@city.example", display_name="Ara")
    for _sight in range(3):
        with roads.reading() as session:
            page = numbered_page(session, columns.order_by(Department.id))
            assert [(row.code, row.name, page.total) for row in page.items] == [("roads", NAMES, 1)]
            assert [row.display_name for row in numbered_page(session, people).items] == ["Ara"]


def test_a_statement_that_is_not_quick_keeps_nobody_alive_who_asked(database: Database) -> None:
    statement = select(Department).where(Department.code == bindparam("code"))
    raised = []
    for _time in range(3):
        with database.reading() as session, pytest.raises(NotQuick) as caught:
            quick_rows(session, statement, {"code": "x"})
        raised.append(caught.value)
    assert len({id(error) for error in raised}) == 3
    assert len({len(traceback.extract_tb(error.__traceback__)) for error in raised[1:]}) == 1
