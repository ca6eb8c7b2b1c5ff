"""Ways of reading a personal column that a statement does not show: bare names, texts, constructs, other rows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from core.privacy.planted import PHONE, Call, Caller
from sqlalchemy import String as Words
from sqlalchemy import (
    column,
    desc,
    func,
    insert,
    select,
    table,
    text,
    true,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.orm import Session, aliased, undefer
from sqlalchemy.sql.expression import ColumnElement

Way = Callable[[Session], Any]
T = Caller.__table__


class Whispering(ColumnElement[str]):
    """A construct of somebody's own: what it is compiled to is not to be seen from outside."""

    inherit_cache = False
    type = Words()

    def __init__(self, shown: Any) -> None:
        self.shown = shown


@compiles(Whispering)
def _whispered(element: Whispering, compiler: Any, **options: Any) -> str:
    return f"lower({compiler.process(element.shown, **options)})"


def subquery_of(*columns: Any) -> Any:
    return select(*columns).subquery()


def under_another_name() -> Any:
    columns = (Caller.id, Caller.account_id, Caller.phone.label("topic"), Caller.story)
    return aliased(Caller, select(*columns).subquery(), adapt_on_names=True)


def of_another_row() -> Any:
    other = aliased(Caller)
    columns = (Caller.id, Caller.account_id, Caller.topic, Caller.story, Caller.email, other.phone)
    return aliased(Caller, select(*columns).join(other, other.id != Caller.id).subquery())


def somebody_elses(*names: str) -> Any:
    """A subquery with the telephone of row 1 beside columns of row 2."""
    other = aliased(Caller)
    columns = [getattr(other if name in names else Caller, name) for name in ("id", "account_id")]
    return select(*columns, Caller.phone).join(other, other.id == 2).where(Caller.id == 1).subquery()


def pieces(shown: Any) -> Any:
    """Rows that the database makes of a value."""
    return func.json_each(shown).table_valued("value")


BARE: dict[str, Way] = {
    "bare column": lambda s: s.scalar(select(column("phone")).select_from(Caller).where(Caller.id == 1)),
    "bare column of core": lambda s: s.execute(select(column("phone")).select_from(T).where(T.c.id == 1)).scalar(),
    "bare column past the session": lambda s: s.connection().execute(select(column("phone")).select_from(T)).scalar(),
    "bare column in a function": lambda s: s.scalar(select(func.lower(column("phone"))).select_from(Caller)),
    "bare column, gathered": lambda s: s.scalar(select(func.max(column("phone"))).select_from(Caller)),
    "bare column in a subquery": lambda s: s.scalar(
        select(select(column("phone").label("p")).select_from(Caller).subquery().c.p)
    ),
    "bare column, compared": lambda s: s.scalar(select(Caller.topic).where(column("phone") == PHONE)),
    "bare column, given back": lambda s: s.scalar(
        update(Caller).where(Caller.id == 1).values(topic="x").returning(column("phone"))
    ),
    "bare column, copied by an update": lambda s: s.execute(update(T).values(topic=column("phone"))),
    "bare column, copied by an insert": lambda s: s.execute(
        insert(Call.__table__).from_select(["caller_id", "note"], select(T.c.id, column("phone")))
    ),
    "bare column in a source of an update": lambda s: s.execute(
        update(Call)
        .where(Call.caller_id == (q := subquery_of(Caller.id, column("phone").label("p"))).c.id)
        .values(note=q.c.p)
        .execution_options(synchronize_session=False)
    ),
    "name of the table as a column": lambda s: s.scalar(
        select(func.row_to_json(column("planted_caller"))).select_from(T)
    ),
    "name of a subquery as a column": lambda s: s.scalar(
        select(func.json_agg(column("q"))).select_from(select(T.c.phone).subquery("q"))
    ),
    "sorted by a string": lambda s: s.scalars(select(Caller.topic).order_by("phone")).all(),
    "sorted by a string, downwards": lambda s: s.scalars(select(Caller.topic).order_by(desc("phone"))).all(),
    "sorted by the string of a subquery": lambda s: s.scalars(
        select(subquery_of(Caller.id, Caller.phone.label("p")).c.id).order_by("p")
    ).all(),
    "grouped by a string": lambda s: s.execute(select(func.count()).select_from(Caller).group_by("phone")).all(),
}
HIDDEN: dict[str, Way] = {
    "under another attribute by name": lambda s: s.scalars(select(under_another_name())).all()[0].topic,
    "entity with the value of another row": lambda s: s.scalars(
        select(a := of_another_row()).options(undefer(a.phone))
    ).all(),
    "own construct": lambda s: s.scalar(select(Whispering(Caller.phone)).select_from(Caller)),
    "own construct of core": lambda s: s.scalar(select(Whispering(T.c.phone)).select_from(T)),
    "behind the statement": lambda s: s.scalars(
        select(Caller.topic).suffix_with("UNION SELECT phone FROM planted_caller")
    ).all(),
    "behind a statement over a neighbour": lambda s: s.scalars(
        select(Call.note).suffix_with("UNION SELECT phone FROM planted_caller")
    ).all(),
    "before the columns": lambda s: s.execute(select(Caller.topic).prefix_with("phone,")).all(),
    "in a hint": lambda s: s.execute(
        select(Caller.topic).with_statement_hint("UNION SELECT phone FROM planted_caller")
    ).all(),
    "in an operator": lambda s: s.scalar(select(Caller.topic.op("|| phone ||")(""))),
    "taken apart": lambda s: s.scalar(select(pieces(Caller.phone).c.value).select_from(Caller)),
    "taken apart, joined": lambda s: s.execute(
        select(Caller.id, (p := pieces(Caller.phone)).c.value).select_from(Caller).join(p, true())
    ).all(),
    "taken apart in a subquery": lambda s: s.scalar(
        select(select((p := pieces(Caller.phone)).c.value).select_from(Caller).join(p, true()).subquery().c.value)
    ),
    "taken apart past the session": lambda s: (
        s.connection().execute(select((p := pieces(T.c.phone)).c.value).select_from(T).join(p, true())).scalar()
    ),
    "in a list of values": lambda s: s.scalar(
        select((v := values(column("a", Words), name="v").data([(Caller.phone,)]).lateral()).c.a)
        .select_from(Caller)
        .join(v, true())
    ),
    "person of another row": lambda s: s.scalar(select(somebody_elses("account_id").c.phone)),
    "key of another row": lambda s: s.scalar(select(somebody_elses("id").c.phone)),
    "key and person of another row": lambda s: s.scalar(select(somebody_elses("id", "account_id").c.phone)),
    "copied by a conflict": lambda s: s.execute(
        (pg_insert if s.get_bind().dialect.name == "postgresql" else lite_insert)(T)
        .values(id=1, topic="x")
        .on_conflict_do_update(index_elements=["id"], set_={"topic": T.c.phone})
    ),
    "copied by a change inside": lambda s: s.execute(
        select(update(T).values(topic=T.c.phone).returning(T.c.id).cte("changed").c.id)
    ).all(),
    "in capitals, without the person": lambda s: s.scalar(
        select(table("PLANTED_CALLER", column("id"), column("PHONE")).c.PHONE)
    ),
    "statistics of the database": lambda s: s.execute(text("SELECT most_common_vals FROM pg_stats")).all(),
    "statistics, built": lambda s: s.execute(select(table("pg_stats", column("most_common_vals")))).all(),
    "a table named by a value": lambda s: s.scalar(select(func.query_to_xml("SELECT 1", True, False, ""))),
}
