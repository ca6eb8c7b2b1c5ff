"""Every way of reading a personal column that we could think of: recorded, masked or refused, and never a fourth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from core.privacy.hidden_ways import BARE, HIDDEN
from core.privacy.planted import ANNA, PHONE, Call, Caller, Desk, Directory, Shouting, plant
from sqlalchemy import (
    MetaData,
    Table,
    bindparam,
    case,
    cast,
    column,
    delete,
    distinct,
    exists,
    func,
    insert,
    lambda_stmt,
    literal_column,
    select,
    table,
    text,
    type_coerce,
    union,
    union_all,
    update,
)
from sqlalchemy import String as Words
from sqlalchemy.orm import (
    Bundle,
    Session,
    aliased,
    contains_eager,
    joinedload,
    load_only,
    selectinload,
    subqueryload,
    undefer,
    undefer_group,
    with_expression,
)

from egovframe.core.modules.privacy import PersonalDataRefused
from egovframe.core.modules.privacy.gate import gate_off
from egovframe.core.modules.privacy.models import Look, LookSubject
from egovframe.core.persistence import Database

Way = Callable[[Session], Any]
T = Caller.__table__
ALL = undefer_group("personal")


@pytest.fixture
def desk(database: Database) -> Desk:
    plant(database)
    return Desk(database)


def looks(database: Database) -> list[tuple[str, str, str | None, int | None, tuple[str, ...]]]:
    """Every look with its rows: (kind, purpose, row, account, columns)."""
    with database.reading() as session:
        rows = session.execute(
            select(
                Look.kind, Look.purpose, LookSubject.row_key, LookSubject.account_id, LookSubject.columns, Look.columns
            )
            .outerjoin(LookSubject, LookSubject.look_id == Look.id)
            .order_by(Look.id, LookSubject.row_key)
        )
        return [(r[0], r[1], r[2], r[3], tuple(r[4] if r[4] is not None else r[5])) for r in rows]


def seen_rows(database: Database) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for kind, _purpose, row, _account, columns in looks(database):
        if kind == "read":
            found.setdefault(str(row), set()).update(columns)
    return found


def inner(*columns: Any) -> Any:
    return select(*columns).subquery()


def recursive() -> Any:
    columns = (Caller.id, Caller.account_id, Caller.phone)
    first = select(*columns).where(Caller.id == 1).cte("first", recursive=True)
    return first.union_all(select(*columns).join(first, Caller.id == first.c.id + 100))


def two_rows() -> Any:
    """A subquery with row 1 and row 2 side by side, each with its key and person."""
    other = aliased(Caller)
    names = ("id", "account_id", "phone")
    beside = [getattr(other, name).label(f"other_{name}") for name in names]
    columns = [getattr(Caller, name) for name in names]
    return select(*columns, *beside).join(other, other.id == 2).where(Caller.id == 1).subquery()


ENTITY: dict[str, Way] = {
    "attribute of a loaded row": lambda s: s.get_one(Caller, 1).phone,
    "undeferred group": lambda s: s.scalars(select(Caller).where(Caller.id == 1).options(ALL)).one().phone,
    "undeferred column": lambda s: (
        s.scalars(select(Caller).where(Caller.id == 1).options(undefer(Caller.phone))).one().phone
    ),
    "load_only": lambda s: s.scalars(select(Caller).where(Caller.id == 1).options(load_only(Caller.phone))).one().phone,
    "get with options": lambda s: s.get_one(Caller, 1, options=[ALL]).phone,
    "refresh of one attribute": lambda s: (row := s.get_one(Caller, 1), s.refresh(row, ["phone"]), row.phone)[2],
    "populate existing": lambda s: (
        s.get_one(Caller, 1),
        s.scalars(select(Caller).where(Caller.id == 1).options(ALL).execution_options(populate_existing=True))
        .one()
        .phone,
    )[1],
    "old query": lambda s: s.query(Caller).options(ALL).filter_by(id=1).one().phone,
    "old query, one column": lambda s: s.query(Caller.phone).filter_by(id=1).scalar(),
    "aliased entity": lambda s: (
        s.scalars(select(a := aliased(Caller)).where(a.id == 1).options(undefer_group("personal"))).one().phone
    ),
    "entity from a subquery": lambda s: (
        s.scalars(select(aliased(Caller, select(Caller).where(Caller.id == 1).subquery()))).one().phone
    ),
    "entity among columns": lambda s: (
        s.execute(select(Caller, Call.note).join(Call).where(Caller.id == 1).options(ALL)).one()[0].phone
    ),
    "entity from a union": lambda s: (
        s.scalars(
            select(Caller)
            .options(ALL)
            .from_statement(union_all(select(Caller).where(Caller.id == 1), select(Caller).where(Caller.id < 0)))
        )
        .one()
        .phone
    ),
    "lazy relationship": lambda s: s.get_one(Call, 1).caller.phone,
    "joined relationship": lambda s: (
        s.scalars(select(Call).where(Call.id == 1).options(joinedload(Call.caller).undefer_group("personal")))
        .one()
        .caller.phone
    ),
    "select-in relationship": lambda s: (
        s.scalars(select(Call).where(Call.id == 1).options(selectinload(Call.caller).undefer_group("personal")))
        .one()
        .caller.phone
    ),
    "subquery relationship": lambda s: (
        s.scalars(select(Call).where(Call.id == 1).options(subqueryload(Call.caller).undefer_group("personal")))
        .one()
        .caller.phone
    ),
    "contained relationship": lambda s: (
        s.scalars(
            select(Call)
            .join(Call.caller)
            .where(Call.id == 1)
            .options(contains_eager(Call.caller).undefer_group("personal"))
        )
        .one()
        .caller.phone
    ),
    "collection": lambda s: (
        s.scalars(select(Caller).where(Caller.id == 1).options(selectinload(Caller.calls))).one().calls[0].caller.phone
    ),
    "in portions": lambda s: (
        s.scalars(select(Caller).where(Caller.id == 1).options(ALL).execution_options(yield_per=1)).one().phone
    ),
    "another model of the table": lambda s: s.get_one(Directory, 1).number,
}
COLUMN: dict[str, Way] = {
    "column": lambda s: s.scalar(select(Caller.phone).where(Caller.id == 1)),
    "columns": lambda s: s.execute(select(Caller.id, Caller.phone, Caller.topic).where(Caller.id == 1)).one().phone,
    "by column in the row": lambda s: (
        s.execute(select(Caller.id, Caller.phone).where(Caller.id == 1)).one()._mapping[Caller.phone]
    ),
    "mapping": lambda s: s.execute(select(Caller.phone).where(Caller.id == 1)).mappings().one()["phone"],
    "core table": lambda s: s.execute(select(T.c.phone).where(T.c.id == 1)).scalar_one(),
    "core table, by column": lambda s: (
        s.execute(select(T.c.id, T.c.phone).where(T.c.id == 1)).one()._mapping[T.c.phone]
    ),
    "whole core table": lambda s: s.execute(select(T).where(T.c.id == 1)).one().phone,
    "label": lambda s: s.execute(select(Caller.phone.label("p")).where(Caller.id == 1)).one().p,
    "harmless function": lambda s: s.scalar(select(func.lower(Caller.phone)).where(Caller.id == 1)),
    "functions in functions": lambda s: s.scalar(
        select(func.coalesce(func.trim(Caller.phone), "-")).where(Caller.id == 1)
    ),
    "concatenated": lambda s: s.scalar(select(Caller.topic + " " + Caller.phone).where(Caller.id == 1)).split(" ", 1)[
        1
    ],
    "cast": lambda s: s.scalar(select(cast(Caller.phone, Words(40))).where(Caller.id == 1)),
    "type coerced": lambda s: s.scalar(select(type_coerce(Caller.phone, Words(40))).where(Caller.id == 1)),
    "case": lambda s: s.scalar(select(case((Caller.id > 0, Caller.phone), else_="")).where(Caller.id == 1)),
    "alias of the model": lambda s: s.scalar(select((a := aliased(Caller)).phone).where(a.id == 1)),
    "alias of the table": lambda s: s.scalar(select((a := T.alias()).c.phone).where(a.c.id == 1)),
    "subquery with the person": lambda s: s.scalar(
        select((q := inner(Caller.id, Caller.account_id, Caller.phone)).c.phone).where(q.c.id == 1)
    ),
    "subquery of the entity": lambda s: s.scalar(select((q := inner(Caller)).c.phone).where(q.c.id == 1)),
    "common table expression": lambda s: s.scalar(
        select((q := select(Caller.id, Caller.account_id, Caller.phone).cte("q")).c.phone).where(q.c.id == 1)
    ),
    "expression of a subquery": lambda s: s.scalar(
        select((q := inner(Caller.id, Caller.account_id, func.lower(Caller.phone).label("p"))).c.p).where(q.c.id == 1)
    ),
    "two rows of a subquery": lambda s: s.execute(select((q := two_rows()).c.phone, q.c.other_phone)).one().phone,
    "materialized": lambda s: s.scalar(
        select((q := select(T).cte("q").prefix_with("MATERIALIZED")).c.phone).where(q.c.id == 1)
    ),
    "sorted by the string of another column": lambda s: s.scalar(
        select(Caller.phone).where(Caller.id == 1).order_by("topic")
    ),
    "bundle": lambda s: s.execute(select(Bundle("b", Caller.id, Caller.phone)).where(Caller.id == 1)).one().b.phone,
    "join": lambda s: s.execute(select(Call.note, Caller.phone).join(Call.caller).where(Call.id == 1)).one().phone,
    "outer join": lambda s: (
        s.execute(select(Call.note, Caller.phone).outerjoin(Call.caller).where(Call.id == 1)).one().phone
    ),
    "distinct column of another table beside": lambda s: (
        s.execute(select(Caller.phone, exists().where(Call.caller_id == Caller.id)).where(Caller.id == 1)).one().phone
    ),
    "in portions, columns": lambda s: "".join(
        row.phone
        for part in s.execute(select(Caller.phone).where(Caller.id == 1).execution_options(yield_per=1)).partitions()
        for row in part
    ),
    "in portions, core": lambda s: (
        s.execute(select(T.c.phone).where(T.c.id == 1).execution_options(yield_per=1)).one().phone
    ),
    "unique": lambda s: s.execute(select(Caller.phone).where(Caller.id == 1)).unique().scalars().one(),
    "parameters": lambda s: s.scalar(select(Caller.phone).where(Caller.id == bindparam("k")), {"k": 1}),
    "lambda": lambda s: s.scalar(lambda_stmt(lambda: select(Caller.phone).where(Caller.id == 1))),
    "stand-in table": lambda s: s.scalar(
        select((t := table("planted_caller", column("id"), column("account_id"), column("phone"))).c.phone).where(
            t.c.id == 1
        )
    ),
    "reflected table": lambda s: s.scalar(
        select((t := Table("planted_caller", MetaData(), autoload_with=s.connection())).c.phone).where(t.c.id == 1)
    ),
}


REFUSED: dict[str, Way] = {
    **BARE,
    **HIDDEN,
    "text": lambda s: s.scalar(text("SELECT phone FROM planted_caller WHERE id = 1")),
    "text with columns": lambda s: s.scalar(text("SELECT phone FROM planted_caller WHERE id = 1").columns(T.c.phone)),
    "text for an entity": lambda s: (
        s.scalars(select(Caller).options(ALL).from_statement(text("SELECT * FROM planted_caller WHERE id = 1")))
        .one()
        .phone
    ),
    "star": lambda s: s.execute(select(text("*")).select_from(Caller).where(Caller.id == 1)).one(),
    "literal column": lambda s: s.scalar(select(literal_column("phone")).select_from(Caller).where(Caller.id == 1)),
    "literal in a subquery": lambda s: s.scalar(
        select(select(literal_column("phone").label("p")).select_from(Caller).subquery().c.p)
    ),
    "driver's own SQL": lambda s: (
        s.connection().exec_driver_sql("SELECT phone FROM planted_caller WHERE id = 1").scalar()
    ),
    "core past the session": lambda s: s.connection().execute(select(T.c.phone).where(T.c.id == 1)).scalar(),
    "model past the session": lambda s: s.connection().execute(select(Caller.phone).where(Caller.id == 1)).scalar(),
    "entity past the session": lambda s: (
        s.connection().execute(select(Caller).options(ALL).where(Caller.id == 1)).one()
    ),
    "distinct": lambda s: s.scalars(select(Caller.phone).distinct()).all(),
    "distinct function": lambda s: s.scalar(select(func.count(distinct(Caller.phone)))),
    "group by": lambda s: s.execute(select(Caller.phone, func.count()).group_by(Caller.phone)).all(),
    "distinct in a subquery": lambda s: s.scalars(
        select(inner(Caller.id, Caller.account_id, Caller.phone).c.phone)
        .select_from(q := select(Caller.id, Caller.account_id, Caller.phone).distinct().subquery())
        .with_only_columns(q.c.phone)
    ).all(),
    "subquery without the person": lambda s: s.scalars(select(inner(Caller.phone).c.phone)).all(),
    "union": lambda s: s.execute(union(select(Caller.id, Caller.phone), select(Caller.id, Caller.topic))).all(),
    "union past the session": lambda s: s.connection().execute(union(select(Caller.topic), select(Caller.phone))).all(),
    "union in a subquery": lambda s: s.scalars(
        select(union(select(Caller.topic), select(Caller.phone)).subquery().c.topic)
    ).all(),
    "entity of a mixed union": lambda s: s.scalars(
        select(Caller).from_statement(
            union(
                select(Caller.id, Caller.phone.label("topic"), Caller.account_id, Caller.story),
                select(Caller.id, Caller.topic, Caller.account_id, Caller.story),
            )
        )
    ).all(),
    "scalar subquery": lambda s: s.scalar(select(select(Caller.phone).where(Caller.id == 1).scalar_subquery())),
    "correlated subquery": lambda s: s.scalars(
        select(select(Caller.phone).where(Caller.id == Call.caller_id).scalar_subquery()).select_from(Call)
    ).all(),
    "greatest": lambda s: s.scalar(select(func.max(Caller.phone))),
    "counted values": lambda s: s.scalar(select(func.count(Caller.phone))),
    "gathered": lambda s: s.scalar(select(func.json_group_object(Caller.id, Caller.phone))),
    "gathered in a row": lambda s: s.scalar(select(func.string_agg(Caller.phone, ","))),
    "unknown function": lambda s: s.scalar(select(func.my_own(Caller.phone))),
    "window": lambda s: s.scalars(select(func.first_value(Caller.phone).over(order_by=Caller.id))).all(),
    "filtered count": lambda s: s.scalar(select(func.count().filter(Caller.phone == PHONE))),
    "existence as a column": lambda s: s.scalar(select(exists().where(Caller.phone == PHONE))),
    "comparison of a subquery": lambda s: s.scalars(
        select((select(Caller.phone).where(Caller.id == 1).scalar_subquery() == PHONE).label("same"))
    ).all(),
    "recursion": lambda s: s.scalars(select(recursive().c.phone)).all(),
    "sorted by text": lambda s: s.scalars(select(Caller.topic).order_by(text("phone"))).all(),
    "explained": lambda s: s.execute(text("EXPLAIN SELECT phone FROM planted_caller")).all(),
    "whole row": lambda s: s.scalar(select(func.row_to_json(T.table_valued()))),
    "expression of a model": lambda s: s.get_one(Shouting, 1).loud,
    "under another attribute": lambda s: (
        s.scalars(select(Caller).options(with_expression(Caller.blank, Caller.phone))).all()[0].blank
    ),
    "returning": lambda s: s.execute(
        update(Caller).where(Caller.id == 1).values(topic="x").returning(Caller.phone)
    ).all(),
    "returning from core": lambda s: (
        s.connection().execute(update(T).where(T.c.id == 1).values(topic="x").returning(T.c.phone)).all()
    ),
    "returning from insert": lambda s: s.execute(insert(T).values(id=9, topic="x").returning(T.c.phone)).all(),
    "returning from delete": lambda s: s.execute(delete(T).where(T.c.id == 1).returning(T.c.phone)).all(),
    "copied by an update": lambda s: s.execute(update(T).where(T.c.id == 1).values(topic=T.c.phone)),
    "copied by an insert": lambda s: s.execute(
        insert(Call.__table__).from_select(["caller_id", "note"], select(T.c.id, T.c.phone))
    ),
    "text changing": lambda s: s.execute(text("UPDATE planted_caller SET topic = phone")),
}
SEARCHED: dict[str, Way] = {
    "shown as a comparison, sorted": lambda s: s.scalars(
        select(Caller.topic).order_by(case((Caller.phone == PHONE, 0), else_=1))
    ).first(),
    "where": lambda s: s.scalar(select(Caller.topic).where(Caller.phone == PHONE)),
    "like": lambda s: s.scalars(select(Caller).where(Caller.email.like("anna%"))).one().topic,
    "order by": lambda s: s.scalars(select(Caller.topic).order_by(Caller.email)).first(),
    "counted where": lambda s: s.scalar(select(func.count()).select_from(Caller).where(Caller.phone == PHONE)),
    "joined on": lambda s: s.scalars(
        select(Caller.topic).join(a := aliased(Caller), a.phone == Caller.phone).order_by(Caller.id)
    ).first(),
    "in a subquery": lambda s: s.scalar(
        select(Caller.topic).where(Caller.id.in_(select(Caller.id).where(Caller.phone == PHONE)))
    ),
    "exists": lambda s: s.scalar(
        select(Call.note).where(exists().where(Caller.id == Call.caller_id, Caller.phone == PHONE))
    ),
    "distinct count": lambda s: s.scalar(
        select(func.count()).select_from(select(Caller.phone).group_by(Caller.phone).subquery())
    ),
}


@pytest.mark.parametrize("name", [*ENTITY, *COLUMN])
def test_what_is_read_is_recorded_with_its_person(desk: Desk, name: str) -> None:
    way = {**ENTITY, **COLUMN}[name]
    assert desk.read(way) == PHONE
    assert "phone" in seen_rows(desk.database)["1"]
    assert {(row, account) for _k, _p, row, account, _c in looks(desk.database) if row == "1"} == {("1", ANNA)}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_followed_to_a_person_is_refused(desk: Desk, name: str) -> None:
    with pytest.raises(PersonalDataRefused, match=r"personal-data\.md"):
        desk.read(REFUSED[name])
    assert looks(desk.database) == []


@pytest.mark.parametrize("name", SEARCHED)
def test_a_search_by_personal_columns_writes_one_search_record(desk: Desk, name: str) -> None:
    assert desk.read(SEARCHED[name])
    assert [kind for kind, *_rest in looks(desk.database)] == ["search"]


@pytest.mark.parametrize("name", [*ENTITY, *COLUMN])
def test_without_the_gate_the_value_leaks_and_nobody_knows(desk: Desk, name: str) -> None:
    with gate_off():
        assert desk.read({**ENTITY, **COLUMN}[name]) == PHONE
    assert looks(desk.database) == []
