"""The quick dump says what marshmallow says."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import marshmallow
import pytest
from marshmallow import fields as ma

from egovframe.dumping import FastDump
from egovframe.fields import Instant, StrictSchema

AT = datetime(2026, 11, 21, 9, 0, tzinfo=timezone(timedelta(hours=9)))


class Inner(StrictSchema):
    code = ma.String()
    at = Instant(allow_none=True)


class Outer(StrictSchema):
    name = ma.String()
    number = ma.Integer()
    money = ma.Float(allow_none=True)
    as_text = ma.Integer(as_string=True)
    yes = ma.Boolean()
    at = Instant(allow_none=True)
    inner = ma.Nested(Inner, allow_none=True)
    inners = ma.List(ma.Nested(Inner))
    renamed_ = ma.String(data_key="renamed", attribute="source")
    secret = ma.String(load_only=True)


ROWS: list[dict[str, Any]] = [
    {},
    {"name": "a", "number": 3, "money": 1.5, "as_text": 7, "yes": True, "at": AT, "secret": "no"},
    {"name": 5, "number": 2.0, "money": None, "yes": 1, "at": None, "inner": None, "inners": [], "source": "s"},
    {"at": AT.astimezone(UTC), "inner": {"code": "c"}, "inners": [{"code": "x", "at": AT}, {}], "unknown": 1},
]


def slowly(schema: marshmallow.Schema, rows: Any, *, many: bool | None = None) -> Any:
    return marshmallow.Schema.dump(schema, rows, many=many)


@pytest.mark.parametrize("row", ROWS)
def test_one_dict(row: dict[str, Any]) -> None:
    assert Outer().dump(row) == slowly(Outer(), row)


def test_many_dicts_in_both_ways_of_asking() -> None:
    expected = slowly(Outer(many=True), ROWS)
    assert Outer(many=True).dump(ROWS) == expected
    assert Outer().dump(tuple(ROWS), many=True) == expected
    assert Outer(many=True).dump(ROWS[1], many=False) == expected[1]
    assert Outer(only=("name",), many=True).dump(ROWS) == slowly(Outer(only=("name",), many=True), ROWS)


def test_types_stay_as_marshmallow_makes_them() -> None:
    row = {"name": 5, "number": True, "money": 2, "as_text": 7, "yes": 1}
    dumped, expected = Outer().dump(row), slowly(Outer(), row)
    assert [(name, type(value)) for name, value in dumped.items()] == [
        (n, type(value)) for n, value in expected.items()
    ]
    assert type(dumped["number"]) is int


def test_a_name_that_dicts_have_as_a_method_is_no_value() -> None:
    schema = FastDump.from_dict({"items": ma.Raw(), "name": ma.String()})()
    assert schema.dump({"name": "a"}) == {"name": "a"}


@pytest.mark.parametrize(
    "field",
    [
        ma.Method("loud"),
        ma.Constant("same"),
        ma.String(attribute="deep.name"),
        ma.String(dump_default="none"),
    ],
)
def test_what_only_marshmallow_can_do_goes_its_way(field: ma.Field[Any]) -> None:
    class Loud(FastDump):
        found = field

        def loud(self, row: Any) -> str:
            return str(row["deep"]["name"]).upper()

    row = {"deep": {"name": "x"}}
    assert Loud().dump(row) == slowly(Loud(), row)
    assert "found" in Loud().dump(row)


def test_hooks_and_objects_go_marshmallows_way() -> None:
    class Hooked(FastDump):
        name = ma.String()

        @marshmallow.post_dump
        def louder(self, data: Any, **_kwargs: Any) -> Any:
            return {key: value.upper() for key, value in data.items()}

    class Thing:
        name = "a"

    assert Hooked().dump({"name": "a"}) == {"name": "A"}
    assert Outer().dump(Thing()) == {"name": "a"}
