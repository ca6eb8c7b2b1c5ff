"""Whoever gives roles gives no more than they hold: not further, not longer, not to themselves, nothing in the past."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from egovframe.actor import SYSTEM, Actor, Scope
from egovframe.core.auth import (
    Account,
    RoleGrant,
    actor_of_account,
    grant_role,
    grants_of,
    lend_rights,
    put_role,
    register_scope_resolver,
    revoke_grant,
    role_by_code,
    scopes,
    set_grant_end,
)
from egovframe.core.i18n import source_text
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, Invalid

READ, WORK = "room:thing:read", "room:thing:work"
DAY = timedelta(days=1)
ROADS, BELOW_ROADS, WASTE = ("department", 1), ("department", 2), ("department", 3)
ROADS_IN_NORTH = frozenset({ROADS, ("area", 9)})


class Office:
    """Somebody who gives roles, is an officer of one department only, and a colleague without any role."""

    def __init__(self, city: Any) -> None:
        self.city = city
        with city.database.writing() as session:
            put_role(session, SYSTEM, "personnel", source_text("Personnel"), ["auth:grant:manage", "auth:account:read"])
        self.giver = city.person("giver@city.example", "personnel", kind="staff")
        self.kim = city.person("kim@city.example", kind="staff")

    def hold(self, *pairs: tuple[str, int], until: timedelta | None = None) -> None:
        with self.city.database.writing() as session:
            ends = None if until is None else now(session) + until
            grant_role(
                session, SYSTEM, session.get_one(Account, self.giver), "officer", frozenset(pairs), valid_until=ends
            )

    def actor(self, key: int | None = None) -> Actor:
        with self.city.database.reading() as session:
            return actor_of_account(session, session.get_one(Account, key or self.giver))

    def give(self, scope: Scope, until: timedelta | None = None, *, to: int | None = None, actor: Any = None) -> str:
        given = actor or self.actor()
        with self.city.database.writing() as session:
            ends = None if until is None else now(session) + until
            account = session.get_one(Account, to or self.kim)
            return grant_role(session, given, account, "officer", scope, valid_until=ends).public_id

    def date(self, grant: str, until: timedelta | None) -> datetime | None:
        actor = self.actor()
        with self.city.database.writing() as session:
            ends = None if until is None else now(session) + until
            return set_grant_end(session, actor, grant, ends).valid_until

    def given(self) -> int:
        with self.city.database.reading() as session:
            found = select(func.count()).select_from(RoleGrant).where(RoleGrant.account_id == self.kim)
            return session.scalar(found) or 0


@pytest.fixture
def office(city: Any, monkeypatch: pytest.MonkeyPatch) -> Office:
    monkeypatch.setattr(scopes, "_expanders", {})
    register_scope_resolver("department", lambda _s, key: {1: {1, 2}}.get(key, {key}))
    return Office(city)


@pytest.mark.parametrize("scope", [{ROADS}, {BELOW_ROADS}, ROADS_IN_NORTH])
def test_a_role_is_given_inside_what_the_giver_holds(office: Office, scope: Any) -> None:
    office.hold(ROADS)
    assert office.give(frozenset(scope))


@pytest.mark.parametrize("scope", [set(), {WASTE}, {("area", 9)}, {WASTE, ("area", 9)}])
def test_a_role_is_not_given_where_the_giver_does_not_hold_it(office: Office, scope: Any) -> None:
    office.hold(ROADS)
    with pytest.raises(Forbidden, match="more places"):
        office.give(frozenset(scope))
    assert office.given() == 0


def test_two_limits_are_one_place_and_not_two(office: Office) -> None:
    office.hold(ROADS, ("area", 9))
    assert office.give(ROADS_IN_NORTH)
    for scope in ({ROADS}, {("area", 9)}, {ROADS, ("area", 8)}):
        with pytest.raises(Forbidden):
            office.give(frozenset(scope))


def test_a_role_is_not_given_for_longer_than_the_giver_holds_it(office: Office) -> None:
    office.hold(ROADS, until=10 * DAY)
    assert office.give(frozenset({ROADS}), 5 * DAY)
    for until in (20 * DAY, None):
        with pytest.raises(Forbidden, match="longer"):
            office.give(frozenset({BELOW_ROADS}), until)
    assert office.given() == 1


def test_every_right_of_the_role_must_be_held_that_far(office: Office) -> None:
    office.hold(ROADS)
    with office.city.database.writing() as session:
        put_role(session, SYSTEM, "reader", source_text("Reader"), [READ])
        grant_role(session, SYSTEM, session.get_one(Account, office.giver), "reader")
    with pytest.raises(Forbidden):
        office.give(frozenset())  # reads everywhere, works in one department only
    assert office.give(frozenset({ROADS}))


def test_nobody_gives_a_role_to_themselves(office: Office) -> None:
    office.hold()
    with pytest.raises(Forbidden, match="yourself"):
        office.give(frozenset({ROADS}), to=office.giver)
    admin = office.city.person("second@city.example", "administrator", kind="staff")
    with pytest.raises(Forbidden, match="yourself"):
        office.give(frozenset(), to=admin, actor=office.actor(admin))
    assert office.give(frozenset(), to=admin, actor=SYSTEM)


def test_the_end_of_a_role_is_not_moved_beyond_what_the_giver_holds(office: Office) -> None:
    office.hold(ROADS, until=10 * DAY)
    wide = office.give(frozenset(), 2 * DAY, actor=SYSTEM)
    here = office.give(frozenset({ROADS}), 2 * DAY, actor=SYSTEM)
    assert office.date(here, 9 * DAY)
    for grant, until in ((wide, 3 * DAY), (here, 11 * DAY), (here, None)):
        with pytest.raises(Forbidden):
            office.date(grant, until)
    assert office.date(wide, DAY)  # sooner is no gift


def test_nobody_lengthens_their_own_role(office: Office) -> None:
    office.hold()
    with office.city.database.writing() as session:
        own = next(each for each in grants_of(session, office.giver, now(session)) if each.role.code == "officer")
        key = own.public_id
    assert office.date(key, 3 * DAY)
    office.hold(("area", 9))
    for until in (4 * DAY, None):
        with pytest.raises(Forbidden, match="yourself"):
            office.date(key, until)


@pytest.mark.parametrize("held", ["somewhere", "for a time"])
def test_a_role_is_not_widened_by_what_is_held_in_part(office: Office, held: str) -> None:
    with office.city.database.writing() as session:
        put_role(session, SYSTEM, "designer", source_text("Designer"), ["auth:role:manage"])
        put_role(session, SYSTEM, "poor", source_text("Poor"), [])
        grant_role(session, SYSTEM, session.get_one(Account, office.giver), "designer")
    office.hold(ROADS) if held == "somewhere" else office.hold(until=DAY)
    designer = office.actor()
    with pytest.raises(Invalid) as caught, office.city.database.writing() as session:
        put_role(session, designer, "poor", source_text("Poor"), [READ])
    assert READ in str(caught.value.errors["permissions"][0])
    office.hold()
    with office.city.database.writing() as session:
        put_role(session, office.actor(), "poor", source_text("Poor"), [READ])
        assert role_by_code(session, "poor").permissions == [READ]


def test_a_role_that_could_never_hold_is_refused(office: Office) -> None:
    with office.city.database.writing() as session:
        at, kim = now(session), session.get_one(Account, office.kim)
        with pytest.raises(Invalid) as caught:
            grant_role(session, SYSTEM, kim, "officer", valid_from=at - 60 * DAY, valid_until=at - 30 * DAY)
        assert "valid_until" in caught.value.errors
        begun = grant_role(session, SYSTEM, kim, "officer", valid_from=at - 60 * DAY, valid_until=at + DAY)
        with pytest.raises(Invalid):
            set_grant_end(session, SYSTEM, begun.public_id, at - DAY)
    assert office.given() == 1


def test_the_same_role_is_not_given_twice(office: Office) -> None:
    office.give(frozenset({ROADS}), actor=SYSTEM)
    for until in (None, DAY):
        with pytest.raises(Conflict):
            office.give(frozenset({ROADS}), until, actor=SYSTEM)
    assert office.given() == 1
    office.give(ROADS_IN_NORTH, actor=SYSTEM)
    office.give(frozenset({WASTE}), DAY, actor=SYSTEM)
    office.give(frozenset({WASTE}), 2 * DAY, actor=SYSTEM)  # longer than the other
    assert office.given() == 4


def test_what_has_ended_may_be_given_again(office: Office) -> None:
    grant = office.give(frozenset({ROADS}), actor=SYSTEM)
    with office.city.database.writing() as session:
        revoke_grant(session, SYSTEM, grant)
    assert office.give(frozenset({ROADS}), actor=SYSTEM) != grant


@pytest.mark.parametrize("lend", [True, False])
def test_whoever_manages_grants_lends_no_more_than_they_could_give(office: Office, lend: bool) -> None:
    office.hold(ROADS)
    office.give(frozenset({ROADS} if lend else ()), actor=SYSTEM)
    helper = office.city.person("helper@city.example", kind="staff")

    def lent(delegate: int) -> Callable[[], object]:
        actor = office.actor()
        with office.city.database.writing() as session:
            at, people = now(session), (session.get_one(Account, office.kim), session.get_one(Account, delegate))
            return lend_rights(session, actor, *people, valid_from=at, valid_until=at + DAY)

    if lend:
        with pytest.raises(Invalid):
            lent(office.giver)
        assert lent(helper)
    else:
        with pytest.raises(Forbidden):
            lent(helper)
