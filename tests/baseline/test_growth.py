"""Lists ask the same number of statements for a few rows and for many: every page and API list without parameters."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from baseline import things
from baseline.routes import Route, routes
from baseline.samples import address
from baseline.town import Town, Visitor, build
from sqlalchemy import text

from egovframe.actor import SYSTEM
from egovframe.core.auth import actor_of_account, create_account, service_accounts
from egovframe.testing.databases import SqliteTemplates
from egovframe.testing.queries import count_queries

MORE = 12
"""Rows that are added of each kind: enough for one statement a row to stand out, few enough for one page of a list."""


@pytest.fixture(scope="module")
def growing(sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own, which grows."""
    folder = tmp_path_factory.mktemp("growth")
    made = build(folder, sqlite_templates.copy(folder))
    yield made
    made.database.dispose()


def lists(town: Town, only: str = "") -> Iterator[Route]:
    """Yield what may be a list: every GET without parameters but the city's language."""
    for route in routes(town.app):
        if route.method == "GET" and not route.parameters and route.endpoint.startswith(only):
            yield route


def counts(town: Town, visitor: Visitor, only: str = "") -> dict[str, int]:
    """Return how many statements each list sends, once what it keeps is kept."""
    found = {}
    for route in lists(town, only):
        path = address(town, route)
        town.ask(visitor, "GET", path)
        with count_queries(town.database) as seen:
            town.ask(visitor, "GET", path)
        found[str(route)] = len(seen)
    return found


def grow(town: Town, owner: Visitor, times: int = MORE) -> None:
    """Add rows of everything that lists show: to the owner's own lists and to those of the offices."""
    for _ in range(times):
        for make in (
            things.message,
            things.passkey,
            things.identity,
            things.other_session,
            things.token,
            things.contact,
        ):
            make(town, owner)
        somebody = town.factory.account("officer", kind="staff")
        things.hold(town, somebody)
        things.letter(town, somebody)
        with town.database.writing() as session:
            made = create_account(session, SYSTEM, email=None, display_name="baseline", kind="service")
            session.flush()
            program = actor_of_account(session, made)
        things.token(town, Visitor("program", program))


def test_statements_do_not_grow_with_rows(growing: Town) -> None:
    owner = growing.once_more("administrator")
    grow(growing, owner, 3)
    counts(growing, owner)  # lists of who looked have no rows before somebody has looked
    before = counts(growing, owner)
    grow(growing, owner)
    after = counts(growing, owner)
    grown = {name: (before[name], after[name]) for name in before if after[name] > before[name] + 1}
    assert grown == {}
    assert len(before) > 50


def test_a_list_that_asks_for_each_row_is_reported(growing: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a page that asks once for each of its rows."""
    owner = growing.once_more("administrator")
    real = growing.app.view_functions["service_accounts.index"]

    def asking(**values: Any) -> Any:
        with growing.database.reading() as session:
            for _account in service_accounts(session):
                session.execute(text("SELECT 1"))
        return real(**values)

    asking.__guard__ = real.__guard__  # type: ignore[attr-defined]
    monkeypatch.setitem(growing.app.view_functions, "service_accounts.index", asking)
    before = counts(growing, owner, only="service_accounts.index")
    grow(growing, owner, 3)
    after = counts(growing, owner, only="service_accounts.index")
    assert all(after[name] > before[name] + 1 for name in before)
