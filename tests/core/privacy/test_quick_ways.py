"""Quick statements are no way around the record of looks: what is personal is refused, or left to the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from core.privacy.planted import PHONE, Call, Caller, Desk, plant
from sqlalchemy import delete, distinct, exists, func, insert, literal_column, select, text, union, update
from sqlalchemy.orm import Session

from egovframe.core.modules.privacy import PersonalDataRefused
from egovframe.core.modules.privacy.gate import gate_off
from egovframe.core.persistence import Database, NotQuick, numbered_page, on_errand, quick_change, quick_rows

T: Any = Caller.__table__
FIRST = T.c.id == 1
SHOWING = {
    "column": select(Caller.phone).where(FIRST),
    "column of the table": select(T.c.phone),
    "function": select(func.upper(Caller.phone)),
    "distinct": select(Caller.phone).distinct(),
    "group": select(Caller.phone, func.count()).group_by(Caller.phone),
    "greatest": select(func.max(Caller.phone)),
    "scalar subquery": select(select(Caller.phone).where(FIRST).scalar_subquery()),
    "subquery": select(select(Caller.phone).subquery().c.phone),
    "distinct count": select(func.count(distinct(Caller.phone))),
    "union": union(select(Caller.topic), select(Caller.phone)),
    "window": select(func.first_value(Caller.phone).over(order_by=Caller.id)),
    "comparison": select((Caller.phone == PHONE).label("same")),
    "existence": select(exists().where(Caller.phone == PHONE)),
    "star": select(text("*")).select_from(Caller),
    "literal": select(literal_column("phone")).select_from(Caller),
    "text": text("SELECT phone FROM planted_caller"),
    "text with columns": text("SELECT phone FROM planted_caller").columns(T.c.phone),
    "returned by an update": update(T).where(FIRST).values(topic="x").returning(T.c.phone),
    "returned by a deletion": delete(T).where(FIRST).returning(T.c.phone),
}
COPYING = {
    "update": update(T).where(FIRST).values(topic=T.c.phone),
    "insert": insert(Call.__table__).from_select(["id", "caller_id", "note"], select(T.c.id + 7, T.c.id, T.c.phone)),
    "text": text("UPDATE planted_caller SET topic = phone"),
}


@pytest.fixture
def desk(database: Database) -> Desk:
    """An official at work, and three people who called."""
    plant(database)
    return Desk(database)


def change(desk: Desk, work: Callable[[Session], Any]) -> Any:
    """Let the official change something."""

    with on_errand(desk.errand), desk.database.writing() as session:
        return work(session)


@pytest.mark.parametrize("name", SHOWING)
def test_nothing_personal_comes_back(desk: Desk, name: str) -> None:
    with pytest.raises((NotQuick, PersonalDataRefused)):
        change(desk, lambda session: quick_rows(session, SHOWING[name], {}))


@pytest.mark.parametrize("name", COPYING)
def test_nothing_personal_is_copied(desk: Desk, name: str) -> None:
    with pytest.raises((NotQuick, PersonalDataRefused)):
        change(desk, lambda session: quick_change(session, COPYING[name], {}))


def test_what_is_not_personal_comes_back_and_a_search_is_recorded(desk: Desk) -> None:
    topics = select(Caller.topic).where(Caller.phone == PHONE)
    assert [row.topic for row in desk.read(lambda session: quick_rows(session, topics))] == ["light"]
    assert [row.topic for row in desk.read(lambda session: quick_rows(session, select(Caller.topic)))] == [
        "light",
        "water",
        "light",
    ]
    with desk.database.reading() as session:
        kinds = session.scalars(text("SELECT kind FROM core_look")).all()
    assert kinds == ["search"]


def test_a_page_of_personal_columns_is_recorded_at_every_sight(desk: Desk) -> None:
    phones = select(Caller.id, Caller.phone).order_by(Caller.id)
    for sight in (1, 2, 3):
        page = desk.read(lambda session: numbered_page(session, phones))
        assert page.items[0].phone == PHONE
        with desk.database.reading() as session:
            assert session.scalar(text("SELECT count(*) FROM core_look")) == sight


def test_without_the_gate_it_would_come_back_and_nobody_would_know(desk: Desk) -> None:
    plain = select(Caller.phone).where(Caller.id == 1).order_by(Caller.id)
    with gate_off():
        assert desk.read(lambda session: session.connection().execute(plain).scalar_one()) == PHONE
    with desk.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM core_look")) == 0
