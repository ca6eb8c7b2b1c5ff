"""Sign-in: one answer for known and unknown, new ids, throttles, and what ends a session."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from argon2 import PasswordHasher
from sqlalchemy import select

from egovframe.actor import ANONYMOUS, SYSTEM
from egovframe.core.auth import (
    CHEAP,
    Account,
    AuthPolicy,
    WebSession,
    actor_of_session,
    change_password,
    configure_auth,
    disable_account,
    enable_account,
    hash_password,
    revoke_session,
    session_entry,
    sessions_of,
    set_password,
    sign_out,
    touch_session,
)
from egovframe.core.modules.audit.models import AuditEntry
from egovframe.core.persistence import now
from egovframe.errors import Invalid, NotFound, TooManyRequests

PASSWORD = "quiet-harbour-lantern"
"""Of every account that the fixture makes."""


@pytest.fixture
def verifications(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hash that a password is compared with."""
    seen: list[str] = []
    real = PasswordHasher.verify

    def verify(self: PasswordHasher, stored: str, password: str) -> Any:
        seen.append(stored)
        return real(self, stored, password)

    monkeypatch.setattr(PasswordHasher, "verify", verify)
    return seen


def who(city: Any, token: str) -> str:
    with city.database.reading() as session:
        return actor_of_session(session, token).label


def later(city: Any, by: timedelta) -> None:
    city.database.clock_offset += by


def refusals(city: Any) -> list[tuple[str, str]]:
    with city.database.reading() as session:
        rows = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused").order_by(AuditEntry.id))
        return [(row.action, row.thing) for row in rows]


def test_the_cookie_opens_and_its_digest_is_all_that_is_stored(city: Any) -> None:
    account = city.account(city.person("kim@city.example", language="ko"))
    entered = city.enter("KIM@city.example ".strip())
    assert who(city, entered.token) == f"account:{account.public_id}"
    assert entered.language == "ko"
    assert entered.factors == ()
    with city.database.reading() as session:
        stored = session.scalars(select(WebSession.token_hash)).all()
        assert entered.token not in stored
        assert len(entered.token) >= 43
        assert actor_of_session(session, "") == ANONYMOUS
        assert actor_of_session(session, entered.token + "x") == ANONYMOUS
        assert actor_of_session(session, stored[0]) == ANONYMOUS


def test_unknown_wrong_and_closed_look_alike_and_do_the_same_work(city: Any, verifications: list[str]) -> None:
    city.person("known@city.example")
    closed = city.person("closed@city.example")
    bare = "machine@city.example"
    city.person(bare)
    with city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, closed))
        session.scalar(select(Account).where(Account.id == closed + 1)).password_hash = None  # type: ignore[union-attr]
    answers = set()
    for email, password in [
        ("known@city.example", "not-the-password"),
        ("unknown@city.example", "not-the-password"),
        ("closed@city.example", PASSWORD),
        (bare, PASSWORD),
    ]:
        verifications.clear()
        with pytest.raises(Invalid) as caught:
            city.enter(email, password)
        assert len(verifications) == 1
        assert verifications[0].split("$")[:4] == city.hashed.split("$")[:4]  # the dummy costs what a real one does
        answers.add((str(caught.value), str(caught.value.errors)))
    assert len(answers) == 1
    assert [action for action, _thing in refusals(city)] == ["auth:session:begin"] * 4


def test_every_attempt_is_counted_before_anything_is_looked_up(city: Any, verifications: list[str]) -> None:
    city.person("kim@city.example")
    city.enter("kim@city.example")
    with pytest.raises(Invalid):
        city.enter("nobody@city.example")
    names = [limit for limit, _subject in city.throttled]
    assert names == ["sign-in-address", "sign-in-account"] * 2
    assert not any("@" in subject for _limit, subject in city.throttled)

    def closed(_limit: str, _subject: str) -> None:
        raise TooManyRequests

    verifications.clear()
    city.throttle = closed  # type: ignore[method-assign]
    with city.counted() as statements, pytest.raises(TooManyRequests):
        city.enter("kim@city.example")
    assert statements == []
    assert verifications == []


def test_an_id_set_before_sign_in_never_opens(city: Any) -> None:
    city.person("kim@city.example")
    planted = "chosen-by-an-attacker"
    entered = city.enter("kim@city.example", previous=planted)
    assert entered.token != planted
    assert who(city, planted) == "anonymous"


def test_signing_in_again_ends_the_session_the_browser_came_with(city: Any) -> None:
    city.person("kim@city.example")
    first = city.enter("kim@city.example")
    elsewhere = city.enter("kim@city.example")
    second = city.enter("kim@city.example", previous=first.token)
    assert who(city, first.token) == "anonymous"
    assert who(city, second.token) == who(city, elsewhere.token) != "anonymous"


def test_sign_out_password_change_and_disablement_kill_cookies(city: Any) -> None:
    key = city.person("kim@city.example")
    a, b, c = (city.enter("kim@city.example") for _ in range(3))
    with city.database.writing() as session:
        actor = actor_of_session(session, a.token)
        sign_out(session, actor, a.token)
    assert [who(city, each.token) == "anonymous" for each in (a, b, c)] == [True, False, False]

    with city.database.reading() as session:
        entry = session_entry(session, b.token)
    assert entry is not None
    change_password(
        city.database,
        entry.actor,
        current=PASSWORD,
        new="another-quiet-harbour",
        throttle=city.throttle,
        keep_session=entry.session_id,
    )
    assert [who(city, each.token) == "anonymous" for each in (b, c)] == [False, True]
    with pytest.raises(Invalid):
        city.enter("kim@city.example")
    city.enter("kim@city.example", "another-quiet-harbour")

    with city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, key))
    assert who(city, b.token) == "anonymous"
    with city.database.writing() as session:
        enable_account(session, SYSTEM, session.get_one(Account, key))
    assert who(city, b.token) == "anonymous"  # opening the account again does not open its old sessions


def test_a_password_set_by_the_administrator_ends_sessions(city: Any) -> None:
    key = city.person("kim@city.example")
    entered = city.enter("kim@city.example")
    with city.database.writing() as session:
        set_password(session, SYSTEM, session.get_one(Account, key), hash_password("a-new-long-password", CHEAP))
    assert who(city, entered.token) == "anonymous"


def test_the_present_password_is_asked_again(city: Any) -> None:
    city.person("kim@city.example")
    entered = city.enter("kim@city.example")
    with city.database.reading() as session:
        actor = actor_of_session(session, entered.token)
    for current, new, field in [("wrong-password-here", "x" * 3, "current"), (PASSWORD, "short", "new")]:
        with pytest.raises(Invalid) as caught:
            change_password(city.database, actor, current=current, new=new, throttle=city.throttle)
        assert list(caught.value.errors) == [field]
    assert refusals(city) == [("auth:password:change", actor.label)]


def test_sessions_end_by_idleness_and_by_age(city: Any) -> None:
    configure_auth(city.database, AuthPolicy(1, 8, 1, idle=timedelta(hours=2), absolute=timedelta(hours=5)))
    city.person("kim@city.example")
    entered = city.enter("kim@city.example")
    for _ in range(4):
        later(city, timedelta(minutes=70))
        with city.database.reading() as session:
            entry = session_entry(session, entered.token)
        assert entry is not None
        assert entry.stale
        touch_session(city.database, entry.session_id, timedelta(hours=2))
    later(city, timedelta(minutes=30))
    assert who(city, entered.token) == "anonymous"  # five hours are over although it was never idle

    idle = city.enter("kim@city.example")
    later(city, timedelta(minutes=121))
    assert who(city, idle.token) == "anonymous"


def test_last_seen_is_written_once_a_minute(city: Any) -> None:
    city.person("kim@city.example")
    entered = city.enter("kim@city.example")
    with city.database.reading() as session:
        entry = session_entry(session, entered.token)
        assert entry is not None
        assert not entry.stale
        before = session.scalar(select(WebSession.last_seen_at))
    touch_session(city.database, entry.session_id, timedelta(hours=2))
    with city.database.reading() as session:
        assert session.scalar(select(WebSession.last_seen_at)) == before


def test_an_actor_costs_one_statement(city: Any) -> None:
    city.person("kim@city.example", "officer", frozenset({("department", 3)}))
    token = city.enter("kim@city.example").token
    with city.database.reading() as session:
        at = now(session)
        assert session_entry(session, token, at) is not None
    with city.database.reading() as session, city.counted() as statements:
        assert session_entry(session, token, at) is not None
    assert len([each for each in statements if each.lstrip().startswith("SELECT")]) == 1


def test_own_sessions_are_listed_and_revoked_by_their_owner_only(city: Any) -> None:
    key = city.person("kim@city.example")
    city.person("lee@city.example")
    mine, other = city.enter("kim@city.example", agent="Firefox, Linux"), city.enter("lee@city.example")
    with city.database.reading() as session:
        listed = sessions_of(session, key, now(session))
        assert [each.agent for each in listed] == ["Firefox, Linux"]
        lee = actor_of_session(session, other.token)
        kim = actor_of_session(session, mine.token)
    with pytest.raises(NotFound), city.database.writing() as session:
        revoke_session(session, lee, listed[0].public_id)
    assert who(city, mine.token) == kim.label
    with city.database.writing() as session:
        revoke_session(session, kim, listed[0].public_id)
    assert who(city, mine.token) == "anonymous"


def test_a_hash_of_an_old_cost_is_renewed_at_sign_in(city: Any) -> None:
    key = city.person("kim@city.example")
    configure_auth(city.database, AuthPolicy(argon2_time=2, argon2_memory_kib=16))
    city.enter("kim@city.example")
    renewed = city.account(key).password_hash
    assert renewed is not None
    assert renewed != city.hashed
    assert "t=2" in renewed
    city.enter("kim@city.example")
    assert city.account(key).password_hash == renewed
