"""The code on paper: one letter at a time, few tries, an end, and no address left behind."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    Account,
    Evidence,
    Letter,
    LetterAnswer,
    actor_of_account,
    answer_letter,
    ask_letter,
    declare_identity_settings,
    letters_to_print,
    mark_sent,
    print_letters,
    refuse_letter,
)
from egovframe.core.auth.hooks import end_verifications
from egovframe.core.auth.persons import Letter as Row
from egovframe.core.modules.settings import put
from egovframe.errors import Conflict, Forbidden, Invalid
from egovframe.testing.clock import Clock

SHOWN = Evidence("Kim Min-seo", date(1980, 2, 29), "04524")


def actor(city: Any, account_id: int) -> Actor:
    with city.database.reading() as session:
        return actor_of_account(session, session.get_one(Account, account_id))


@pytest.fixture
def kim(city: Any) -> int:
    """A citizen."""
    return int(city.person("kim@city.example"))


def ask(city: Any, account_id: int) -> str:
    with city.database.writing() as session:
        known = actor_of_account(session, session.get_one(Account, account_id))
        return ask_letter(session, known, SHOWN, address="1 Main Street\n04524", language="ko").public_id


def send(city: Any, account_id: int) -> str:
    """Ask, print and send; return the code as it stands on paper."""
    public_id = ask(city, account_id)
    with city.database.writing() as session:
        printed = print_letters(session, SYSTEM, letters_to_print(session))
        code = next(code for letter, code in printed if letter.public_id == public_id)
        assert mark_sent(session, SYSTEM, [public_id]) == 1
    return code


def answer(city: Any, account_id: int, code: str) -> LetterAnswer:
    with city.database.writing() as session:
        return answer_letter(session, actor(city, account_id), code)


def letter(city: Any) -> Letter:
    with city.database.reading() as session:
        row = session.scalars(select(Row).order_by(Row.id.desc())).first()
        assert row is not None
        assert row.name is None or row.state == "asked"
        return row


def test_the_code_makes_a_resident(city: Any, kim: int) -> None:
    code = send(city, kim)
    typed = f"{code[:5]}-{code[5:]}".lower().replace("0", "o").replace("1", "l")
    done = answer(city, kim, typed)
    assert done.outcome is not None
    assert done.outcome.verification is not None
    assert done.outcome.verification.method == "letter"
    assert actor(city, kim).assurance == "resident_verified"
    assert letter(city).state == "used"
    with pytest.raises(Conflict):
        answer(city, kim, code)


def test_the_code_works_once_for_its_own_account(city: Any, kim: int) -> None:
    code = send(city, kim)
    other = city.person("lee@city.example")
    with pytest.raises(Conflict):
        answer(city, other, code)
    send(city, other)
    assert answer(city, other, code).outcome is None


def test_five_wrong_codes_end_the_letter(city: Any, kim: int) -> None:
    code = send(city, kim)
    assert [answer(city, kim, "AAAAA-AAAAA").left for _ in range(5)] == [4, 3, 2, 1, 0]
    with pytest.raises(Conflict):
        answer(city, kim, code)
    assert letter(city).state == "over"
    assert actor(city, kim).person_id is None


def test_a_letter_ends_as_the_city_says(city: Any, kim: int, clock: Clock) -> None:
    declare_identity_settings(city.database)
    with city.database.writing() as session:
        put(session, SYSTEM, "auth.letter_days", "10")
    code = send(city, kim)
    clock.move(timedelta(days=10, minutes=1))
    with pytest.raises(Conflict):
        answer(city, kim, code)
    with city.database.writing() as session:
        end_verifications(session, {})
    assert letter(city).state == "over"
    clock.reset()


def test_the_default_is_thirty_days(city: Any, kim: int, clock: Clock) -> None:
    code = send(city, kim)
    clock.move(timedelta(days=29, hours=23))
    assert answer(city, kim, code).outcome is not None


def test_one_letter_at_a_time_and_three_in_all(city: Any, kim: int) -> None:
    for _number in range(3):
        send(city, kim)
        with pytest.raises(Conflict):
            ask(city, kim)
        for _try in range(5):
            answer(city, kim, "AAAAA-AAAAA")
    with pytest.raises(Conflict):
        ask(city, kim)


def test_name_and_address_go_with_the_letter(city: Any, kim: int) -> None:
    ask(city, kim)
    with city.database.reading() as session:
        waiting = letters_to_print(session)
        assert [each.name for each in waiting] == ["Kim Min-seo"]
    with city.database.writing() as session:
        mark_sent(session, SYSTEM, [waiting[0].public_id])
    with city.database.reading() as session:
        row = session.scalars(select(Row)).one()
        assert (row.name, row.address, row.state) == (None, None, "sent")
        assert "04524" not in str((row.keys, row.address_digest, row.code_hash))


def test_only_the_office_prints_sends_and_refuses(city: Any, kim: int) -> None:
    public_id = ask(city, kim)
    me = actor(city, kim)
    with city.database.writing() as session:
        with pytest.raises(Forbidden):
            print_letters(session, me, letters_to_print(session))
        with pytest.raises(Forbidden):
            mark_sent(session, me, [public_id])
        with pytest.raises(Forbidden):
            refuse_letter(session, me, public_id, "reason")
        with pytest.raises(Invalid):
            refuse_letter(session, SYSTEM, public_id, "")
        refuse_letter(session, SYSTEM, public_id, "no such address")
    with pytest.raises(Conflict), city.database.writing() as session:
        refuse_letter(session, SYSTEM, public_id, "again")
    assert letter(city).state == "refused"
