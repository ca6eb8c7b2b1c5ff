"""Roles and grants: what a person may, where, from when to when, and that somebody always administers."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    Account,
    RoleGrant,
    WebSession,
    actor_of_account,
    actor_of_session,
    can,
    disable_account,
    grant_role,
    grants_of,
    holders,
    known_permissions,
    parse_scope,
    put_role,
    register_scope_parser,
    register_scope_resolver,
    revoke_grant,
    role_by_code,
    rotate_session,
    scopes,
    scopes_changed,
    session_entry,
    sync_roles,
)
from egovframe.core.i18n import source_text
from egovframe.core.persistence import now
from egovframe.errors import BadRequest, Conflict, Forbidden, Invalid, NotFound
from egovframe.hooks import Hooks, Permission

READ, WORK = "room:thing:read", "room:thing:work"


@pytest.fixture(autouse=True)
def _own_registries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scopes, "_expanders", {})
    monkeypatch.setattr(scopes, "_parsers", {})


def actor_of(city: Any, key: int) -> Actor:
    with city.database.reading() as session:
        return actor_of_account(session, session.get_one(Account, key))


def only_grant(city: Any, key: int, role: str) -> str:
    with city.database.reading() as session:
        (found,) = [each for each in grants_of(session, key, now(session)) if each.role.code == role]
        return found.public_id


def admin_of(city: Any) -> int:
    with city.database.reading() as session:
        return session.scalars(select(Account.id).order_by(Account.id)).first()


def test_default_roles_are_merged_from_all_rooms(city: Any, hooks: Hooks) -> None:
    with city.database.reading() as session:
        assert role_by_code(session, "officer").permissions == [READ, WORK]
        assert str(role_by_code(session, "officer").title) == "Officer"
        assert role_by_code(session, "citizen").permissions == []  # nobody declares room:thing:undeclared
        assert role_by_code(session, "administrator").permissions == list(known_permissions(hooks))
        codes = {"agent", "department_head", "moderator", "steward", "vote_organiser", "auditor"}
        assert all(role_by_code(session, code).builtin for code in codes)
        with pytest.raises(NotFound):
            role_by_code(session, "mayor")


class Room:
    """A room whose proposals change from version to version."""

    def __init__(self, *names: str) -> None:
        self.names = names

    def collect(self, hook: str) -> list[Any]:
        from egovframe.hooks import RoleTemplate

        if hook == "permissions":
            return [Permission(name, name) for name in self.names]
        return [RoleTemplate("officer", "Officer", self.names)]


def test_an_upgrade_keeps_what_the_city_changed(city: Any) -> None:
    with city.database.writing() as session:
        sync_roles(session, Room("a:a:a", "b:b:b"))  # type: ignore[arg-type]
        role = role_by_code(session, "officer")
        assert {"a:a:a", "b:b:b"} <= set(role.permissions)
        role.permissions = ["a:a:a", "city:own:right"]  # the city takes b and adds its own
        session.flush()
        sync_roles(session, Room("a:a:a", "b:b:b", "c:c:c"))  # type: ignore[arg-type]
        assert role.permissions == ["a:a:a", "c:c:c", "city:own:right"]
        sync_roles(session, Room())  # type: ignore[arg-type]
        assert role.permissions == ["a:a:a", "c:c:c", "city:own:right"]  # a plugin that is away loses nothing


def test_a_withdrawn_right_goes(city: Any) -> None:
    class Withdrawn(Room):
        def collect(self, hook: str) -> list[Any]:
            return Room("a:a:a", "b:b:b").collect(hook) if hook == "permissions" else Room("a:a:a").collect(hook)

    with city.database.writing() as session:
        sync_roles(session, Room("a:a:a", "b:b:b"))  # type: ignore[arg-type]
        sync_roles(session, Withdrawn())  # type: ignore[arg-type]
        role = role_by_code(session, "officer")
        assert "a:a:a" in role.permissions
        assert "b:b:b" not in role.permissions


def test_grants_hold_from_their_beginning_to_their_end(city: Any) -> None:
    key = city.person("kim@city.example")
    with city.database.writing() as session:
        at = now(session)
        account = session.get_one(Account, key)
        grant_role(
            session, SYSTEM, account, "officer", valid_from=at + timedelta(hours=1), valid_until=at + timedelta(hours=2)
        )
    held = []
    for _hour in range(3):
        with city.database.reading() as session:
            held.append(can(actor_of_account(session, session.get_one(Account, key)), READ, at=now(session)))
        city.database.clock_offset += timedelta(minutes=61)
    assert held == [False, True, False]


def test_the_end_comes_after_the_beginning(city: Any) -> None:
    key = city.person("kim@city.example")
    with pytest.raises(Invalid), city.database.writing() as session:
        grant_role(session, SYSTEM, session.get_one(Account, key), "officer", valid_until=now(session))


def test_every_citizen_holds_the_citizens_role_and_staff_does_not(city: Any) -> None:
    assert [each.role for each in actor_of(city, city.person("kim@city.example")).grants] == ["citizen"]
    assert actor_of(city, city.person("lee@city.example", kind="staff")).grants == ()


def test_scopes_reach_below_and_follow_changes_of_the_tree(city: Any) -> None:
    tree = {1: {1, 2}}
    asked = []

    def expand(_session: Any, identity: int) -> set[int]:
        asked.append(identity)
        return tree.get(identity, {identity})

    register_scope_resolver("department", expand)
    key = city.person("kim@city.example", "officer", frozenset({("department", 1)}))
    asked.clear()
    (grant,) = [each for each in actor_of(city, key).grants if each.role == "officer"]
    assert grant.reach == (("department", frozenset({1, 2})),)
    assert grant.scope == {("department", 1)}
    actor_of(city, key)
    assert asked == [1]
    tree[1] = {1, 2, 3}
    with city.database.writing() as session:
        scopes_changed(session, "department")
    (grant,) = [each for each in actor_of(city, key).grants if each.role == "officer"]
    assert grant.reach == (("department", frozenset({1, 2, 3})),)


def test_what_a_rolled_back_unit_saw_is_not_remembered(city: Any) -> None:
    tree = {1: {1}}
    register_scope_resolver("department", lambda _session, identity: tree[identity])
    key = city.person("kim@city.example", "officer", frozenset({("department", 1)}))
    with pytest.raises(ZeroDivisionError), city.database.writing() as session:
        scopes_changed(session, "department")
        tree[1] = {1, 99}
        actor_of_account(session, session.get_one(Account, key))
        raise ZeroDivisionError
    tree[1] = {1, 2}
    with city.database.writing() as session:
        scopes_changed(session, "department")
    (grant,) = [each for each in actor_of(city, key).grants if each.role == "officer"]
    assert grant.reach == (("department", frozenset({1, 2})),)


def test_scope_codes_are_read_by_the_room_that_knows_them(city: Any) -> None:
    register_scope_parser("department", lambda _session, code: {"ROADS": 7}[code])
    with city.database.reading() as session:
        assert parse_scope(session, "department=ROADS") == ("department", 7)
        for wrong in ("department", "department=", "planet=earth", ""):
            with pytest.raises(BadRequest, match="department=CODE"):
                parse_scope(session, wrong)


def test_who_holds_a_right_somewhere(city: Any) -> None:
    register_scope_resolver("department", lambda _s, identity: {1: {1, 2}}.get(identity, {identity}))
    everywhere = city.person("a@city.example", "officer")
    above = city.person("b@city.example", "officer", frozenset({("department", 1)}))
    city.person("c@city.example", "officer", frozenset({("department", 3)}))
    both = city.person("d@city.example", "officer", frozenset({("department", 2), ("area", 5)}))
    gone = city.person("e@city.example", "officer")
    with city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, gone))
    with city.database.reading() as session:
        found = holders(session, WORK, frozenset({("department", 2), ("area", 5)}))
        assert set(found) - {admin_of(city)} == {everywhere, above, both}
        assert set(holders(session, WORK, frozenset({("department", 2)}))) - {admin_of(city)} == {everywhere, above}


def test_nobody_removes_the_last_administrator(city: Any) -> None:
    key = admin_of(city)
    admin = actor_of(city, key)
    grant = only_grant(city, key, "administrator")
    with pytest.raises(Conflict), city.database.writing() as session:
        revoke_grant(session, admin, grant)
    with pytest.raises(Conflict), city.database.writing() as session:
        disable_account(session, admin, session.get_one(Account, key))
    with city.database.writing() as session:  # one for a week does not replace one for good
        week = session.get_one(Account, city_person(session, "week@city.example"))
        grant_role(session, SYSTEM, week, "administrator", valid_until=now(session) + timedelta(days=7))
    with pytest.raises(Conflict), city.database.writing() as session:
        revoke_grant(session, admin, grant)
    second = city.person("second@city.example", "administrator", kind="staff")
    with city.database.writing() as session:
        revoke_grant(session, admin, grant)
    assert "administrator" not in {each.role for each in actor_of(city, key).grants}
    with pytest.raises(Conflict), city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, second))
    with city.database.writing() as session:  # others are none of its business
        disable_account(session, SYSTEM, session.get_one(Account, key))


def city_person(session: Any, email: str) -> int:
    from egovframe.core.auth import create_account

    return create_account(session, SYSTEM, email=email, display_name=email, kind="staff").id


def test_two_administrators_who_remove_each_other_at_once_leave_one(city: Any) -> None:
    keys = [admin_of(city), city.person("second@city.example", "administrator", kind="staff")]
    grants = [only_grant(city, key, "administrator") for key in keys]
    start, outcomes = threading.Barrier(2), []

    def remove(public_id: str) -> None:
        start.wait()
        try:
            with city.database.writing() as session:
                revoke_grant(session, SYSTEM, public_id)
            outcomes.append("removed")
        except Conflict:
            outcomes.append("refused")

    threads = [threading.Thread(target=remove, args=(each,)) for each in grants]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refused", "removed"]


def test_only_administrators_give_roles_and_nobody_gives_more_than_they_have(city: Any) -> None:
    clerk = city.person("clerk@city.example", "department_head", kind="staff")
    kim = city.person("kim@city.example")
    with pytest.raises(Forbidden), city.database.writing() as session:
        grant_role(session, actor_of(city, clerk), session.get_one(Account, kim), "officer")
    with city.database.writing() as session:
        put_role(session, SYSTEM, "registrar", source_text("Registrar"), ["auth:grant:manage"])
    registrar = city.person("registrar@city.example", "registrar", kind="staff")
    with pytest.raises(Forbidden), city.database.writing() as session:
        grant_role(session, actor_of(city, registrar), session.get_one(Account, registrar), "administrator")
    with city.database.writing() as session:
        grant_role(session, actor_of(city, registrar), session.get_one(Account, kim), "registrar")
    partly = city.person("partly@city.example", "registrar", frozenset({("department", 1)}), kind="staff")
    with pytest.raises(Forbidden), city.database.writing() as session:
        grant_role(session, actor_of(city, partly), session.get_one(Account, kim), "registrar")


def test_a_role_is_changed_only_within_ones_own_rights(city: Any) -> None:
    with city.database.writing() as session:
        put_role(session, SYSTEM, "designer", source_text("Designer"), ["auth:role:manage"])
        with pytest.raises(Conflict):
            put_role(session, SYSTEM, "administrator", source_text("Nobody"), [])
    designer = actor_of(city, city.person("designer@city.example", "designer", kind="staff"))
    with pytest.raises(Invalid) as caught, city.database.writing() as session:
        put_role(session, designer, "officer", source_text("Officer"), [READ, WORK, "auth:grant:manage"])
    assert "auth:grant:manage" in str(caught.value.errors["permissions"][0])
    with city.database.writing() as session:
        assert put_role(session, designer, "officer", source_text("Officer"), [READ]).permissions == [READ]


def test_role_changes_give_the_session_a_new_id(city: Any) -> None:
    key = city.person("kim@city.example")
    token = city.enter("kim@city.example").token
    with city.database.writing() as session:
        assert rotate_session(session, token) is None  # nothing has changed
        grant_role(session, SYSTEM, session.get_one(Account, key), "officer")
    with city.database.reading() as session:
        entry = session_entry(session, token)
        assert entry is not None
        assert entry.rotate
    with city.database.writing() as session:
        fresh = rotate_session(session, token)
        assert fresh is not None
        assert rotate_session(session, token) is None  # a second request that came with the old id
    with city.database.reading() as session:
        assert not actor_of_session(session, token).is_signed_in
        assert actor_of_session(session, fresh).is_signed_in
        assert session.scalar(select(func.count()).select_from(WebSession)) == 1


@pytest.mark.parametrize("change", ["end a grant", "change a role"])
def test_other_changes_of_rights_do_so_too(city: Any, change: str) -> None:
    key = city.person("kim@city.example", "officer")
    token, grant = city.enter("kim@city.example").token, only_grant(city, key, "officer")
    with city.database.writing() as session:
        if change == "end a grant":
            revoke_grant(session, SYSTEM, grant)
        else:
            put_role(session, SYSTEM, "officer", source_text("Officer"), [READ])
        assert rotate_session(session, token) is not None


def test_an_ended_grant_stays_as_history_and_cannot_end_twice(city: Any) -> None:
    key = city.person("kim@city.example", "officer")
    grant = only_grant(city, key, "officer")
    with city.database.writing() as session:
        revoke_grant(session, SYSTEM, grant)
    with pytest.raises(NotFound), city.database.writing() as session:
        revoke_grant(session, SYSTEM, grant)
    with city.database.reading() as session:
        assert session.scalar(select(func.count()).where(RoleGrant.public_id == grant)) == 1
    assert not actor_of(city, key).has(READ, city.database.now())
