"""Rights lent during an absence: never more than own, never lent on, over at once when taken back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    Account,
    RoleGrant,
    actor_of_account,
    can,
    disable_account,
    end_loan,
    grant_role,
    grants_of,
    lend_rights,
    loans,
    put_role,
    revoke_grant,
    role_by_code,
    set_grant_end,
    what_can,
    who_can,
)
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound
from egovframe.testing.clock import Clock

READ, WORK = "room:thing:read", "room:thing:work"
DAY = timedelta(days=1)


class Absence:
    """Two officials; the first one lends."""

    def __init__(self, city) -> None:
        self.city = city
        self.away = city.person("away@city.example", "officer", kind="staff")
        self.stays = city.person("stays@city.example", kind="staff")

    def lend(self, *, actor: Actor | None = None, begins: timedelta = -DAY, days: int = 3, **more) -> str:
        with self.city.database.writing() as session:
            lender = session.get_one(Account, more.pop("lender", self.away))
            delegate = session.get_one(Account, more.pop("delegate", self.stays))
            at = now(session)
            made = lend_rights(
                session,
                actor or actor_of_account(session, lender),
                lender,
                delegate,
                valid_from=at + begins,
                valid_until=at + days * DAY,
                **more,
            )
            return made[0].public_id

    def actor(self, account_id: int | None = None) -> Actor:
        with self.city.database.reading() as session:
            return actor_of_account(session, session.get_one(Account, account_id or self.stays))

    def may(self, permission: str = WORK, account_id: int | None = None) -> bool:
        with self.city.database.reading() as session:
            return can(self.actor(account_id), permission, at=now(session))


@pytest.fixture
def absence(city) -> Absence:
    return Absence(city)


def test_a_colleague_may_do_it_from_the_first_day_to_the_last(absence: Absence, clock: Clock) -> None:
    absence.lend(begins=DAY, days=3)
    assert not absence.may()
    clock.move(DAY + timedelta(minutes=1))
    assert absence.may()
    clock.move(2 * DAY)
    assert not absence.may()


def test_taking_it_back_works_at_once(absence: Absence) -> None:
    loan = absence.lend()
    assert absence.may()
    with absence.city.database.writing() as session:
        end_loan(session, absence.actor(absence.away), loan, "back early")
    assert not absence.may()
    with pytest.raises(NotFound), absence.city.database.writing() as session:
        end_loan(session, absence.actor(absence.away), loan)


def test_giving_it_back_is_the_delegates_to_do_and_nobody_elses(absence: Absence) -> None:
    loan = absence.lend()
    stranger = absence.city.person("stranger@city.example", "officer", kind="staff")
    with pytest.raises(NotFound), absence.city.database.writing() as session:
        end_loan(session, absence.actor(stranger), loan)
    with absence.city.database.writing() as session:
        end_loan(session, absence.actor(), loan)
    assert not absence.may()


@pytest.mark.parametrize(
    "ending", ["grant revoked", "grant ends", "lender disabled", "delegate disabled", "role emptied"]
)
def test_it_ends_with_what_was_lent(absence: Absence, ending: str, clock: Clock) -> None:
    absence.lend()
    assert absence.may()
    with absence.city.database.writing() as session:
        at = now(session)
        grant = grants_of(session, absence.away, at)[0]
        if ending == "grant revoked":
            revoke_grant(session, SYSTEM, grant.public_id)
        elif ending == "grant ends":
            set_grant_end(session, SYSTEM, grant.public_id, at + timedelta(hours=1))
        elif ending == "role emptied":
            put_role(session, SYSTEM, "officer", Translated.of("en", en="Officer"), [])
        else:
            who = absence.away if ending == "lender disabled" else absence.stays
            disable_account(session, SYSTEM, session.get_one(Account, who))
    clock.move(timedelta(hours=1, minutes=1))
    assert not absence.may()


def test_what_is_borrowed_is_not_lent_on_and_makes_nobody_an_officer_for_good(absence: Absence) -> None:
    absence.lend()
    third = absence.city.person("third@city.example", kind="staff")
    with pytest.raises(Invalid):
        absence.lend(lender=absence.stays, delegate=third)
    with absence.city.database.writing() as session:
        # Whoever may give roles gives only what is their own.
        put_role(session, SYSTEM, "giver", Translated.of("en", en="Giver"), ["auth:grant:manage"])
        grant_role(session, SYSTEM, session.get_one(Account, absence.stays), "giver")
    giver = absence.actor()
    assert giver.has(WORK, clock_now(absence))
    with pytest.raises(Forbidden), absence.city.database.writing() as session:
        grant_role(session, giver, session.get_one(Account, third), "officer")


def clock_now(absence: Absence):
    with absence.city.database.reading() as session:
        return now(session)


def test_rights_over_rights_stay_at_home(absence: Absence) -> None:
    boss = absence.city.person("boss@city.example", "administrator", kind="staff")
    absence.lend(lender=boss)
    assert absence.may("auth:account:read")
    for right in ("auth:grant:manage", "auth:role:manage", "auth:account:manage"):
        assert not absence.may(right), right


def test_a_loan_does_not_make_somebody_else_the_last_administrator(absence: Absence, city) -> None:
    with city.database.writing() as session:
        admin = session.scalars(
            select(Account)
            .join(RoleGrant, RoleGrant.account_id == Account.id)
            .where(RoleGrant.role_id == role_by_code(session, "administrator").id)
        ).one()
        grant = grants_of(session, admin.id, now(session))[0].public_id
        admin_id = admin.id
    absence.lend(lender=admin_id)
    with pytest.raises(Conflict, match="last administrator"), city.database.writing() as session:
        revoke_grant(session, SYSTEM, grant)
    with pytest.raises(Conflict, match="last administrator"), city.database.writing() as session:
        set_grant_end(session, SYSTEM, grant, now(session) + 300 * DAY)
    with pytest.raises(Conflict, match="last administrator"), city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, admin_id))


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ({"days": -1}, Invalid),
        ({"days": 400}, Invalid),
        ({"grants": ["zzzzzzzzzzzz"]}, Invalid),
        ({"delegate": "away"}, Invalid),
        ({"delegate": "citizen"}, Invalid),
        ({"actor": "stays"}, Forbidden),
        ({"actor": "token"}, Forbidden),
    ],
)
def test_refusals(absence: Absence, more: dict, error: type[Exception]) -> None:
    citizen = absence.city.person("citizen@city.example")
    people = {"away": absence.away, "citizen": citizen}
    if "delegate" in more:
        more = {"delegate": people[more["delegate"]]}
    if more.get("actor") == "stays":
        more = {"actor": absence.actor()}
    if more.get("actor") == "token":
        own = absence.actor(absence.away)
        more = {"actor": Actor(**{**_facts(own), "allowed": frozenset({READ})})}
    with pytest.raises(error):
        absence.lend(**more)
    assert not absence.may()


def _facts(actor: Actor) -> dict:
    return {"kind": actor.kind, "account_id": actor.account_id, "public_id": actor.public_id, "grants": actor.grants}


def test_the_same_twice_is_refused(absence: Absence) -> None:
    absence.lend()
    with pytest.raises(Conflict):
        absence.lend()


def test_the_audit_names_for_whom_it_was_done(absence: Absence, city) -> None:
    """Somebody who gives roles by a lent right does it on behalf of the lender; by an own one, in the own name."""
    with city.database.writing() as session:
        put_role(session, SYSTEM, "reader", Translated.of("en", en="Reader"), ["auth:account:read"])
        grant_role(session, SYSTEM, session.get_one(Account, absence.away), "reader")
    absence.lend()
    borrower = absence.actor()
    from egovframe.core.modules.audit import audit

    with city.database.writing() as session:
        at = now(session)
        lender = session.get_one(Account, absence.away).public_id
        assert can(borrower, WORK, at=at)
        audit(session, borrower, "room:thing:close", "thing:1")
        owner = absence.actor(absence.away)
        assert can(owner, WORK, at=at)
        audit(session, owner, "room:thing:close", "thing:2")
    with city.database.reading() as session:
        rows = session.execute(select(AuditEntry.thing, AuditEntry.on_behalf_of)).all()
        said = {row[0]: row[1] for row in rows if row[0].startswith("thing:")}
    assert said == {"thing:1": lender, "thing:2": ""}


def test_an_own_right_comes_before_a_lent_one(absence: Absence, city) -> None:
    absence.lend()
    with city.database.writing() as session:
        grant_role(session, SYSTEM, session.get_one(Account, absence.stays), "officer")
    both = absence.actor()
    with city.database.reading() as session:
        assert can(both, WORK, at=now(session))
    assert both.acts_for == ""


def test_review_says_for_whom_and_until_when(absence: Absence) -> None:
    loan = absence.lend(days=3)
    with absence.city.database.reading() as session:
        at = now(session)
        lender = session.get_one(Account, absence.away).public_id
        found = {each.account_id: each.grant for each in who_can(session, WORK, at=at)}
        assert found[absence.stays].lent_by == lender
        assert found[absence.stays].valid_until == loans(session, at, delegate_id=absence.stays)[0].valid_until
        assert found[absence.away].lent_by == ""
        assert WORK in what_can(session, absence.stays, at=at)
    with absence.city.database.writing() as session:
        end_loan(session, SYSTEM, loan)
    with absence.city.database.reading() as session:
        assert absence.stays not in {each.account_id for each in who_can(session, WORK, at=now(session))}
        assert what_can(session, absence.stays, at=now(session)) == {}


def test_loading_somebody_who_borrows_nothing_costs_no_statement_more(absence: Absence, city) -> None:
    entered = city.enter("stays@city.example").token
    from egovframe.core.auth import actor_of_session

    with city.database.reading() as session:
        actor_of_session(session, entered)
        with city.counted() as seen:
            actor_of_session(session, entered)
    assert len([each for each in seen if "core_role_grant" in each]) == 1
    absence.lend()
    with city.database.reading() as session:
        actor_of_session(session, entered)
        with city.counted() as seen:
            actor_of_session(session, entered)
    assert len([each for each in seen if "core_role_grant" in each]) == 2


def test_review_agrees_with_the_rule_over_things_in_places(city) -> None:
    """Every account × place: listed by the review exactly when ``can`` opens a case there."""
    from egovframe.core.auth import accounts
    from egovframe.core.modules.areas import Area, Layer
    from egovframe.core.modules.cases import Case
    from egovframe.core.modules.organisation import Department

    with city.database.writing() as session:
        put_role(session, SYSTEM, "worker", Translated.of("en", en="Worker"), ["cases:case:work"])
        layer = Layer(code="district", title=Translated.of("en", en="District"))
        session.add(layer)
        departments = [Department(code=code, name=Translated.of("en", en=code)) for code in ("a", "b")]
        session.add_all(departments)
        session.flush()
        areas = [Area(layer_id=layer.id, code=code, name=Translated.of("en", en=code)) for code in ("x", "y")]
        session.add_all(areas)
        child = Department(code="a1", name=Translated.of("en", en="a1"), parent_id=departments[0].id)
        session.add(child)
        session.flush()
        places = [(d, a) for d in (*[each.id for each in departments], child.id) for a in [each.id for each in areas]]
        first, area = departments[0].id, areas[0].id
    city.person("all@city.example", "worker", kind="staff")
    city.person("dept@city.example", "worker", frozenset({("department", first)}), kind="staff")
    lender = city.person(
        "both@city.example", "worker", frozenset({("department", first), ("area", area)}), kind="staff"
    )
    city.person("area@city.example", "worker", frozenset({("area", area)}), kind="staff")
    with city.database.writing() as session:
        at = now(session)
        helper = session.scalars(select(Account).where(Account.kind == "staff").order_by(Account.id)).first()
        lend_rights(session, SYSTEM, session.get_one(Account, lender), helper, valid_from=at, valid_until=at + DAY)
    with city.database.reading() as session:
        at = now(session)
        everybody = [(each.id, actor_of_account(session, each)) for each in session.scalars(accounts())]
        for department_id, area_id in places:
            thing = Case(department_id=department_id, area_id=area_id)
            listed = {
                each.account_id
                for each in who_can(session, "cases:case:work", {"department": department_id, "area": area_id}, at=at)
            }
            opened = {key for key, actor in everybody if can(actor, "cases:case:work", thing, at=at)}
            assert listed == opened, (department_id, area_id)
            assert opened


def test_a_role_that_asks_for_a_second_factor_asks_the_stand_in_too(absence: Absence) -> None:
    absence.lend()
    assert absence.may()
    with absence.city.database.writing() as session:
        role_by_code(session, "officer").needs_second_factor = True
    assert not absence.may()
    with absence.city.database.writing() as session:
        session.get_one(Account, absence.stays).second_factor = True
    assert absence.may()
