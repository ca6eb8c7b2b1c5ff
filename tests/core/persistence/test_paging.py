"""Paging laws: the pages together are the list, whatever the size, ties and changes in between."""

from __future__ import annotations

import gc
import weakref
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from egovframe.core.persistence import Database, keyset_page, numbered_page
from egovframe.errors import BadRequest
from egovframe.testing.queries import count_queries

AT = datetime(2026, 1, 1, tzinfo=UTC)
quick = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def fill(database: Database, notes: Any, seconds: list[int]) -> list[int]:
    """Store notes and return their ids, newest first."""
    with database.writing() as session:
        session.query(notes).delete()
        rows = [notes(at=AT + timedelta(microseconds=second)) for second in seconds]
        session.add_all(rows)
        session.flush()
        return [row.id for row in sorted(rows, key=lambda row: (row.at, row.id), reverse=True)]


@quick
@given(seconds=st.lists(st.integers(0, 4), max_size=25), size=st.integers(1, 9), newest=st.booleans())
def test_the_keyset_pages_together_are_the_list(
    database: Database, notes: Any, seconds: list[int], size: int, newest: bool
) -> None:
    expected = fill(database, notes, seconds)
    found: list[int] = []
    cursor: str | None = None
    with database.reading() as session:
        while True:
            page = keyset_page(
                session, select(notes), notes.at, notes.id, cursor=cursor, page_size=size, newest_first=newest
            )
            assert len(page.items) <= size
            found += [note.id for note in page.items]
            cursor = page.next_cursor
            if cursor is None:
                break
    assert found == (expected if newest else expected[::-1])


def test_rows_that_arrive_in_between_move_nothing(database: Database, notes: Any) -> None:
    expected = fill(database, notes, [1, 2, 3, 4])
    with database.reading() as session:
        first = keyset_page(session, select(notes), notes.at, notes.id, page_size=2)
    with database.writing() as session:
        session.add(notes(at=AT + timedelta(days=1)))
    with database.reading() as session:
        second = keyset_page(session, select(notes), notes.at, notes.id, page_size=2, cursor=first.next_cursor)
    assert [note.id for note in (*first.items, *second.items)] == expected


@quick
@given(seconds=st.lists(st.integers(0, 4), max_size=25), size=st.integers(1, 9))
def test_the_numbered_pages_together_are_the_list(
    database: Database, notes: Any, seconds: list[int], size: int
) -> None:
    expected = fill(database, notes, seconds)
    statement = select(notes).order_by(notes.at.desc(), notes.id.desc())
    with database.reading() as session:
        first = numbered_page(session, statement, 1, size)
        pages = [numbered_page(session, statement, number, size) for number in range(1, first.pages + 1)]
        beyond = numbered_page(session, statement, first.pages + 1, size)
    assert [note.id for page in pages for note in page.items] == expected
    assert {page.total for page in pages} == {len(expected)}
    assert beyond.items == []


@given(st.text(max_size=300))
def test_any_other_cursor_is_a_bad_request(cursor: str) -> None:
    from egovframe.core.persistence.paging import _read_cursor

    with pytest.raises(BadRequest):
        _read_cursor(cursor)


@pytest.mark.parametrize(
    "content",
    [
        '["9999-12-31T23:59:59-23:59", 1]',
        '["2026-01-01T00:00:00", 1]',
        '["2026-01-01T00:00:00Z", 1e999]',
        "[1, 2]",
        "{}",
    ],
)
def test_forged_cursors_are_bad_requests(database: Database, notes: Any, content: str) -> None:
    import base64

    cursor = base64.urlsafe_b64encode(content.encode()).decode()
    with database.reading() as session, pytest.raises(BadRequest):
        keyset_page(session, select(notes), notes.at, notes.id, cursor=cursor)


def test_a_page_costs_one_statement_with_its_total(database: Database, notes: Any) -> None:
    fill(database, notes, [1, 2, 3])
    with database.reading() as session, count_queries(database) as queries:
        keyset_page(session, select(notes), notes.at, notes.id)
        assert len(queries) == 1, queries
        page = numbered_page(session, select(notes).order_by(notes.id), 2, 2)
        assert len(queries) == 2, queries
    assert (len(page.items), page.total) == (1, 3)


def test_a_page_beyond_the_end_still_knows_the_total(database: Database, notes: Any) -> None:
    fill(database, notes, [1, 2, 3])
    with database.reading() as session:
        page = numbered_page(session, select(notes).order_by(notes.id), 9, 2)
        none = numbered_page(session, select(notes).where(notes.id < 0), 1, 2)
    assert (page.items, page.total, page.pages) == ([], 3, 2)
    assert (none.items, none.total, none.pages) == ([], 0, 1)


def test_a_statement_of_columns_gives_rows(database: Database, notes: Any) -> None:
    expected = fill(database, notes, [1, 2, 3])
    statement = select(notes.id, notes.at)
    with database.reading() as session:
        page = keyset_page(session, statement, notes.at, notes.id, page_size=2)
        rest = keyset_page(session, statement, notes.at, notes.id, page_size=2, cursor=page.next_cursor)
        numbered = numbered_page(session, statement.order_by(notes.at.desc(), notes.id.desc()), 1, 2)
    assert [row.id for row in (*page.items, *rest.items)] == expected
    assert [row.id for row in numbered.items] == expected[:2]


def test_what_is_derived_from_a_statement_goes_with_it(database: Database, notes: Any) -> None:
    statement = select(notes).order_by(notes.id)
    gone = weakref.ref(statement)
    with database.reading() as session:
        numbered_page(session, statement)
        keyset_page(session, statement, notes.at, notes.id)
    del statement
    gc.collect()
    assert gone() is None
