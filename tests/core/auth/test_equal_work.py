"""Known and unknown addresses cost the same work: counted, not timed (benchmarks/sign_in.py has the times)."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, account_by_email, disable_account, register_account, request_recovery, sign_in
from egovframe.core.auth.services import signing_in
from egovframe.errors import Invalid

from .conftest import HASHED


def kinds(statements: list[str]) -> list[str]:
    """Return what the statements do and to which table, without savepoints' names and lists of columns."""
    short = (re.sub(r"\s+", " ", each).strip() for each in statements)
    return [re.sub(r"(SELECT).*? FROM (\w+).*", r"\1 \2", each)[:40] for each in short if "SAVEPOINT" not in each]


def work(city: Any, verb: Callable[[str], None], email: str) -> list[str]:
    with city.counted() as statements:
        verb(email)
    return kinds(statements)


def signing_in_with(city: Any) -> Callable[[str], None]:
    def verb(email: str) -> None:
        with pytest.raises(Invalid):
            sign_in(city.database, email=email, password="wrong-wrong-wrong", address="x", throttle=city.throttle)

    return verb


def registering(city: Any) -> Callable[[str], None]:
    def verb(email: str) -> None:
        with city.database.writing() as session:
            register_account(session, email=email, display_name="Kim", password=HASHED)

    return verb


def recovering(city: Any) -> Callable[[str], None]:
    def verb(email: str) -> None:
        with city.database.writing() as session:
            request_recovery(session, email)

    return verb


@pytest.mark.parametrize("verb", [signing_in_with, registering, recovering])
def test_the_same_statements_run(city: Any, verb: Callable[[Any], Callable[[str], None]]) -> None:
    city.person("known@city.example")
    closed = city.person("closed@city.example")
    with city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, closed))
    act = verb(city)
    act("warm@city.example")  # what is cached is cached for everybody
    expected = work(city, act, "unknown@city.example")
    assert "SELECT core_account" in expected
    assert any(each.startswith("INSERT INTO ") for each in expected)
    assert work(city, act, "known@city.example") == expected
    assert work(city, act, "closed@city.example") == expected


def test_the_same_hashes_are_verified(city: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    city.person("known@city.example")
    seen: list[str] = []
    original = signing_in.verify_password

    def counted(stored: str | None, password: str, policy: Any) -> bool:
        seen.append(password)
        return original(stored, password, policy)

    monkeypatch.setattr(signing_in, "verify_password", counted)
    for email in ("known@city.example", "unknown@city.example"):
        signing_in_with(city)(email)
    assert len(seen) == 2


def test_the_work_for_unknown_addresses_leaves_nothing_behind(city: Any) -> None:
    city.person("known@city.example")
    tables = ("core_account", "core_one_time_token", "core_role_grant")
    with city.database.reading() as session:
        before = [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]
    registering(city)("known@city.example")
    recovering(city)("unknown@city.example")
    with city.database.reading() as session:
        after = [session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() for table in tables]
        told = session.execute(text("SELECT name FROM core_event ORDER BY id")).scalars().all()
    assert after == before
    assert told.count("auth.RegistrationRepeated") == 1
    assert "auth.RecoveryRequested" not in told
    assert "auth.AccountRegistered" not in told


def test_a_recovery_link_of_somebody_else_stays_good(city: Any) -> None:
    from egovframe.core.auth import one_time_link, recover

    recovering(city)("admin@city.example")  # the first account, whose row unknown addresses borrow
    with city.database.reading() as session:
        number = session.execute(text("SELECT id FROM core_one_time_token")).scalar_one()
        link = one_time_link(session, number)
    recovering(city)("unknown@city.example")
    assert link is not None
    with city.database.writing() as session:
        assert recover(session, link.token, HASHED).id == account_by_email(session, "admin@city.example").id  # type: ignore[union-attr]
