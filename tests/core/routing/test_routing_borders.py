"""A place that lies on the other side of a border: its areas stay consistent, the explanation says who said so."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from egovframe.core.modules.routing import (
    AreaRef,
    BorderChoice,
    Decision,
    Neighbour,
    decide,
    decide_each,
    explain,
    moved_to,
    nearest_to,
)
from egovframe.core.persistence import Database
from egovframe.testing.queries import count_queries

from .conftest import text

Cities = Callable[[], Any]


def ref(layer: str, number: int, *above: AreaRef) -> AreaRef:
    ids, layers = tuple(one.id for one in above), tuple(one.layer for one in above)
    return AreaRef(layer, number, f"{layer}-{number}", text(f"{layer.title()} {number}"), ids, layers)


NORTH, SOUTH = ref("district", 1), ref("district", 2)
IN_NORTH, IN_SOUTH, FAR_SOUTH = ref("quarter", 11, NORTH), ref("quarter", 21, SOUTH), ref("quarter", 22, SOUTH)
SCHOOLS = ref("school_zone", 31)
MAPPED = (NORTH, IN_NORTH, SCHOOLS)


def beside(*areas: AreaRef) -> list[Neighbour]:
    return [Neighbour(area, float(number)) for number, area in enumerate(areas, start=1)]


@pytest.mark.parametrize(
    ("chosen", "near", "expected"),
    [
        (SOUTH, beside(SOUTH, IN_SOUTH, FAR_SOUTH), (SOUTH, IN_SOUTH, SCHOOLS)),
        (SOUTH, beside(FAR_SOUTH, SOUTH, IN_SOUTH), (SOUTH, FAR_SOUTH, SCHOOLS)),
        (SOUTH, beside(SOUTH), (SOUTH, SCHOOLS)),
        (IN_SOUTH, beside(IN_SOUTH, SOUTH), (SOUTH, IN_SOUTH, SCHOOLS)),
        (IN_SOUTH, beside(IN_SOUTH), (IN_SOUTH, SCHOOLS)),
        (ref("quarter", 12, NORTH), beside(SOUTH), (NORTH, ref("quarter", 12, NORTH), SCHOOLS)),
        (ref("school_zone", 32), beside(SOUTH), (NORTH, IN_NORTH, ref("school_zone", 32))),
    ],
    ids=[
        "the nearest within it",
        "nearest first",
        "none near",
        "the one around it",
        "the one around it is far",
        "same district",
        "a layer of its own",
    ],
)
def test_areas_follow_the_choice(chosen: AreaRef, near: list[Neighbour], expected: tuple[AreaRef, ...]) -> None:
    assert moved_to(chosen, MAPPED, near) == expected


def test_borders_that_do_not_fit_each_other(in_city: Cities) -> None:
    """The district's file says south, the quarter's file a quarter in the north: whoever says north gets both."""
    assert moved_to(NORTH, (SOUTH, IN_NORTH), beside(NORTH)) == (NORTH, IN_NORTH)


@pytest.mark.parametrize(
    ("near", "expected"),
    [
        (beside(), ()),
        (beside(SOUTH), (SOUTH,)),
        (beside(IN_SOUTH, SOUTH, NORTH), (SOUTH, IN_SOUTH)),
        (beside(SOUTH, IN_NORTH, FAR_SOUTH, NORTH), (SOUTH, FAR_SOUTH)),
        (beside(IN_NORTH, SOUTH), (IN_NORTH,)),
        (beside(NORTH, SCHOOLS, IN_NORTH), (NORTH, SCHOOLS, IN_NORTH)),
    ],
    ids=["nothing", "one", "wide before narrow", "of one side only", "the one around it is far", "a layer of its own"],
)
def test_outside_of_every_area_the_nearest_counts(near: list[Neighbour], expected: tuple[AreaRef, ...]) -> None:
    assert nearest_to(near) == expected


def test_many_decisions_are_the_single_ones(in_city: Cities, database: Database) -> None:
    with in_city() as city:
        district, quarter = city.layer("district", 1), city.layer("quarter", 2)
        north, south = city.area(district, "north"), city.area(district, "south")
        inner = city.area(quarter, "inner", south)
        roads = city.department("roads")
        city.owns(city.post("roads.north", roads, "Noa"), "lamp", north)
        city.owns(city.post("roads.inner", roads, "Ina"), "lamp", inner)
        city.owns(roads, "*", south)
        city.owns(city.department("parks"), "tree", south)
        matters = [
            city.matter("lamp", north),
            city.matter("lamp", south),
            city.matter("lamp", south, inner),
            city.matter("tree", south),
            city.matter("tree", north),
        ]
        single = [decide(city.session, matter) for matter in matters]
        assert decide_each(city.session, matters) == single
        assert len({(one.department_id, one.post_id) for one in single}) == 5
        with count_queries(database) as few:
            decide_each(city.session, matters[1:2])
        with count_queries(database) as many:
            decide_each(city.session, [matters[1]] * 5)
        assert len(many) <= len(few), str(many)


def said(decision: Decision, language: str, audience: Any = "citizen") -> str:
    return explain(decision.explanation(), language, audience)[0]


@pytest.mark.parametrize("audience", ["citizen", "staff"])
def test_the_explanation_says_who_said_so(app: Flask, in_city: Cities, audience: str) -> None:
    with app.app_context(), in_city() as city:
        layer = city.layer("district", 1)
        city.area(layer, "north")
        south = city.area(layer, "south")
        city.owns(city.department("roads"), "lamp", south)
        moved = city.matter("lamp", south, border=BorderChoice(SOUTH, NORTH, 1234))
        stays = city.matter("lamp", south, border=BorderChoice(SOUTH, NORTH, 7, as_mapped=True))
        chosen, confirmed = (decide(city.session, matter) for matter in (moved, stays))
        sentence = "District 2, as the reporter said: the place lies 1,234 m from the border with District 1"
        assert said(chosen, "en", audience) == f"{sentence} (the map says District 1)."
        sentence = "District 2, as the map and the reporter say: the place lies 7 m from the border with District 1."
        assert said(confirmed, "en", audience) == sentence
        for language, number in (("ko", "1,234 m"), ("ar", "1,234")):
            told = said(chosen, language, audience)
            assert told.startswith("District 2")
            assert number in told
            assert "reporter" not in told
            assert "District 1" in said(confirmed, language, audience)
