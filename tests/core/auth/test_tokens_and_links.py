"""API tokens, registration, confirmation and recovery."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    CHEAP,
    Account,
    OneTimeToken,
    account_by_email,
    account_of,
    actor_of_account,
    actor_of_session,
    actor_of_token,
    can,
    confirm_contact,
    create_account,
    create_token,
    disable_account,
    hash_password,
    one_time_link,
    recover,
    register_account,
    request_recovery,
    revoke_token,
    set_profile,
    tokens_of,
    touch_token,
)
from egovframe.core.auth.hooks import recipient
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import now
from egovframe.errors import BadRequest, Forbidden, Invalid, NotFound, NotSignedIn

READ, WORK = "room:thing:read", "room:thing:work"
NEW = hash_password("another-quiet-harbour", CHEAP)


def actor_of(city: Any, key: int) -> Actor:
    with city.database.reading() as session:
        return actor_of_account(session, session.get_one(Account, key))


def bearer(city: Any, token: str) -> Actor:
    with city.database.reading() as session:
        return actor_of_token(session, token)


def events(city: Any) -> list[tuple[str, dict[str, int]]]:
    with city.database.reading() as session:
        return [(row.name, row.payload) for row in session.scalars(select(EventRow).order_by(EventRow.id))]


def secret_of(city: Any, token_id: int) -> str:
    with city.database.reading() as session:
        link = one_time_link(session, token_id)
        assert link is not None
        return link.token


def make(city: Any, key: int, **more: Any) -> Any:
    with city.database.writing() as session:
        return create_token(session, actor_of_account(session, session.get_one(Account, key)), name="script", **more)


def test_a_token_narrows_what_its_account_may_do(city: Any) -> None:
    key = city.person("kim@city.example", "officer")
    wide, narrow = make(city, key), make(city, key, permissions=[READ])
    beyond = make(city, key, permissions=[READ, "auth:grant:manage"])
    at = city.database.now()
    assert can(bearer(city, wide.secret), WORK, at=at)
    assert [can(bearer(city, narrow.secret), each, at=at) for each in (READ, WORK)] == [True, False]
    assert not can(bearer(city, beyond.secret), "auth:grant:manage", at=at)  # a token adds nothing


def test_a_narrow_token_makes_no_wider_one(city: Any) -> None:
    key = city.person("kim@city.example", "officer")
    narrow = bearer(city, make(city, key, permissions=[READ]).secret)
    for wider in (None, [READ, WORK]):
        with pytest.raises(Forbidden), city.database.writing() as session:
            create_token(session, narrow, name="more", permissions=wider)
    with city.database.writing() as session:
        create_token(session, narrow, name="same", permissions=[READ])


def test_dead_tokens_open_nothing(city: Any) -> None:
    key = city.person("kim@city.example")
    other = actor_of(city, city.person("lee@city.example"))
    revoked, expiring, last = make(city, key), make(city, key, life=timedelta(hours=1)), make(city, key)
    with pytest.raises(NotFound), city.database.writing() as session:
        revoke_token(session, other, revoked.row.public_id)
    with city.database.writing() as session:
        revoke_token(session, actor_of_account(session, session.get_one(Account, key)), revoked.row.public_id)
    city.database.clock_offset += timedelta(hours=1)
    for dead in (revoked.secret, expiring.secret, "egov_unknown", last.row.token_hash):
        with pytest.raises(NotSignedIn) as caught:
            bearer(city, dead)
        assert "WWW-Authenticate" in caught.value.headers
    assert bearer(city, last.secret).account_id == key
    with city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, key))
    with pytest.raises(NotSignedIn):
        bearer(city, last.secret)


def test_a_cookie_is_no_token_and_a_token_no_cookie(city: Any) -> None:
    key = city.person("kim@city.example")
    cookie, token = city.enter("kim@city.example").token, make(city, key).secret
    with pytest.raises(NotSignedIn):
        bearer(city, cookie)
    with city.database.reading() as session:
        assert not actor_of_session(session, token).is_signed_in


@pytest.mark.parametrize(
    "wrong",
    [{"life": timedelta(0)}, {"life": timedelta(days=400)}, {"permissions": ["everything"]}],
    ids=["no life", "too long", "no permission"],
)
def test_tokens_are_bounded(city: Any, wrong: dict[str, Any]) -> None:
    key = city.person("kim@city.example")
    with pytest.raises(Invalid):
        make(city, key, **wrong)


def test_last_use_is_written_once_a_minute(city: Any) -> None:
    key = city.person("kim@city.example")
    token = make(city, key).secret
    seen = []
    for _ in range(3):
        touch_token(city.database, token)
        with city.database.reading() as session:
            seen.append(tokens_of(session, key, now(session))[0].last_used_at)
        city.database.clock_offset += timedelta(seconds=40)
    assert seen[0] is not None
    assert seen[0] == seen[1] != seen[2]


def test_an_account_opened_for_a_machine_calls_as_a_service(city: Any) -> None:
    with city.database.writing() as session:
        machine = create_account(session, SYSTEM, email=None, display_name="Sensor gateway", kind="service")
        token = create_token(session, actor_of_account(session, machine), name="gateway").secret
    assert bearer(city, token).kind == "service"


def register(city: Any, email: str) -> None:
    with city.database.writing() as session:
        register_account(session, email=email, display_name="Kim Minjoon", password=NEW, language="ko")


def test_registration_answers_alike_for_known_and_unknown(city: Any) -> None:
    register(city, "Kim@city.example")
    register(city, "kim@CITY.example")
    with city.database.reading() as session:
        account = account_by_email(session, "KIM@city.example")
        assert account is not None
        assert (account.kind, account.assurance, account.confirmed_at) == ("citizen", "registered", None)
        assert account.email == "Kim@city.example"
    names = [name for name, _payload in events(city)]
    assert names.count("auth.AccountRegistered") == 1
    assert names.count("auth.RegistrationRepeated") == 1
    with pytest.raises(Invalid):  # the second password did not replace the first one
        city.enter("kim@city.example")
    city.enter("kim@city.example", "another-quiet-harbour")


def test_the_link_confirms_once_and_only_what_it_is_for(city: Any) -> None:
    register(city, "kim@city.example")
    (payload,) = [payload for name, payload in events(city) if name == "auth.AccountRegistered"]
    token = secret_of(city, payload["token_id"])
    with pytest.raises(BadRequest), city.database.writing() as session:
        recover(session, token, NEW)
    with city.database.writing() as session:
        assert confirm_contact(session, token).assurance == "contact_verified"
    for again in (token, token + "0", "", "0" * 64):
        with pytest.raises(BadRequest), city.database.writing() as session:
            confirm_contact(session, again)
    with city.database.reading() as session:
        assert one_time_link(session, payload["token_id"]) is None


def test_a_forgotten_password(city: Any) -> None:
    key = city.person("kim@city.example")
    session_before = city.enter("kim@city.example").token
    for email in ("kim@city.example", "nobody@city.example", "kim@city.example"):
        with city.database.writing() as session:
            request_recovery(session, email)
    asked = [payload for name, payload in events(city) if name == "auth.RecoveryRequested"]
    assert [payload["account_id"] for payload in asked] == [key, key]
    with city.database.reading() as session:
        assert one_time_link(session, asked[0]["token_id"]) is None  # the newer link replaces the older
    token = secret_of(city, asked[1]["token_id"])
    with city.database.writing() as session:
        recover(session, token, NEW)
    with city.database.reading() as session:
        assert not actor_of_session(session, session_before).is_signed_in
        assert session.get_one(Account, key).confirmed_at is not None
    city.enter("kim@city.example", "another-quiet-harbour")
    with pytest.raises(BadRequest), city.database.writing() as session:
        recover(session, token, NEW)


def test_recovery_links_grow_old_and_die_with_the_account(city: Any) -> None:
    key = city.person("kim@city.example")
    tokens = []
    for _ in range(2):
        with city.database.writing() as session:
            request_recovery(session, "kim@city.example")
        tokens.append(secret_of(city, events(city)[-1][1]["token_id"]))
        city.database.clock_offset += timedelta(minutes=59)
    city.database.clock_offset += timedelta(minutes=1)
    with pytest.raises(BadRequest), city.database.writing() as session:
        recover(session, tokens[1], NEW)
    with city.database.writing() as session:
        request_recovery(session, "kim@city.example")
    fresh = secret_of(city, events(city)[-1][1]["token_id"])
    with city.database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, key))
    before = len(events(city))
    with pytest.raises(BadRequest), city.database.writing() as session:
        recover(session, fresh, NEW)
    with city.database.writing() as session:
        request_recovery(session, "kim@city.example")
    assert len(events(city)) == before


def test_neither_addresses_nor_links_stand_in_the_database(city: Any) -> None:
    register(city, "kim.minjoon@city.example")
    with city.database.reading() as session:
        raw = session.execute(text("SELECT email, email_index, password_hash FROM core_account")).all()
        links = session.scalars(select(OneTimeToken.id)).all()
        stored = session.execute(text("SELECT public_id, token_hash FROM core_one_time_token")).all()
        payloads = session.scalars(text("SELECT payload FROM core_event")).all()
    assert "minjoon" not in repr(raw) + repr(payloads)
    assert secret_of(city, links[0]) not in repr(stored)


def test_a_known_address_is_refused_to_administrators_in_words(city: Any) -> None:
    city.person("kim@city.example")
    with pytest.raises(Invalid) as caught:
        city.person("KIM@city.example")
    assert list(caught.value.errors) == ["email"]


def test_only_account_managers_open_accounts(city: Any) -> None:
    citizen = actor_of(city, city.person("kim@city.example"))
    with pytest.raises(Forbidden), city.database.writing() as session:
        create_account(session, citizen, email="x@city.example", display_name="X", kind="staff")


def test_recipients_are_active_accounts(city: Any) -> None:
    key = city.person("kim@city.example", language="ko", addressed_as="Dr Kim")
    with city.database.writing() as session:
        found = recipient(session, f"auth.account:{key}")
        assert found is not None
        assert (found.email, found.name, found.language, found.account_id) == ("kim@city.example", "Dr Kim", "ko", key)
        for other in ("auth.account:999999", "auth.account:x", "cases.case:1", ""):
            assert recipient(session, other) is None
        disable_account(session, SYSTEM, session.get_one(Account, key))
        assert recipient(session, f"auth.account:{key}") is None


def test_people_say_how_they_are_called(city: Any) -> None:
    actor = actor_of(city, city.person("kim@city.example"))
    with city.database.writing() as session:
        set_profile(session, actor, display_name="김민준", addressed_as="", language="ko")
    with city.database.reading() as session:
        assert account_of(session, actor).display_name == "김민준"
        with pytest.raises(NotFound):
            account_of(session, SYSTEM)
