"""Who takes a matter, in which order it is looked for, and that nothing is ever dropped."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import event

from egovframe.actor import SYSTEM, Actor
from egovframe.core.i18n import Translated
from egovframe.core.modules.routing import AreaRef, Matter, RoutingRule, add_rule, change_rule, closest, decide, explain
from egovframe.core.persistence import Database
from egovframe.errors import Conflict, Forbidden, Invalid

InCity = Callable[[], Any]
AT = datetime(2026, 11, 21, 3, 0, tzinfo=UTC)


def text(english: str) -> Translated:
    return Translated.of("en", en=english)


def codes(decision: Any) -> list[str]:
    return [step.code for step in decision.steps]


def test_the_closest_area_wins_over_everything_wider(in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        wide, narrow = city.layer("district", 1), city.layer("neighbourhood", 2)
        haneul = city.area(wide, "haneul")
        lotus = city.area(narrow, "lotus", haneul)
        far, near = city.post("far", roads, "F. Far"), city.post("near", roads, "N. Near")
        city.owns(far, "lights", haneul)
        city.owns(near, "lights", lotus)
        city.owns(roads, "lights")
        found = decide(city.session, city.matter("lights", haneul, lotus))
        assert found.post_id == near.id
        assert found.department_id == roads.id
        assert not found.triage
        assert codes(found) == ["jurisdiction_undated", "holder"]


def test_a_rule_stands_between_the_closest_and_the_wider_area(in_city: InCity) -> None:
    with in_city() as city:
        roads, night = city.department("roads"), city.department("night")
        haneul = city.area(city.layer("district", 1), "haneul")
        lotus = city.area(city.layer("neighbourhood", 2), "lotus", haneul)
        city.owns(roads, "lights", haneul)
        matter = city.matter("lights", haneul, lotus)
        assert codes(decide(city.session, matter)) == ["parent_area"]
        rule = add_rule(
            city.session, SYSTEM, title=text("Weekend"), conditions={"weekdays": [6, 7]}, department_id=night.id
        )
        assert decide(city.session, matter).department_id == night.id
        monday = city.matter("lights", haneul, lotus, at=AT + timedelta(days=2))
        assert decide(city.session, monday).department_id == roads.id
        change_rule(city.session, SYSTEM, rule.public_id, version=1, active=False)
        assert decide(city.session, matter).department_id == roads.id
        city.owns(roads, "lights", lotus)
        change_rule(city.session, SYSTEM, rule.public_id, version=2, active=True)
        assert decide(city.session, matter).department_id == roads.id


def test_city_wide_owner_then_default_department_then_whoever_takes_everything(in_city: InCity) -> None:
    with in_city() as city:
        roads, parks, desk = city.department("roads"), city.department("parks"), city.department("desk")
        assert decide(city.session, city.matter("lights")).triage
        city.owns(desk, "*")
        assert decide(city.session, city.matter("lights")).department_id == desk.id
        matter = city.matter("lights", default_department_id=parks.id)
        assert decide(city.session, matter).department_id == parks.id
        city.owns(roads, "lights")
        assert decide(city.session, matter).department_id == roads.id


def test_an_ancestor_of_the_subject_stands_in_for_it(in_city: InCity) -> None:
    with in_city() as city:
        roads, lamps = city.department("roads"), city.department("lamps")
        haneul = city.area(city.layer("district", 1), "haneul")
        city.owns(roads, "streets", haneul)
        matter = city.matter("lights", haneul, parents=("streets",))
        assert decide(city.session, matter).department_id == roads.id
        city.owns(lamps, "lights", haneul)
        assert decide(city.session, matter).department_id == lamps.id


def test_a_vacant_post_is_passed_over_and_reported(in_city: InCity) -> None:
    with in_city() as city:
        roads, desk = city.department("roads"), city.department("desk")
        haneul = city.area(city.layer("district", 1), "haneul")
        vacant = city.post("vacant", roads)
        city.owns(vacant, "lights", haneul)
        city.owns(desk, "lights")
        found = decide(city.session, city.matter("lights", haneul))
        assert found.department_id == desk.id
        assert codes(found) == ["skipped_vacant", "city_wide"]


def test_a_closed_department_is_passed_over_and_nothing_is_dropped(in_city: InCity) -> None:
    with in_city() as city:
        gone = city.department("gone", valid_until=AT - timedelta(days=1))
        city.owns(gone, "lights")
        found = decide(city.session, city.matter("lights"))
        assert found.triage
        assert found.department_id is None
        assert codes(found) == ["no_place", "skipped_closed", "triage"]


def test_a_substitute_stands_in_and_is_named_to_colleagues_only(in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        haneul = city.area(city.layer("district", 1), "haneul")
        post, deputy = city.post("Roads, Haneul", roads, "R. Okoye"), city.post("Deputy", roads, "J. Lim")
        city.owns(post, "lights", haneul, valid_from=datetime(2026, 1, 1, tzinfo=UTC))
        city.away(post, deputy)
        matter = city.matter("lights", haneul, titles={"lights": text("Street lights")})
        found = decide(city.session, matter)
        assert found.post_id == deputy.id
        assert codes(found) == ["jurisdiction", "absence"]
        staff = explain(found.explanation(), "en", "staff")
        assert staff[0] == (
            "Matters of “Street lights” in Haneul belong to Roads, Haneul (valid from Thursday, 1 January 2026)."
        )
        assert staff[1] == "R. Okoye is on leave until Thursday, 26 November 2026: J. Lim stands in."
        citizen = " ".join(explain(found.explanation(), "en", "citizen"))
        assert "Deputy stands in" in citizen
        assert "Okoye" not in citizen
        assert "Lim" not in citizen


def test_nobody_stands_in_and_the_post_is_passed_over(in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        post = city.post("post", roads, "A. Way")
        city.owns(post, "lights")
        city.away(post, None)
        found = decide(city.session, city.matter("lights", default_department_id=roads.id))
        assert found.department_id == roads.id
        assert found.account_id is None
        assert codes(found) == ["no_place", "skipped_vacant", "default_department"]


@pytest.mark.parametrize(
    ("conditions", "holds"),
    [
        ({}, True),
        ({"subjects": ["streets"]}, True),
        ({"subjects": ["parks"]}, False),
        ({"weekdays": [6]}, True),
        ({"weekdays": [1]}, False),
        ({"hours": [["11:00", "13:00"]]}, True),
        ({"hours": [["12:01", "13:00"]]}, False),
        ({"hours": [["22:00", "12:01"]]}, True),
        ({"hours": [["22:00", "12:00"]]}, False),
        ({"channels": ["phone", "web"]}, True),
        ({"channels": ["phone"]}, False),
        ({"answers": {"colour": ["red", "blue"]}}, True),
        ({"answers": {"colour": ["green"]}}, False),
        ({"answers": {"many": ["b"]}}, True),
        ({"answers": {"missing": ["x"]}}, False),
        ({"weekdays": [6], "channels": ["phone"]}, False),
    ],
)
def test_every_condition_must_hold(in_city: InCity, conditions: dict[str, Any], holds: bool) -> None:
    with in_city() as city:
        night = city.department("night")
        rule = RoutingRule(title=text("Rule"), conditions=conditions, department_id=night.id, public_id="r")
        matter = city.matter(
            "lights",
            parents=("streets",),
            answers={"colour": "blue", "many": ["a", "b"]},
            timezone="Asia/Seoul",
        )
        found = decide(city.session, matter, rules=[rule])
        assert (found.department_id == night.id) is holds


def test_rules_are_tried_in_order_and_only_while_valid(in_city: InCity) -> None:
    with in_city() as city:
        first, second = city.department("first"), city.department("second")
        add_rule(city.session, SYSTEM, title=text("Second"), conditions={}, department_id=second.id, position=20)
        add_rule(
            city.session,
            SYSTEM,
            title=text("First"),
            conditions={},
            department_id=first.id,
            position=10,
            valid_until=AT + timedelta(hours=1),
        )
        assert decide(city.session, city.matter("x")).department_id == first.id
        later = city.matter("x", at=AT + timedelta(hours=1))
        assert decide(city.session, later).department_id == second.id


def test_a_rule_for_a_vacant_post_gives_way_to_the_next(in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        vacant, held = city.post("vacant", roads), city.post("held", roads, "H. Eld")
        for title, post in (("Vacant", vacant), ("Held", held)):
            add_rule(city.session, SYSTEM, title=text(title), conditions={}, department_id=roads.id, post_id=post.id)
        found = decide(city.session, city.matter("x"))
        assert found.post_id == held.id
        assert codes(found) == ["no_place", "skipped_vacant", "rule", "holder"]


def test_a_city_full_of_vacant_posts_costs_a_bounded_number_of_statements(database: Database, in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        haneul = city.area(city.layer("district", 1), "haneul")
        for number in range(40):
            city.owns(city.post(f"vacant-{number}", roads), "lights", haneul)
        matter = city.matter("lights", haneul)
    statements: list[str] = []
    with database.reading() as session:
        event.listen(session.get_bind(), "after_cursor_execute", lambda *args: statements.append(args[2]))
        assert decide(session, matter).triage
    assert len(statements) <= 60


def test_an_ordinary_decision_takes_few_statements(database: Database, in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        haneul = city.area(city.layer("district", 1), "haneul")
        city.owns(city.post("post", roads, "P. Ost"), "lights", haneul)
        matter = city.matter("lights", haneul)
    statements: list[str] = []
    with database.reading() as session:
        event.listen(session.get_bind(), "after_cursor_execute", lambda *args: statements.append(args[2]))
        assert decide(session, matter).account_id is not None
    assert len(statements) <= 9


def test_explanations_read_in_every_case_and_survive_storage(in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        add_rule(city.session, SYSTEM, title=text("Night"), conditions={}, department_id=roads.id)
        found = decide(city.session, city.matter("x"))
        assert explain(found.steps, "en") == explain(found.explanation(), "en")
        assert "The rule “Night” sends this to Roads." in explain(found.steps, "en")


def test_explanations_speak_the_readers_language(in_city: InCity) -> None:
    with in_city() as city:
        both = Translated.of("en", en="Roads", ko="도로과")
        city.owns(city.department("roads"), "x")
        city.session.flush()
        found = decide(city.session, city.matter("x", titles={"x": both}))
        assert any("도로과" in sentence for sentence in explain(found.explanation(), "ko"))


def test_wrong_rules_are_refused(in_city: InCity) -> None:
    with in_city() as city:
        roads, parks = city.department("roads"), city.department("parks")
        post = city.post("post", parks)
        for conditions in (
            {"weekdays": [8]},
            {"hours": [["25:00", "26:00"]]},
            {"moon": ["full"]},
            {"answers": {"a": [{}]}},
        ):
            with pytest.raises(Invalid):
                add_rule(city.session, SYSTEM, title=text("R"), conditions=conditions, department_id=roads.id)
        with pytest.raises(Invalid):
            add_rule(city.session, SYSTEM, title=text("R"), conditions={}, department_id=roads.id, post_id=post.id)
        with pytest.raises(Invalid):
            add_rule(city.session, SYSTEM, title=text("R"), conditions={}, department_id=roads.id + 999)


def test_rules_are_for_those_with_the_right_and_for_one_at_a_time(in_city: InCity) -> None:
    with in_city() as city:
        roads = city.department("roads")
        with pytest.raises(Forbidden):
            add_rule(city.session, Actor(), title=text("R"), conditions={}, department_id=roads.id)
        rule = add_rule(city.session, SYSTEM, title=text("R"), conditions={}, department_id=roads.id)
        change_rule(city.session, SYSTEM, rule.public_id, version=1, position=5)
        with pytest.raises(Conflict):
            change_rule(city.session, SYSTEM, rule.public_id, version=1, position=6)
        assert rule.position == 5


def test_closest_areas_are_leaves_the_narrowest_first() -> None:
    refs = (
        AreaRef("district", 1, "d", "D"),
        AreaRef("zone", 2, "z", "Z"),
        AreaRef("block", 3, "b", "B", (1,)),
    )
    assert [area.id for area in closest(refs)] == [3, 2]
    assert [area.id for area in closest(())] == []
    assert Matter(subject="a", parents=("b",), at=AT).subjects == ("a", "b")
