"""The one rule: what ``can`` says of a thing is what ``visible`` lists."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import Integer, MetaData, create_engine, insert, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from egovframe.actor import ANONYMOUS, SYSTEM, Actor, Grant
from egovframe.core.auth import PlacedGrant, can, scoped, visible

AT = datetime(2026, 11, 21, tzinfo=UTC)
READ, WORK = "room:thing:read", "room:thing:work"


class Base(DeclarativeBase):
    metadata = MetaData()


class Thing(Base):
    """A row with two columns for areas, as a case in two layers has."""

    __tablename__ = "thing"

    id: Mapped[int] = mapped_column(primary_key=True)
    department_id: Mapped[int | None] = mapped_column(Integer)
    district_id: Mapped[int | None] = mapped_column(Integer)
    zone_id: Mapped[int | None] = mapped_column(Integer)
    reporter_id: Mapped[int | None] = mapped_column(Integer)


class Special(Thing):
    """Inherits the declaration."""


class Bare(Base):
    """Declares no scope."""

    __tablename__ = "bare"

    id: Mapped[int] = mapped_column(primary_key=True)


scoped(Thing, department="department_id", area=("district_id", "zone_id"), own={READ: "reporter_id"})

VALUES = [None, 1, 2, 3]
ROWS = [
    {"department_id": d, "district_id": a, "zone_id": z, "reporter_id": r}
    for d in VALUES
    for a in VALUES
    for z in VALUES[:3]
    for r in (None, 7)
]
small = st.sampled_from([1, 2, 3])
kinds = st.sampled_from(["department", "area", "unknown"])
instants = st.sampled_from([None, AT - timedelta(days=1), AT, AT + timedelta(days=1)])
permissions = st.frozensets(st.sampled_from([READ, WORK]))


@st.composite
def grants(draw: st.DrawFn) -> Grant:
    scope = draw(st.frozensets(st.tuples(kinds, small), max_size=3))
    reach = tuple((kind, draw(st.frozensets(small)) | {identity}) for kind, identity in sorted(scope))
    common: dict[str, Any] = {
        "role": "r",
        "permissions": draw(permissions),
        "scope": scope,
        "valid_from": draw(instants),
        "valid_until": draw(instants),
    }
    return PlacedGrant(**common, reach=reach) if draw(st.booleans()) else Grant(**common)


actors = st.builds(
    Actor,
    kind=st.just("account"),
    account_id=st.sampled_from([7, 8]),
    grants=st.lists(grants(), max_size=4).map(tuple),
    allowed=st.none() | permissions,
)


@pytest.fixture(scope="module")
def things() -> Any:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(Thing), ROWS)
        session.execute(insert(Bare), [{"id": 1}])
        session.commit()
        yield session
    engine.dispose()


@settings(max_examples=300, deadline=None)
@given(actor=actors, permission=st.sampled_from([READ, WORK]))
def test_list_and_single_thing_agree(things: Session, actor: Actor, permission: str) -> None:
    listed = set(things.scalars(visible(select(Thing.id), actor, permission, Thing, AT)))
    opened = {thing.id for thing in things.scalars(select(Thing)) if can(actor, permission, thing, at=AT)}
    assert listed == opened


@settings(max_examples=200, deadline=None)
@given(actor=actors, permission=st.sampled_from([READ, WORK]))
def test_the_filter_is_flat(actor: Actor, permission: str) -> None:
    text = str(visible(select(Thing.id), actor, permission, Thing, AT).compile(compile_kwargs={"literal_binds": True}))
    where = text.partition("WHERE")[2]
    assert "NOT" not in where
    # SQLite walks the whole table for "0 = 1 OR …": false stands alone or not at all.
    assert where.strip() in {"", "false", "0 = 1"} or (not {"false", "0 = 1"} & {where} and "false" not in where)


def person(*held: Grant, **more: Any) -> Actor:
    return Actor(kind="account", account_id=8, grants=held, **more)


def test_scope_pairs_must_all_hold_and_columns_of_a_kind_may_do() -> None:
    actor = person(Grant("r", frozenset({READ}), frozenset({("department", 1), ("area", 2)})))
    assert can(actor, READ, Thing(department_id=1, district_id=2, zone_id=None), at=AT)
    assert can(actor, READ, Thing(department_id=1, district_id=None, zone_id=2), at=AT)
    assert not can(actor, READ, Thing(department_id=1, district_id=3, zone_id=3), at=AT)
    assert not can(actor, READ, Thing(department_id=2, district_id=2, zone_id=2), at=AT)
    assert not can(actor, WORK, Thing(department_id=1, district_id=2, zone_id=2), at=AT)


def test_a_scope_the_model_does_not_know_opens_nothing(things: Session) -> None:
    limited = person(Grant("r", frozenset({READ}), frozenset({("department", 1)})))
    everywhere = person(Grant("r", frozenset({READ})))
    assert things.scalars(visible(select(Bare.id), limited, READ, Bare, AT)).all() == []
    assert things.scalars(visible(select(Bare.id), everywhere, READ, Bare, AT)).all() == [1]
    assert not can(limited, READ, Bare(id=1), at=AT)


def test_a_scope_that_reaches_nothing_is_not_everything(things: Session) -> None:
    gone = person(PlacedGrant("r", frozenset({READ}), frozenset({("area", 9)}), reach=(("area", frozenset()),)))
    assert things.scalars(visible(select(Thing.id), gone, READ, Thing, AT)).all() == []


def test_own_things_need_no_grant_but_a_token_can_leave_them_out() -> None:
    mine = Thing(reporter_id=8)
    assert can(person(), READ, mine, at=AT)
    assert not can(person(), WORK, mine, at=AT)
    assert can(person(allowed=frozenset({READ})), READ, mine, at=AT)
    assert not can(person(allowed=frozenset({WORK})), READ, mine, at=AT)
    assert not can(ANONYMOUS, READ, Thing(reporter_id=None), at=AT)


def test_dates_and_subclasses() -> None:
    ended = Grant("r", frozenset({READ}), valid_until=AT)
    future = Grant("r", frozenset({READ}), valid_from=AT + timedelta(microseconds=1))
    begun = Grant("r", frozenset({READ}), valid_from=AT)
    assert [can(person(g), READ, Thing(), at=AT) for g in (ended, future, begun)] == [False, False, True]
    assert can(
        person(Grant("r", frozenset({READ}), frozenset({("department", 1)}))), READ, Special(department_id=1), at=AT
    )


def test_the_system_sees_everything(things: Session) -> None:
    assert len(things.scalars(visible(select(Thing.id), SYSTEM, READ, Thing, AT)).all()) == len(ROWS)
    assert can(SYSTEM, READ, Thing(), at=AT)
    assert can(SYSTEM, READ, at=AT)
