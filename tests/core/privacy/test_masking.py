"""Dots stand for what was not asked for; they are never stored as a value."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from core.privacy.planted import Caller, plant
from marshmallow import ValidationError
from sqlalchemy import bindparam, func, insert, select, update
from sqlalchemy.dialects.postgresql import insert as pg_insert
from sqlalchemy.dialects.sqlite import insert as lite_insert
from sqlalchemy.orm import Session, configure_mappers

from egovframe.core.modules.privacy import MASK, by_the_system
from egovframe.core.persistence import Database, insert_rows, quick_change
from egovframe.fields import Email, Phone, StrictSchema, Text


class ContactSchema(StrictSchema):
    name = Text(metadata={"personal": True})
    phone = Phone(metadata={"personal": True})
    email = Email(metadata={"personal": True})
    remark = Text()


@pytest.mark.parametrize("name", ["name", "phone", "email"])
@pytest.mark.parametrize("typed", [MASK, f" {MASK} ", f"a{MASK}@x.example", [MASK]])
def test_dots_are_refused_in_fields_for_personal_data(name: str, typed: object) -> None:
    with pytest.raises(ValidationError) as refused:
        ContactSchema().load({name: typed})
    assert list(refused.value.messages_dict) == [name]


def test_dots_are_words_like_others_elsewhere() -> None:
    assert ContactSchema().load({"remark": f"Well {MASK}", "name": "Kim"})["remark"] == f"Well {MASK}"


def test_a_model_refuses_dots_whatever_way_they_came() -> None:
    configure_mappers()
    caller = Caller(id=1, topic="light")
    with pytest.raises(ValueError, match="dots"):
        caller.phone = MASK
    caller.phone = "02-120"


T: Any = Caller.__table__
ROW = {"id": 9, "topic": "light", "account_id": None, "email": "x@people.example"}
WRITES: dict[str, Callable[[Session], Any]] = {
    "insert": lambda s: s.execute(insert(T).values(**ROW, phone=MASK)),
    "insert of parameters": lambda s: s.execute(insert(T), [{**ROW, "phone": "1"}, {**ROW, "id": 10, "phone": MASK}]),
    "insert of a model": lambda s: s.execute(insert(Caller), [{**ROW, "phone": MASK, "story": ""}]),
    "insert of rows": lambda s: s.execute(insert(T).values([{**ROW, "phone": "1"}, {**ROW, "id": 10, "phone": MASK}])),
    "insert past the session": lambda s: s.connection().execute(insert(T).values(**ROW, phone=f"0{MASK}")),
    "quick insert": lambda s: insert_rows(s, Caller, {**ROW, "phone": MASK}),
    "update": lambda s: s.execute(update(T).where(T.c.id == 1).values(phone=MASK)),
    "update of a model": lambda s: s.execute(update(Caller).where(Caller.id == 1).values(phone=MASK)),
    "update by key": lambda s: s.execute(update(Caller), [{"id": 1, "phone": MASK}]),
    "update in an expression": lambda s: s.execute(update(T).values(phone=func.coalesce(MASK, T.c.phone))),
    "update of parameters": lambda s: s.execute(update(T).values(phone=bindparam("given")), {"given": MASK}),
    "quick update": lambda s: quick_change(s, QUICK, {"phone": MASK}),
    "conflict": lambda s: s.execute(
        (pg_insert if s.get_bind().dialect.name == "postgresql" else lite_insert)(T)
        .values(**{**ROW, "id": 1})
        .on_conflict_do_update(index_elements=["id"], set_={"phone": MASK})
    ),
    "in a job of the system": lambda s: by_the_system_update(s),
}
QUICK = update(T).where(T.c.id == 1).values(phone=bindparam("phone"))


def by_the_system_update(session: Session) -> None:
    with by_the_system(session):
        session.execute(update(T).values(phone=MASK))


@pytest.mark.parametrize("name", WRITES)
def test_dots_are_refused_in_every_change(database: Database, name: str) -> None:
    plant(database)
    with pytest.raises(ValueError, match="dots"), database.writing() as session:
        WRITES[name](session)


def test_dots_are_words_like_others_in_columns_without_personal_data(database: Database) -> None:
    plant(database)
    with database.writing() as session:
        session.execute(insert(T).values(**{**ROW, "topic": MASK}, phone="1", story=MASK))
        session.execute(update(T).where(T.c.topic == MASK).values(story=func.coalesce(MASK, T.c.topic), phone="2"))
        session.execute(update(T).where(T.c.id == 9).values(form=func.coalesce(f'{{"said": "{MASK}"}}', T.c.form)))
        session.add(Caller(id=10, topic=MASK, phone="4", form=MASK))
        assert quick_change(session, QUICK, {"phone": "3"}) == 1
    with database.reading() as session:
        assert session.scalar(select(T.c.story).where(T.c.id == 9)) == MASK


def test_dots_are_refused_by_every_form_for_contact_data() -> None:
    from civic_participation.schemas import ContactIn, DetailsSchema

    from egovframe.core.web.account.schemas import ProfileSchema, RegisterSchema

    for schema, names in (
        (ContactIn, ("name", "email", "phone")),
        (DetailsSchema, ("name", "email", "phone")),
        (ProfileSchema, ("display_name", "addressed_as")),
        (RegisterSchema, ("display_name", "email")),
    ):
        fields = schema._declared_fields
        assert [name for name in names if not fields[name].metadata.get("personal")] == [], schema


def test_every_address_and_number_is_personal_unless_it_says_otherwise() -> None:
    assert Email().metadata["personal"]
    assert Phone(metadata={"label": "x"}).metadata == {"personal": True, "label": "x"}
    assert not Email(metadata={"personal": False}).metadata["personal"]
