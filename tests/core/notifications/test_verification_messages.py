"""What people are told about their verification: that it holds, that it has ended and why, that it could not be."""

from __future__ import annotations

from datetime import date

import pytest

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    Account,
    Evidence,
    actor_of_account,
    ask_confirmation,
    ask_letter,
    refuse_letter,
    verify_resident,
    withdraw_verification,
)
from egovframe.core.modules.jobs import Worker
from egovframe.core.persistence import Database

from .conftest import Mailbox

SHOWN = Evidence("Kim", date(1980, 1, 1), "1")


def text(mailbox: Mailbox) -> str:
    body = mailbox.messages[-1].get_body(("plain",))
    assert body is not None
    return str(body.get_content())


def test_verified_and_withdrawn_with_the_reason(base: Database, kim: int, worker: Worker, mailbox: Mailbox) -> None:
    with base.writing() as session:
        verify_resident(session, SYSTEM, session.get_one(Account, kim), SHOWN, source="passport")
    worker.run_pending()
    assert mailbox.messages[-1]["Subject"] == "주민 확인이 끝났습니다"
    with base.writing() as session:
        withdraw_verification(session, SYSTEM, session.get_one(Account, kim), "moved <away>\nBcc: all@example.org")
    worker.run_pending()
    assert "취소" in text(mailbox)
    assert "moved <away>" in text(mailbox)
    assert "/ko/account/verify" in text(mailbox)
    assert mailbox.messages[-1]["Bcc"] is None


def test_a_letter_that_is_not_sent(base: Database, kim: int, worker: Worker, mailbox: Mailbox) -> None:
    with base.writing() as session:
        known = actor_of_account(session, session.get_one(Account, kim))
        letter = ask_letter(session, known, SHOWN, address="nowhere", language="ko")
        refuse_letter(session, SYSTEM, letter.public_id, "no such address")
    worker.run_pending()
    assert "창구" in text(mailbox)
    assert "no such address" not in text(mailbox)


@pytest.mark.parametrize("confirmed", [True, False])
def test_the_link_again(base: Database, kim: int, worker: Worker, mailbox: Mailbox, confirmed: bool) -> None:
    with base.writing() as session:
        account = session.get_one(Account, kim)
        account.confirmed_at = base.now() if confirmed else None
        ask_confirmation(session, actor_of_account(session, account))
    worker.run_pending()
    assert len(mailbox.messages) == (0 if confirmed else 1)
