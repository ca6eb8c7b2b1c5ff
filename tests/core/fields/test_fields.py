"""What comes from outside: strict, bounded, refused with words; nothing that a database would choke on gets through."""

from __future__ import annotations

import json
import unicodedata
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from egovframe import fields

ANYTHING = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=5), inner, max_size=4),
    max_leaves=10,
)
FIELDS: dict[str, Any] = {
    "text": fields.Text(),
    "long": fields.LongText(),
    "integer": fields.Integer(),
    "decimal": fields.Decimal(),
    "boolean": fields.Boolean(),
    "instant": fields.Instant(),
    "date": fields.Date(),
    "email": fields.Email(),
    "phone": fields.Phone(),
    "url": fields.Url(),
    "choice": fields.Choice(("a", "b", 3)),
    "latitude": fields.Latitude(),
    "longitude": fields.Longitude(),
    "code": fields.Code(),
    "public_id": fields.PublicId(),
    "language": fields.Language(),
    "password": fields.Password(),
    "translated": fields.TranslatedField(),
    "json": fields.Json(),
}


@pytest.mark.parametrize("name", sorted(FIELDS))
@given(value=ANYTHING)
def test_a_field_gives_a_storable_value_or_a_refusal(name: str, value: Any) -> None:
    try:
        found = FIELDS[name].deserialize(value)
    except ValidationError:
        return
    text = json.dumps(found, default=str, ensure_ascii=False)
    text.encode()
    assert "\\u0000" not in text or name == "json"


@given(st.text(max_size=300))
def test_text_is_normal_bounded_and_stays_so(value: str) -> None:
    field = fields.Text(max_length=100)
    try:
        once = field.deserialize(value)
    except ValidationError:
        return
    assert once == unicodedata.normalize("NFC", once)
    assert len(once) <= 100
    assert not any(unicodedata.category(c) == "Cc" for c in once)
    assert field.deserialize(once) == once


@pytest.mark.parametrize("value", ["a\x00b", "a\ud800b", "e" + "\u0301" * 40, "x" * 256, 7, None, ["a"], {"a": 1}])
def test_text_refuses(value: Any) -> None:
    with pytest.raises(ValidationError):
        fields.Text(required=True).deserialize(value)


@pytest.mark.parametrize("value", ["1_000", "١٢٣", "1.9", 1.9, True, "1e3", 10**30, "9" * 30, "", None])
def test_numbers_that_others_take_are_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        fields.Integer(required=True).deserialize(value)


@pytest.mark.parametrize(
    ("field", "good", "bad"),
    [
        (fields.Integer(minimum=1, maximum=3), [1, "3", " 2 "], [0, "4"]),
        (fields.Decimal(places=2), ["1.50", 2], ["1.505", "NaN", "1e400", "Infinity"]),
        (fields.Boolean(), ["on", "", False, "0"], ["maybe", 2]),
        (fields.Date(), ["2024-02-29"], ["2023-02-29", "2024-2-9", "٢٠٢٤-٠٢-٢٩"]),
        (
            fields.Instant(),
            ["2026-11-21T09:00:00+09:00", "2026-11-21T00:00:00Z"],
            ["2026-11-21T09:00:00", "x", "9999-12-31T23:59:59-23:59"],
        ),
        (
            fields.Email(),
            ["Kim.Lee+x@City.Example"],
            ["a@b", "a b@c.example", "@x.example", "a@@b.example", "a\n@b.example"],
        ),
        (fields.Phone(), ["+82 2 120-3344", "120"], ["call me", "12", "+" * 9]),
        (
            fields.Url(),
            ["https://city.example/a?b=c"],
            ["javascript:alert(1)", "//evil", "ftp://x", "http://user:pw@host/"],
        ),
        (fields.Choice(("a", "b")), ["a"], ["c", 1, ["a"]]),
        (fields.Latitude(), [90, "37.5"], [90.01, "nan", float("inf"), "1,5"]),
        (fields.Longitude(), [-180], [181, True]),
        (fields.Code(), ["Street_Light-1"], ["a b", "-a", "é"]),
        (fields.PublicId(), ["0123456789abcdef"], ["ABC", "../../etc"]),
        (fields.Language(), ["ko", "zh-Hant"], ["KO", "english language"]),
    ],
)
def test_what_each_field_takes_and_refuses(field: Any, good: list[Any], bad: list[Any]) -> None:
    for value in good:
        field.deserialize(value)
    for value in bad:
        with pytest.raises(ValidationError):
            field.deserialize(value)


def test_an_instant_is_one_instant_whatever_its_zone() -> None:
    field = fields.Instant()
    seoul, utc = field.deserialize("2026-11-21T09:00:00+09:00"), field.deserialize("2026-11-21T00:00:00Z")
    assert seoul == utc
    assert seoul.utcoffset() == timedelta()


def test_json_is_bounded_in_depth_and_size() -> None:
    deep: Any = 1
    for _level in range(30):
        deep = [deep]
    for value in (deep, list(range(2000)), {"a": float("nan")}, {"a\x00": 1}, 2**70):
        with pytest.raises(ValidationError):
            fields.Json().deserialize(value)
    assert fields.Json().deserialize({"a": [1, "b", None]}) == {"a": [1, "b", None]}


def test_unknown_keys_and_things_that_are_no_object_are_refused() -> None:
    class Form(fields.StrictSchema):
        name = fields.Text(required=True)

    with pytest.raises(ValidationError) as caught:
        Form().load({"name": "a", "role": "admin"})
    assert set(caught.value.messages_dict) == {"role"}
    for nonsense in ([], "name", 7, None):
        with pytest.raises(ValidationError):
            Form().load(nonsense)


def test_a_lazy_message_is_one_message() -> None:
    with pytest.raises(ValidationError) as caught:
        fields.Text(required=True).deserialize("")
    assert [str(message) for message in caught.value.messages] == ["Please fill this in."]


def test_a_flood_of_names_gets_one_message() -> None:
    class Small(fields.StrictSchema):
        name = fields.Text()

    with pytest.raises(ValidationError) as caught:
        Small().load({f"k{number}": "x" for number in range(100_000)})
    assert list(caught.value.messages_dict) == ["_schema"]
