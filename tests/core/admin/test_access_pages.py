"""Administration of accounts, roles and access: what an administrator, a head and an auditor see and may do."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from egovframe.core.auth import Account, account_by_public_id, actor_of_account, can, role_by_code
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.cases import Case, timeline
from egovframe.core.modules.organisation import posts_of
from egovframe.core.persistence import now
from egovframe.testing.clock import Clock
from egovframe.testing.visits import submit

from .conftest import Hall

ACCOUNTS = "/en/admin/accounts"


def test_the_list_shows_what_is_public_and_no_name_or_address(hall: Hall) -> None:
    page = hall.client().get(ACCOUNTS)
    assert page.status_code == 200
    assert "Roads-Kim" in page.text
    assert hall.citizen.public_id in page.text
    for person in (hall.kim, hall.citizen):
        assert person.name not in page.text
        assert "@test.example" not in page.text
    narrowed = hall.client().get(f"{ACCOUNTS}?kind=citizen&state=active").text
    assert hall.citizen.public_id in narrowed
    assert "Roads-Kim" not in narrowed
    assert "Roads-Kim" in hall.client().get(f"{ACCOUNTS}?role=officer").text


def test_an_account_is_found_by_its_whole_address_only(hall: Hall) -> None:
    with hall.database.reading() as session:
        from sqlalchemy.orm import undefer_group

        email = session.get_one(Account, hall.kim.account_id, options=[undefer_group("personal")]).email or ""
    client = hall.client()
    found = submit(client, ACCOUNTS, f"{ACCOUNTS}/find", email=email.upper())
    assert found.status_code == 303
    assert found.headers["Location"].endswith(hall.kim.public_id)
    part = submit(client, ACCOUNTS, f"{ACCOUNTS}/find", email="erson2@test.example")
    assert part.status_code == 422
    assert "There is no account with this address." in part.text


def test_a_role_is_given_somewhere_for_some_time_and_ended_with_a_reason(hall: Hall) -> None:
    client, page = hall.client(), f"{ACCOUNTS}/{hall.citizen.public_id}"
    given = submit(
        client, page, f"{page}/grants", role="officer", department="roads", area="",
        first_day=hall.day(0), last_day=hall.day(30),
    )  # fmt: skip
    assert given.status_code == 303, given.text[:1000]
    shown = client.get(page).text
    assert "Roads" in shown
    assert "In force" in shown or "Begins later" in shown
    assert "officer" in hall.roles(hall.citizen)
    grant = hall.grant_of(hall.citizen, "officer")
    without = submit(client, page, f"/en/admin/grants/{grant}/end", last_day="", reason="")
    assert without.status_code == 422
    ended = submit(client, page, f"/en/admin/grants/{grant}/end", last_day="", reason="moved on")
    assert ended.status_code == 303
    assert "officer" not in hall.roles(hall.citizen)
    assert "Ended" in client.get(page).text
    with hall.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:grant:end")).one()
        assert entry.reason == "moved on"


@pytest.mark.parametrize(
    "wrong",
    [
        {"role": "nobody"},
        {"department": "moon"},
        {"area": "moon"},
        {"area": "district:moon"},
        {"last_day": "2001-01-01"},
        {"last_day": "9999-12-31"},
        {"first_day": "0001-01-01"},
        {"role": ""},
        {"is_admin": "1"},
    ],
)
def test_what_cannot_be_given_is_refused_in_words(hall: Hall, wrong: dict[str, str]) -> None:
    page = f"{ACCOUNTS}/{hall.citizen.public_id}"
    answer = submit(hall.client(), page, f"{page}/grants", **{"role": "officer", **wrong})
    assert answer.status_code in {400, 422}, answer.status_code
    assert hall.roles(hall.citizen) == {"citizen"}


def test_grants_that_end_soon_are_shown(hall: Hall) -> None:
    client = hall.client()
    assert "Roles that end soon" not in client.get(ACCOUNTS).text
    page = f"{ACCOUNTS}/{hall.kim.public_id}"
    grant = hall.grant_of(hall.kim, "officer")
    ends = submit(client, page, f"/en/admin/grants/{grant}/end", last_day=hall.day(10), reason="contract ends")
    assert ends.status_code == 303
    assert "Roles that end soon" in client.get(ACCOUNTS).text
    assert "Roles that end soon" not in hall.client(hall.head).get(ACCOUNTS).text


def test_the_last_administrator_stays_whatever_the_page(hall: Hall) -> None:
    client, page = hall.client(), f"{ACCOUNTS}/{hall.admin.public_id}"
    grant = hall.grant_of(hall.admin, "administrator")
    for path, values in (
        (f"/en/admin/grants/{grant}/end", {"last_day": "", "reason": "x"}),
        (f"/en/admin/grants/{grant}/end", {"last_day": hall.day(100), "reason": "x"}),
        (f"{page}/disable", {"reason": "x"}),
        (f"{page}/leave", {"reason": "x", "end_grants": "1"}),
    ):
        answer = submit(client, page, path, **values)
        assert answer.status_code == 409, (path, answer.status_code)
    assert "administrator" in hall.roles(hall.admin)
    assert hall.account(hall.admin).state == "active"


def test_an_official_leaves_and_a_successor_takes_over(hall: Hall) -> None:
    case_id = hall.case_of(hall.kim)
    client, page = hall.client(), f"{ACCOUNTS}/{hall.kim.public_id}"
    asked = client.get(f"{page}/leave")
    assert "Open cases" in asked.text
    refused = submit(client, f"{page}/leave", reason="left", successor="parks-gardener", end_posts="1", end_grants="1")
    assert refused.status_code == 422
    assert "The successor may not work on" in refused.text
    assert hall.account(hall.kim).state == "active"
    done = submit(client, f"{page}/leave", reason="left", successor="roads-lee", end_posts="1", end_grants="1")
    assert done.status_code == 303, done.text[:2000]
    with hall.database.reading() as session:
        case = session.get_one(Case, case_id)
        assert case.assignee_id == hall.lee.account_id
        assert "Handed over" in [item.title for item in timeline(session, case, public_only=False)]
        assert "Handed over" not in [item.title for item in timeline(session, case, public_only=True)]
        assert posts_of(session, hall.kim.account_id or 0, now(session)) == []
    assert hall.account(hall.kim).state == "disabled"
    assert hall.roles(hall.kim) == set()


def test_without_a_successor_the_cases_go_back_to_the_department(hall: Hall) -> None:
    case_id = hall.case_of(hall.kim)
    page = f"{ACCOUNTS}/{hall.kim.public_id}"
    done = submit(hall.client(), f"{page}/leave", reason="left", successor="", end_posts="", end_grants="")
    assert done.status_code == 303, done.text[:2000]
    with hall.database.reading() as session:
        case = session.get_one(Case, case_id)
        assert (case.assignee_id, case.department_id) == (None, hall.roads)
    assert hall.roles(hall.kim) == {"officer"}
    opened = submit(hall.client(), page, f"{page}/enable", reason="came back")
    assert opened.status_code == 303
    assert hall.account(hall.kim).state == "active"


def test_a_head_sees_the_own_department_and_changes_nothing(hall: Hall) -> None:
    client = hall.client(hall.head)
    shown = client.get(ACCOUNTS).text
    assert "Roads-Kim" in shown
    assert "Parks-Gardener" not in shown
    assert hall.citizen.public_id not in shown
    unseen = client.get(f"{ACCOUNTS}/{hall.gardener.public_id}")
    assert unseen.status_code == client.get(f"{ACCOUNTS}/zzzzzzzzzzzz").status_code == 404
    assert client.get(f"{ACCOUNTS}/{hall.kim.public_id}").status_code == 200
    assert client.get("/en/admin/access?permission=cases:case:work&department=parks").status_code == 403
    assert client.get("/en/admin/access?permission=cases:case:work").status_code == 403
    assert "Roads-Kim" in client.get("/en/admin/access?permission=cases:case:work&department=roads").text
    refused = client.post(f"{ACCOUNTS}/{hall.kim.public_id}/disable")
    assert refused.status_code == 403


def test_review_by_page_and_api(hall: Hall) -> None:
    page = hall.client().get("/en/admin/access?permission=cases:case:work&department=roads").text
    assert "Roads-Kim" in page
    assert "Parks-Gardener" not in page
    token = hall.make.token(hall.admin)
    client = hall.app.test_client()
    listed = client.get("/api/v1/access/who?permission=cases:case:work&scope=department=roads", headers=token)
    assert listed.status_code == 200, listed.text
    holders = {each["account"]: each for each in listed.get_json()["holders"]}
    assert hall.kim.public_id in holders
    assert hall.gardener.public_id not in holders
    assert holders[hall.kim.public_id]["scope"] == [{"kind": "department", "code": "roads", "name": "Roads"}]
    of = client.get(f"/api/v1/access/of/{hall.kim.public_id}", headers=token).get_json()
    assert "cases:case:work" in {each["permission"] for each in of["permissions"]}
    assert client.get("/api/v1/access/who?permission=moon:moon:moon", headers=token).status_code == 422
    assert client.get("/api/v1/access/who?permission=cases:case:work&scope=moon", headers=token).status_code == 400
    person = hall.client().get(f"{ACCOUNTS}/{hall.kim.public_id}/rights").text
    assert "cases:case:work" in person


def test_roles_are_read_made_and_changed(hall: Hall) -> None:
    client = hall.client()
    assert "Officer" in client.get("/en/admin/roles").text
    made = submit(client, "/en/admin/roles", code="archivist", title="Archivist")
    assert made.status_code == 303
    again = submit(client, "/en/admin/roles", code="archivist", title="Archivist")
    assert again.status_code == 422
    changed = submit(client, "/en/admin/roles/archivist", title="Archivist", permissions="cases:case:read")
    assert changed.status_code == 303
    with hall.database.reading() as session:
        assert role_by_code(session, "archivist").permissions == ["cases:case:read"]
    unknown = submit(client, "/en/admin/roles/archivist", title="Archivist", permissions="moon:moon:moon")
    assert unknown.status_code == 422
    fixed = submit(client, "/en/admin/roles/administrator", title="X", permissions="cases:case:read")
    assert fixed.status_code == 409
    assert "disabled" in client.get("/en/admin/roles/administrator").text
    assert client.get("/en/admin/roles/moon").status_code == 404


def test_an_official_names_a_stand_in_by_post_and_the_colleague_sees_for_whom(hall: Hall, clock: Clock) -> None:
    hall.make.account("officer", kind="staff")
    client = hall.client(hall.gardener)
    page = "/en/account/delegation"
    assert "Parks-Gardener" not in client.get(page).text.partition("Who stands in?")[2]
    assert not hall.may(hall.head, "civic_participation:complaint:import")
    lent = submit(client, page, delegate_post="roads-lee", first_day=hall.day(-1), last_day=hall.day(2))
    assert lent.status_code == 303, lent.text[:1500]
    shown = hall.client(hall.lee).get(page).text
    assert "For Parks-Gardener" in shown
    with hall.database.reading() as session:
        lee = actor_of_account(session, account_by_public_id(session, hall.lee.public_id))
        assert can(lee, "cases:case:work", Case(department_id=hall.parks, area_id=None), at=now(session))
    loan = re.search(r"delegation/(\w+)/end", shown)
    assert loan
    back = submit(hall.client(hall.lee), page, f"{page}/{loan[1]}/end")
    assert back.status_code == 303
    assert "Nobody stands in for you." in client.get(page).text


def test_a_head_names_a_stand_in_for_the_own_people_only(hall: Hall) -> None:
    client, page = hall.client(hall.head), "/en/account/delegation"
    days = {"first_day": hall.day(-1), "last_day": hall.day(2)}
    lent = submit(client, page, lender_post="roads-kim", delegate_post="parks-gardener", **days)
    assert lent.status_code == 303, lent.text[:1500]
    with hall.database.reading() as session:
        gardener = actor_of_account(session, account_by_public_id(session, hall.gardener.public_id))
        assert can(gardener, "cases:case:work", Case(department_id=hall.roads, area_id=None), at=now(session))
    other = submit(client, page, lender_post="parks-gardener", delegate_post="roads-lee", **days)
    assert other.status_code == 403
    upwards = submit(hall.client(hall.kim), page, lender_post="roads-head", delegate_post="roads-lee", **days)
    assert upwards.status_code == 403


@pytest.mark.parametrize(
    "wrong",
    [{"last_day": "2001-01-01"}, {"last_day": "9999-12-31"}, {"delegate_post": "moon"}, {"grants": "zzzzzzzzzz"}],
)
def test_a_stand_in_that_cannot_be_is_refused_in_words(hall: Hall, wrong: dict[str, str]) -> None:
    values = {"delegate_post": "roads-lee", "first_day": hall.day(0), "last_day": hall.day(2), **wrong}
    answer = submit(hall.client(hall.kim), "/en/account/delegation", **values)
    assert answer.status_code == 422
    assert "Please check" in answer.text


def test_a_citizen_has_nothing_to_lend(hall: Hall) -> None:
    client = hall.client(hall.citizen)
    page = client.get("/en/account/delegation")
    assert "You hold no role of an office that could be lent." in page.text
    assert "Stand-in while away" not in client.get("/en/account/").text


def test_a_role_asks_for_a_second_factor_by_its_page(hall: Hall) -> None:
    page = "/en/admin/roles/officer"
    client, officer = hall.client(), hall.client(hall.kim)
    assert "Needs a second factor" not in client.get(page).text
    assert officer.get("/en/desk/").status_code == 200
    without = submit(client, page, f"{page}/second-factor", required="1", reason="")
    assert without.status_code == 422
    assert re.search(r'name="required" value="1" checked', without.text)
    assert 's-reason-error"' in without.text
    on = submit(client, page, f"{page}/second-factor", required="1", reason="new <rule>")
    assert on.status_code == 303
    assert "Needs a second factor" in client.get(page).text
    led = officer.get("/en/desk/")
    assert (led.status_code, "/account/" in led.headers["Location"]) == (303, True)
    with hall.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:role:change")).one()
        assert (entry.thing, entry.reason) == ("role:officer", "new <rule>")
        assert hall.admin.public_id in entry.actor
    off = submit(client, page, f"{page}/second-factor", reason="no longer")
    assert off.status_code == 303
    assert "Needs a second factor" not in client.get(page).text
    assert officer.get("/en/desk/").status_code == 200


def test_the_administrators_role_asks_for_a_second_factor_too_and_only_who_manages_roles_says_so(hall: Hall) -> None:
    page = "/en/admin/roles/administrator"
    head = hall.client(hall.head)
    assert "second-factor" not in head.get(page).text
    assert submit(head, page, f"{page}/second-factor", required="1", reason="x").status_code == 403
    client = hall.client()
    assert submit(client, page, "/en/admin/roles/mayor/second-factor", required="1", reason="x").status_code == 404
    done = submit(client, page, f"{page}/second-factor", required="1", reason="law")
    assert done.status_code == 303
    with hall.database.reading() as session:
        assert role_by_code(session, "administrator").needs_second_factor
