"""The page of an account: what is refused stands beside its field with what was typed; the lists count who holds."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import account_by_public_id, disable_account, grant_role, lend_rights, put_role, revoke_grant
from egovframe.core.i18n import source_text
from egovframe.core.persistence import now
from egovframe.testing.visits import submit

from .conftest import Hall

ACCOUNTS = "/en/admin/accounts"
DAY = timedelta(days=1)


def page_of(person: Actor) -> str:
    return f"{ACCOUNTS}/{person.public_id}"


def lent(hall: Hall) -> str:
    with hall.database.writing() as session:
        at, people = now(session), [account_by_public_id(session, each.public_id) for each in (hall.kim, hall.lee)]
        return lend_rights(session, SYSTEM, *people, valid_from=at, valid_until=at + DAY)[0].public_id


def beside(text: str, field: str) -> str:
    """The message that stands at the control with the id."""
    found = re.search(rf'id="{field}-error">(.*?)</p>', text, re.DOTALL)
    return re.sub(r"<[^>]+>", "", found[1]) if found else ""


@pytest.mark.parametrize("day", ["2001-01-01", "yesterday"])
def test_a_role_that_ends_on_a_wrong_day(hall: Hall, day: str) -> None:
    grant = hall.grant_of(hall.kim, "officer")
    page = page_of(hall.kim)
    answer = submit(hall.client(), page, f"/en/admin/grants/{grant}/end", last_day=day, reason="contract <ends>")
    assert answer.status_code == 422
    assert "What can this person do?" in answer.text
    assert beside(answer.text, f"e-{grant}-last_day")
    assert 'value="contract &lt;ends&gt;"' in answer.text
    assert "officer" in hall.roles(hall.kim)


def test_ends_without_a_reason_are_asked_for_it_at_their_own_form(hall: Hall) -> None:
    client, grant, loan = hall.client(), hall.grant_of(hall.kim, "officer"), lent(hall)
    page = page_of(hall.kim)
    for address, field in (
        (f"/en/admin/grants/{grant}/end", f"e-{grant}-reason"),
        (f"/en/admin/loans/{loan}/end", f"l-{loan}-reason"),
        (f"{page}/disable", "d-reason"),
    ):
        answer = submit(client, page, address, reason="")
        assert answer.status_code == 422, address
        assert beside(answer.text, field), address
        assert answer.text.count("-error") == answer.text.count(f"{field}-error"), address
        assert "Roads-Kim" in answer.text
        assert len(re.findall(r"<details open", answer.text)) == 1
    closed = submit(client, page, f"{page}/disable", reason="somebody else uses it")
    assert closed.status_code == 303
    again = submit(client, page, f"{page}/enable", reason="")
    assert again.status_code == 422
    assert beside(again.text, "o-reason")


def test_every_control_of_the_page_has_an_id_of_its_own(hall: Hall) -> None:
    with hall.database.writing() as session:
        kim = account_by_public_id(session, hall.kim.public_id)
        grant_role(session, SYSTEM, kim, "auditor")
        grant_role(session, SYSTEM, kim, "moderator")
    lent(hall)
    ids = re.findall(r' id="([^"]+)"', hall.client().get(page_of(hall.kim)).text)
    assert len(ids) == len(set(ids)), [each for each in ids if ids.count(each) > 1]


def test_a_loan_ends_on_the_page_from_which_it_was_ended(hall: Hall) -> None:
    loan = lent(hall)
    borrower = page_of(hall.lee)
    refused = submit(hall.client(), borrower, f"/en/admin/loans/{loan}/end", account=hall.lee.public_id, reason="")
    assert refused.status_code == 422
    assert "Roads-Lee" in refused.text
    foreign = submit(hall.client(), borrower, f"/en/admin/loans/{loan}/end", account=hall.citizen.public_id, reason="")
    assert "Roads-Kim" in foreign.text  # not on the page of somebody whom it does not concern
    ended = submit(hall.client(), borrower, f"/en/admin/loans/{loan}/end", account=hall.lee.public_id, reason="back")
    assert ended.headers["Location"].endswith(borrower)


def test_the_last_administrator_is_told_on_the_page(hall: Hall) -> None:
    page = page_of(hall.admin)
    answer = submit(hall.client(), page, f"{page}/disable", reason="I leave")
    assert answer.status_code == 409
    assert "This is the last administrator." in answer.text
    assert 'value="I leave"' in answer.text


def test_what_the_giver_may_not_do_is_said_on_the_page(hall: Hall) -> None:
    with hall.database.writing() as session:
        put_role(session, SYSTEM, "personnel", source_text("P"), ["auth:grant:manage", "auth:account:read"])
    clerk = hall.make.account("personnel", kind="staff")
    with hall.database.writing() as session:
        me = account_by_public_id(session, clerk.public_id)
        grant_role(session, SYSTEM, me, "officer", frozenset({("department", hall.parks)}))
    client = hall.client(clerk)
    own = submit(client, page_of(clerk), f"{page_of(clerk)}/grants", role="officer")
    assert own.status_code == 422
    assert "You cannot give a role to yourself." in beside(own.text, "f-role")
    wide = submit(client, page_of(hall.lee), f"{page_of(hall.lee)}/grants", role="officer")
    assert "in more places" in beside(wide.text, "f-role")
    grant = hall.grant_of(hall.kim, "officer")
    ended = submit(client, page_of(hall.kim), f"/en/admin/grants/{grant}/end", last_day=hall.day(9), reason="leaves")
    assert ended.status_code == 303
    longer = submit(client, page_of(hall.kim), f"/en/admin/grants/{grant}/end", last_day=hall.day(30), reason="stays")
    assert longer.status_code == 403
    assert "in more places" in longer.text
    here = submit(client, page_of(hall.lee), f"{page_of(hall.lee)}/grants", role="officer", department="parks")
    assert here.status_code == 303


def test_past_days_and_repeated_roles_are_refused_beside_their_fields(hall: Hall) -> None:
    page = page_of(hall.lee)
    past = submit(
        hall.client(), page, f"{page}/grants", role="auditor", first_day="2020-01-01", last_day="2020-02-01"
    )  # fmt: skip
    assert past.status_code == 422
    assert "This day is past" in beside(past.text, "f-last_day")
    assert 'value="2020-02-01"' in past.text
    twice = submit(hall.client(), page, f"{page}/grants", role="officer", department="roads")
    assert twice.status_code == 409
    assert "holds this role there at that time already" in twice.text
    assert hall.roles(hall.lee) == {"officer"}


def test_lists_by_role_show_and_count_who_holds_it_now(hall: Hall) -> None:
    people = {name: hall.make.account(kind="staff") for name in ("now", "ended", "future", "closed")}
    with hall.database.writing() as session:
        at = now(session)
        found = {name: account_by_public_id(session, each.public_id) for name, each in people.items()}
        for name, account in found.items():
            begins = at + DAY if name == "future" else None
            grant = grant_role(session, SYSTEM, account, "moderator", valid_from=begins)
            if name == "ended":
                revoke_grant(session, SYSTEM, grant.public_id)
        disable_account(session, SYSTEM, found["closed"])
    client = hall.client()
    listed = client.get(f"{ACCOUNTS}?role=moderator").text
    shown = {name for name, each in people.items() if each.public_id in listed}
    assert shown == {"now", "closed"}
    row = re.search(
        r'<td class="number"[^>]*><a href="([^"]*role=moderator[^"]*)">(\d+)</a>', client.get("/en/admin/roles").text
    )
    assert row
    assert row[2] == "1"
    counted = client.get(row[1].replace("&amp;", "&")).text
    assert {name for name, each in people.items() if each.public_id in counted} == {"now"}
    head = hall.client(hall.head).get("/en/admin/roles").text
    assert re.search(r'role=moderator[^"]*">0</a>', head)


def test_a_program_is_given_no_role_that_the_giver_does_not_hold_everywhere(hall: Hall) -> None:
    with hall.database.writing() as session:
        rights = ["auth:grant:manage", "auth:account:manage"]
        put_role(session, SYSTEM, "programs", source_text("Programs"), rights)
    clerk = hall.make.account("programs", kind="staff")
    with hall.database.writing() as session:
        here = frozenset({("department", hall.parks)})
        grant_role(session, SYSTEM, account_by_public_id(session, clerk.public_id), "officer", here)
    page = "/en/admin/service-accounts"
    refused = submit(hall.client(clerk), page, name="Sensors", roles=["officer"])
    assert refused.status_code == 403
    assert "in more places" in refused.text
    assert 'value="Sensors"' in refused.text
    made = submit(hall.client(clerk), page, name="Sensors", roles=["programs", "programs"])
    assert made.status_code == 303
