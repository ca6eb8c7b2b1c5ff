"""Addresses that a loop puts together are those that Werkzeug's compiled functions make."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.routing import BuildError, IntegerConverter, Map, Rule

from egovframe.core.web.rules import PlainRule

TEXTS = ["plain", "with space", "한글", "a/b", "?&#%+", "..", "é"]


def sample(converter: Any, text: str) -> Any:
    """Return a value that a converter takes."""
    return 7 if isinstance(converter, IntegerConverter) else text


def both(rule: str, **options: Any) -> tuple[Any, Any]:
    """Return two adapters that know one rule: Werkzeug's own and ours."""
    maps = [Map([kind(rule, endpoint="it", **options)], host_matching="host" in options) for kind in (Rule, PlainRule)]
    return maps[0].bind("city.example"), maps[1].bind("city.example")


@given(text=st.text(min_size=1), number=st.integers(0, 10**9), unknown=st.dictionaries(st.text(min_size=1), st.text()))
def test_any_values_give_the_same_address(text: str, number: int, unknown: dict[str, str]) -> None:
    theirs, ours = both("/a b/<int:number>/é/<text>")
    values = {**unknown, "number": number, "text": text}
    for append in (True, False):
        assert ours.build("it", values, append_unknown=append) == theirs.build("it", values, append_unknown=append)


@pytest.mark.parametrize("values", [{}, {"page": 1}, {"page": 1, "q": "x"}, {"q": ["a", "b"]}, {"q": None}])
def test_defaults_stand_for_what_is_not_said(values: dict[str, Any]) -> None:
    theirs, ours = both("/list/", defaults={"page": 1})
    assert ours.build("it", values) == theirs.build("it", values)


def test_a_host_is_part_of_the_rule() -> None:
    theirs, ours = both("/<x>", host="<name>.example")
    values = {"name": "city", "x": "1"}
    assert ours.build("it", values, force_external=True) == theirs.build("it", values, force_external=True)


@pytest.mark.parametrize("values", [{}, {"text": "y"}, {"number": 1}])
def test_what_cannot_be_built_is_refused(values: dict[str, Any]) -> None:
    for one in both("/<int:number>/<text>"):
        with pytest.raises(BuildError):
            one.build("it", values)


def test_every_route_of_the_portal_gives_the_same_address(app: Flask) -> None:
    assert all(type(rule) is PlainRule for rule in app.url_map.iter_rules())
    for rule in app.url_map.iter_rules():
        theirs = Rule._compile_builder(rule, True)
        for text in TEXTS:
            values = {name: sample(converter, text) for name, converter in rule._converters.items()}
            assert rule._build_unknown(**values, extra=text) == theirs(rule, **values, extra=text)
