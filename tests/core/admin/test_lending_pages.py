"""Heads and loans: what a head may lend of the own people's roles, to whom, who is told, and what is taken back."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import Account, account_by_public_id, actor_of_account, can, grant_role, revoke_grant
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.cases import Case
from egovframe.core.modules.events import EventRow
from egovframe.core.modules.organisation import Post
from egovframe.core.persistence import now
from egovframe.testing.visits import submit

from .conftest import Hall, Postbox

PAGE = "/en/account/delegation"
READ_AUDIT, CASES = "audit:entry:read", "cases:case:work"


class Lending:
    """A hall in which the head lends, and the mails that are sent about it."""

    def __init__(self, hall: Hall) -> None:
        self.hall, self.mails = hall, Postbox(hall.app).read

    def lend(self, client: FlaskClient, **values: str):
        days = {"first_day": self.hall.day(-1), "last_day": self.hall.day(2)}
        return submit(client, PAGE, **(days | values))

    def give(self, person: Actor, role: str, language: str | None = None) -> str:
        with self.hall.database.writing() as session:
            account = account_by_public_id(session, person.public_id)
            account.language = language or account.language
            return grant_role(session, SYSTEM, account, role).public_id

    def speak(self, person: Actor, language: str) -> None:
        with self.hall.database.writing() as session:
            account_by_public_id(session, person.public_id).language = language

    def may_in_roads(self, person: Actor) -> bool:
        with self.hall.database.reading() as session:
            actor = actor_of_account(session, account_by_public_id(session, person.public_id))
            return can(actor, CASES, Case(department_id=self.hall.roads, area_id=None), at=now(session))

    def loan(self, client: FlaskClient) -> str:
        found = re.search(r"delegation/(\w+)/end", client.get(PAGE).text)
        assert found
        return found[1]


def box(person: Actor) -> str:
    return person.name.lower()


@pytest.fixture
def lending(hall: Hall) -> Lending:
    return Lending(hall)


def test_a_head_does_not_lend_to_themselves(lending: Lending) -> None:
    hall = lending.hall
    refused = lending.lend(hall.client(hall.head), lender_post="roads-kim", delegate_post="roads-head")
    assert refused.status_code == 422
    assert "You cannot make yourself the stand-in." in refused.text
    assert not lending.may_in_roads(hall.gardener)
    given = lending.lend(hall.client(hall.head), lender_post="roads-kim", delegate_post="parks-gardener")
    assert given.status_code == 303
    assert lending.may_in_roads(hall.gardener)


def test_a_head_does_not_lend_what_holds_in_the_whole_city(lending: Lending) -> None:
    hall = lending.hall
    lending.give(hall.kim, "auditor")
    lent = lending.lend(hall.client(hall.head), lender_post="roads-kim", delegate_post="parks-gardener")
    assert lent.status_code == 303
    assert lending.may_in_roads(hall.gardener)
    assert not hall.may(hall.gardener, READ_AUDIT)
    assert hall.client(hall.gardener).get("/en/admin/audit").status_code == 403
    own = lending.lend(hall.client(hall.kim), delegate_post="roads-lee")
    assert own.status_code == 303
    assert hall.may(hall.lee, READ_AUDIT)  # it is kim's own to lend


def test_who_holds_nothing_in_the_departments_of_the_head_is_refused_in_words(lending: Lending) -> None:
    hall = lending.hall
    with hall.database.writing() as session:
        boss = session.scalars(select(Post).where(Post.code == "roads-head")).one()
        session.scalars(select(Post).where(Post.code == "parks-gardener")).one().reports_to_id = boss.id
    refused = lending.lend(hall.client(hall.head), lender_post="parks-gardener", delegate_post="roads-lee")
    assert refused.status_code == 422
    assert "This person holds no role that is limited to your departments." in refused.text
    wide = lending.give(hall.kim, "auditor")
    chosen = lending.lend(hall.client(hall.head), lender_post="roads-kim", delegate_post="parks-gardener", grants=wide)
    assert chosen.status_code == 422
    assert not hall.may(hall.gardener, READ_AUDIT)


def test_lender_and_delegate_are_told_when_it_begins_and_when_it_ends(lending: Lending) -> None:
    hall = lending.hall
    client = hall.client(hall.head)
    assert lending.mails() == {}
    lending.lend(client, lender_post="roads-kim", delegate_post="parks-gardener")
    told = lending.mails()
    assert set(told) == {box(hall.kim), box(hall.gardener)}
    subject, text = told[box(hall.gardener)]
    assert subject == "You stand in: Roads-Kim"
    assert "– Officer (Roads)" in text
    assert text.count("(Korean Standard Time)") == 2, text
    assert "/en/account/delegation" in text
    subject, text = told[box(hall.kim)]
    assert subject == "Somebody stands in for you: Parks-Gardener"
    assert "Somebody in charge of you" in text
    back = submit(client, PAGE, f"{PAGE}/{lending.loan(client)}/end")
    assert back.status_code == 303
    told = lending.mails()
    assert set(told) == {box(hall.kim), box(hall.gardener)}
    assert told[box(hall.gardener)][0] == "You no longer stand in: Roads-Kim"
    assert told[box(hall.kim)][0] == "Nobody uses your roles any longer: Parks-Gardener"
    with hall.database.reading() as session:
        names = set(session.scalars(select(EventRow.name)))
    assert {"auth.RightsLent", "auth.LoanEnded"} <= names


def test_whoever_lends_for_themselves_is_told_so(lending: Lending) -> None:
    hall = lending.hall
    lending.lend(hall.client(hall.kim), delegate_post="roads-lee")
    told = lending.mails()
    assert "You have lent these roles of yours" in told[box(hall.kim)][1]
    assert "Somebody in charge" not in told[box(hall.kim)][1]


@pytest.mark.parametrize(("language", "subject"), [("ko", "Roads-Kim 대신"), ("ar", "تنوب")])
def test_in_the_readers_language(lending: Lending, language: str, subject: str) -> None:
    hall = lending.hall
    lending.speak(hall.gardener, language)
    lending.speak(hall.kim, language)
    lending.lend(hall.client(hall.head), lender_post="roads-kim", delegate_post="parks-gardener")
    told = lending.mails()
    assert subject in told[box(hall.gardener)][0]
    for _subject, text in told.values():
        assert "These roles" not in text
        assert "until" not in text
        assert f"/{language}/account/delegation" in text


def test_a_grant_that_ends_takes_its_loan_along_and_both_are_told(lending: Lending) -> None:
    hall = lending.hall
    lending.lend(hall.client(hall.kim), delegate_post="roads-lee")
    lending.mails()
    with hall.database.writing() as session:
        revoke_grant(session, SYSTEM, hall.grant_of(hall.kim, "officer"), "moved on")
    told = lending.mails()
    assert told[box(hall.lee)][0] == "You no longer stand in: Roads-Kim"
    assert "For Roads-Kim" not in hall.client(hall.lee).get(PAGE).text
    with hall.database.reading() as session:
        ended = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:delegation:end")).one()
        assert ended.reason == "moved on"


def test_a_head_sees_what_was_lent_for_the_own_people_and_takes_it_back(lending: Lending) -> None:
    hall = lending.hall
    client = hall.client(hall.head)
    assert "Lent by those who report to you" not in client.get(PAGE).text
    lending.lend(client, lender_post="roads-kim", delegate_post="parks-gardener")
    shown = client.get(PAGE).text
    assert "Parks-Gardener stands in for Roads-Kim on the days that you chose." in shown
    assert "Lent by those who report to you" in shown
    assert "Parks-Gardener for Roads-Kim" in shown
    assert "Lent by those who report to you" not in hall.client(hall.lee).get(PAGE).text
    loan = lending.loan(client)
    stranger = submit(hall.client(hall.lee), PAGE, f"{PAGE}/{loan}/end")
    assert stranger.status_code == 404
    assert lending.may_in_roads(hall.gardener)
    assert submit(client, PAGE, f"{PAGE}/{loan}/end").status_code == 303
    assert not lending.may_in_roads(hall.gardener)
    assert "Lent by those who report to you" not in client.get(PAGE).text


def test_whoever_lends_their_own_reads_of_their_stand_in(lending: Lending) -> None:
    hall = lending.hall
    client = hall.client(hall.kim)
    lending.lend(client, delegate_post="roads-lee")
    assert "Your stand-in has these rights" in client.get(PAGE).text
    with hall.database.reading() as session:
        assert session.scalars(select(Account)).first()
