"""Somebody who acts by a colleague's lent right stands on the timeline with both posts."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import Account, actor_of_account, grant_role, lend_rights
from egovframe.core.i18n import use_language
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.cases import TimelineItem, timeline
from egovframe.core.persistence import now


@pytest.fixture
def helper(desk: Any) -> Actor:
    """The parks officer, to whom the roads officer lent the right over roads; parks are the helper's own."""
    database, accounts = desk.office.database, desk.office.accounts
    with database.writing() as session:
        lender, delegate = (session.get_one(Account, accounts[f"{name} officer"]) for name in ("Roads", "Parks"))
        grant_role(session, SYSTEM, lender, "officer", frozenset({("department", desk.office.departments["roads"])}))
        grant_role(session, SYSTEM, delegate, "officer", frozenset({("department", desk.office.departments["parks"])}))
    with database.writing() as session:
        at = now(session)
        lend_rights(
            session,
            SYSTEM,
            session.get_one(Account, accounts["Roads officer"]),
            session.get_one(Account, accounts["Parks officer"]),
            valid_from=at,
            valid_until=at + timedelta(days=3),
        )
    with database.reading() as session:
        return actor_of_account(session, session.get_one(Account, accounts["Parks officer"]))


def lines(desk: Any, case: Any, *, public_only: bool, language: str = "en") -> list[TimelineItem]:
    with desk.app.test_request_context(), use_language(language), desk.office.database.reading() as session:
        return timeline(session, case, public_only=public_only)


def test_the_timeline_names_the_post_that_was_stood_in_for(desk: Any, helper: Actor) -> None:
    case = desk.office.act(helper, desk.office.open("roads").case, "take")
    assert lines(desk, case, public_only=False)[1].author == ("Parks officer · Parks post, standing in for Roads post")
    assert lines(desk, case, public_only=True)[1].author == "Parks post, standing in for Roads post"
    with desk.office.database.reading() as session:
        entry = next(one for one in entries_of(session, f"case:{case.public_id}") if one.action == "cases:case:take")
        lender = session.get_one(Account, desk.office.accounts["Roads officer"]).public_id
    assert entry.on_behalf_of == lender


def test_what_is_done_by_ones_own_right_is_done_for_nobody_else(desk: Any, helper: Actor) -> None:
    case = desk.office.act(helper, desk.office.open("parks").case, "take")
    assert lines(desk, case, public_only=True)[1].author == "Parks post"


@pytest.mark.parametrize(
    ("language", "words"), [("ko", "Parks post (Roads post 대신)"), ("ar", "Parks post نيابةً عن Roads post")]
)
def test_it_is_said_in_every_language(desk: Any, helper: Actor, language: str, words: str) -> None:
    case = desk.office.act(helper, desk.office.open("roads").case, "take")
    assert lines(desk, case, public_only=True, language=language)[1].author == words
