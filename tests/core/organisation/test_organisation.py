"""Departments, posts and people: trees, substitutes, reporting lines, who is in charge of what."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, SYSTEM, Actor, Grant
from egovframe.core.auth import Account, create_account, disable_account, parse_scope
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import Area, prepare, store
from egovframe.core.modules.audit.models import AuditEntry
from egovframe.core.modules.organisation import (
    Department,
    Post,
    department_by_code,
    departments_above,
    departments_below,
    holder_of,
    jurisdictions_for,
    post_holder,
    posts_of,
    put_absence,
    put_department,
    put_jurisdiction,
    put_official,
    put_post,
    reporting_line,
)
from egovframe.core.persistence import Database, now
from egovframe.errors import Forbidden, Invalid, NotFound

DAY = timedelta(days=1)
START = datetime(2026, 1, 1, tzinfo=UTC)


def words(text: str) -> Translated:
    return Translated.of("en", en=text)


def department(session: Session, code: str, parent: Department | None = None) -> Department:
    return put_department(session, SYSTEM, code=code, name=words(code), parent=parent).row


def post(session: Session, code: str, office: Department, above: Post | None = None) -> Post:
    return put_post(session, SYSTEM, code=code, title=words(code), department=office, reports_to=above).row


def person(session: Session, name: str) -> Account:
    return create_account(session, SYSTEM, email=f"{name}@city.example", display_name=name, kind="staff")


def seated(session: Session, code: str, office: Department) -> Post:
    chair = post(session, code, office)
    put_official(session, SYSTEM, chair, person(session, code.lower()), valid_from=START)
    return chair


def test_a_tree_of_departments_expands_for_scopes(database: Database) -> None:
    with database.writing() as session:
        top = department(session, "CITY")
        middle = department(session, "WORKS", top)
        low = department(session, "ROADS", middle)
        other = department(session, "HEALTH", top)
        assert departments_below(session, middle.id) == {middle.id, low.id}
        assert departments_below(session, top.id) == {top.id, middle.id, low.id, other.id}
        assert departments_above(session, low.id) == [low.id, middle.id, top.id]
        assert parse_scope(session, "department=ROADS") == ("department", low.id)
        with pytest.raises(NotFound):
            parse_scope(session, "department=NONE")


def test_nobody_stands_above_themselves(database: Database) -> None:
    with database.writing() as session:
        top = department(session, "CITY")
        low = department(session, "ROADS", top)
        for parent in (low, top):
            with pytest.raises(Invalid, match="CITY would stand above itself"):
                department(session, "CITY", parent)
        head = post(session, "HEAD", top)
        clerk = post(session, "CLERK", low, head)
        with pytest.raises(Invalid, match="HEAD would stand above itself"):
            post(session, "HEAD", top, clerk)


def test_a_change_is_audited_and_a_repetition_is_none(database: Database) -> None:
    def entries(session: Session) -> list[str]:
        return [
            f"{entry.action} {entry.thing}" for entry in session.scalars(select(AuditEntry).order_by(AuditEntry.id))
        ]

    with database.writing() as session:
        put = put_department(session, SYSTEM, code="ROADS", name=words("Roads"), phone="120")
        assert put.outcome == "created"
        korean = Translated.of("ko", ko="도로과")
        assert put_department(session, SYSTEM, code="ROADS", name=korean, phone="120").outcome == "updated"
        assert put_department(session, SYSTEM, code="ROADS", name=korean, phone="120").outcome == "unchanged"
        assert dict(put.row.name.text) == {"en": "Roads", "ko": "도로과"}
    with database.reading() as session:
        assert entries(session) == ["organisation:department:put department:ROADS"] * 2


def test_only_those_with_the_right_change_it(database: Database) -> None:
    manager = Actor("account", 1, "x", grants=(Grant("administrator", frozenset({"organisation:department:manage"})),))
    with database.writing() as session:
        for actor in (ANONYMOUS, replace(manager, allowed=frozenset())):
            with pytest.raises(Forbidden):
                put_department(session, actor, code="ROADS", name=words("Roads"))
        assert department_by_code(session, "ROADS") is None


def test_the_holder_of_a_post_is_the_one_of_the_time(database: Database) -> None:
    with database.writing() as session:
        chair = post(session, "LIGHTS", department(session, "ROADS"))
        first, second = person(session, "first"), person(session, "second")
        put_official(session, SYSTEM, chair, first, valid_from=START, valid_until=START + DAY)
        put_official(session, SYSTEM, chair, second, valid_from=START + DAY)
        holders = [post_holder(session, chair, START + n * DAY / 2) for n in (-1, 0, 1, 2, 100)]
        assert [holder and holder.account_id for holder in holders] == [None, first.id, first.id, second.id, second.id]
        assert posts_of(session, second.id, START) == []
        assert posts_of(session, second.id, START + DAY) == [chair]
        disable_account(session, SYSTEM, second)
        assert post_holder(session, chair, START + DAY) is None


def test_absences_lead_to_substitutes_and_say_so(database: Database) -> None:
    with database.writing() as session:
        office = department(session, "ROADS")
        one, two, three = (seated(session, code, office) for code in ("ONE", "TWO", "THREE"))
        away = {"valid_from": START + DAY, "valid_until": START + 3 * DAY}
        absence = put_absence(session, SYSTEM, one, substitute=two, reason="Leave", **away).row
        put_absence(session, SYSTEM, two, substitute=three, valid_from=START + 2 * DAY, valid_until=START + 3 * DAY)
        at = [holder_of(session, one, START + n * DAY) for n in range(4)]
        assert [holder.official and holder.official.post_id for holder in at] == [one.id, two.id, three.id, one.id]
        assert [len(holder.away) for holder in at] == [0, 1, 2, 0]
        assert [holder.substituting_for for holder in at] == [None, one, one, None]
        assert absence.account_id == at[0].account_id
        unchanged = put_absence(session, SYSTEM, one, substitute=two, reason="Leave", **away)
        assert (unchanged.outcome, unchanged.row.id) == ("unchanged", absence.id)


def test_circles_and_dead_ends_of_substitutes_end_in_nobody(database: Database) -> None:
    with database.writing() as session:
        office = department(session, "ROADS")
        one, two = (seated(session, code, office) for code in ("ONE", "TWO"))
        away = {"valid_from": START, "valid_until": START + DAY}
        put_absence(session, SYSTEM, one, substitute=two, **away)
        put_absence(session, SYSTEM, two, **away)
        assert post_holder(session, one, START) is None
        put_absence(session, SYSTEM, two, substitute=one, **away)
        holder = holder_of(session, one, START)
        assert (holder.official, len(holder.away), holder.substituting_for) == (None, 2, None)
        with pytest.raises(Invalid):
            put_absence(session, SYSTEM, one, substitute=one, **away)
        with pytest.raises(Invalid):
            put_absence(session, SYSTEM, one, valid_from=START, valid_until=START)


def test_the_reporting_line_goes_up_so_many_levels(database: Database) -> None:
    with database.writing() as session:
        office = department(session, "ROADS")
        line = [post(session, "MAYOR", office)]
        for code in ("DIRECTOR", "HEAD", "CHIEF", "CLERK"):
            line.append(post(session, code, office, line[-1]))
        codes = [above.code for above in reporting_line(session, line[-1])]
        assert codes == ["CHIEF", "HEAD", "DIRECTOR"]
        assert [above.code for above in reporting_line(session, line[-1], levels=9)][-1] == "MAYOR"
        line[0].reports_to_id = line[1].id
        session.flush()
        assert [above.code for above in reporting_line(session, line[1], levels=9)] == ["MAYOR"]


def areas(session: Session) -> tuple[Area, Area]:
    def square(code: str, side: float) -> dict[str, object]:
        ring = [[0, 0], [side, 0], [side, side], [0, side], [0, 0]]
        geometry = {"type": "Polygon", "coordinates": [ring]}
        return {"type": "Feature", "properties": {"code": code, "name": code}, "geometry": geometry}

    for layer, code, side in (("district", "JUNG", 2.0), ("block", "A", 1.0)):
        store(session, SYSTEM, layer, prepare({"type": "FeatureCollection", "features": [square(code, side)]}))
    wide, narrow = session.scalars(select(Area).order_by(Area.id)).all()
    return wide, narrow


def test_jurisdictions_come_most_specific_first(database: Database) -> None:
    with database.writing() as session:
        wide, narrow = areas(session)
        roads = department(session, "ROADS")
        chair = post(session, "LIGHTS", roads)
        wanted = [
            put_jurisdiction(session, SYSTEM, office, subject, area).row.id
            for office, subject, area in (
                (chair, "street-light", narrow),
                (roads, "street-light", narrow),
                (chair, "street-light", wide),
                (roads, "street-light", None),
                (roads, "roads", narrow),
                (roads, "*", wide),
                (roads, "*", None),
            )
        ]
        put_jurisdiction(session, SYSTEM, roads, "water", None)
        put_jurisdiction(session, SYSTEM, roads, "roads", wide, valid_from=START, valid_until=START + DAY)
        put_jurisdiction(session, SYSTEM, roads, "roads", wide, valid_from=START + 9 * DAY)
        at = START + 2 * DAY
        found = jurisdictions_for(session, ["street-light", "roads"], [narrow.id, wide.id], at)
        assert [line.id for line in found] == wanted
        elsewhere = jurisdictions_for(session, ["street-light", "*", "roads"], [], at)
        assert [(line.subject, line.area_id) for line in elsewhere] == [("street-light", None), ("*", None)]
        again = put_jurisdiction(session, SYSTEM, chair, "street-light", narrow)
        assert (again.outcome, again.row.id) == ("unchanged", wanted[0])


def test_the_clock_of_the_database_decides_from_when_a_seat_counts(database: Database) -> None:
    with database.writing() as session:
        chair = post(session, "LIGHTS", department(session, "ROADS"))
        account = person(session, "new")
        first = put_official(session, SYSTEM, chair, account)
        assert put_official(session, SYSTEM, chair, account).outcome == "unchanged"
        assert first.row.valid_from <= now(session)
        assert post_holder(session, chair, now(session)) is first.row


def test_a_corrected_beginning_changes_the_seat_instead_of_adding_one(database: Database) -> None:
    with database.writing() as session:
        chair = post(session, "LIGHTS", department(session, "ROADS"))
        account = person(session, "kim")
        seat = put_official(session, SYSTEM, chair, account).row
        put = put_official(session, SYSTEM, chair, account, valid_from=START)
        assert (put.outcome, put.row.id, put.row.valid_from) == ("updated", seat.id, START)
        put_official(session, SYSTEM, chair, account, valid_from=START, valid_until=START + DAY)
        later = put_official(session, SYSTEM, chair, account, valid_from=START + DAY)
        assert (later.outcome, later.row.id != seat.id) == ("created", True)
