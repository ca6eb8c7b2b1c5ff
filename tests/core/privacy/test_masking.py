"""Dots stand for what was not asked for; they are never stored as a value."""

from __future__ import annotations

import pytest
from core.privacy.planted import Caller
from marshmallow import ValidationError
from sqlalchemy.orm import configure_mappers

from egovframe.core.modules.privacy import MASK
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
