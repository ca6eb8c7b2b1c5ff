"""Passkeys: right answers open, every wrong one is refused and leaves nothing behind."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import unquote

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, Passkey, SignInRecord, disable_account
from egovframe.core.auth.factors.models import PasskeyChallenge
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.persistence import Database
from egovframe.core.web import runtime

from .authenticator import BACKED_UP, ELIGIBLE, PRESENT, VERIFIED, Authenticator
from .parts import (
    CODE,
    COOKIE,
    PASSWORD,
    TOKEN,
    changes,
    code_now,
    cookie,
    enter,
    has_factor,
    is_in,
    person,
    send,
)

ACCOUNT = "/en/account"
NEW = f"{ACCOUNT}/passkeys/new"
DOOR = f"{ACCOUNT}/sign-in/passkey"
STEP = f"{ACCOUNT}/second-factor"


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    return runtime(app).database


@pytest.fixture
def kim(database: Database) -> int:
    """A citizen."""
    return person(database)


@pytest.fixture
def key(client: FlaskClient, kim: int) -> Authenticator:
    """Kim's phone, which has a passkey; the browser is signed out."""
    made = Authenticator()
    enter(client)
    assert store(client, made).status_code == 200
    client.delete_cookie(COOKIE)
    return made


def question(client: FlaskClient, place: str, page: str) -> dict[str, Any]:
    response = send(client, place, page)
    assert response.status_code == 200, response.get_data(as_text=True)
    assert response.mimetype == "application/json"
    assert "no-store" in response.headers["Cache-Control"]
    found: dict[str, Any] = response.get_json()
    return found


def store(client: FlaskClient, key: Authenticator, name: str = "My phone", **wrong: Any) -> Any:
    answer = key.create(question(client, f"{NEW}/question", NEW), **wrong)
    return send(client, NEW, name=name, answer=answer)


def at_the_door(client: FlaskClient) -> dict[str, Any]:
    return question(client, f"{ACCOUNT}/passkeys/question", f"{ACCOUNT}/sign-in")


def come_in(client: FlaskClient, answer: str, **more: str) -> Any:
    return send(client, DOOR, f"{ACCOUNT}/sign-in", answer=answer, **more)


def keys(database: Database) -> list[Passkey]:
    with database.reading() as session:
        return list(session.scalars(select(Passkey).order_by(Passkey.id)))


def test_a_passkey_is_made_named_and_opens_without_a_password(
    client: FlaskClient, database: Database, kim: int, key: Authenticator
) -> None:
    (row,) = keys(database)
    assert (row.name, row.sign_count, row.backed_up, row.last_used_at) == ("My phone", 0, False, None)
    assert has_factor(database, kim)
    assert changes(database) == ["passkey_added"]
    options = at_the_door(client)
    assert options["allowCredentials"] == []
    assert options["userVerification"] == "required"
    assert options["rpId"] == "localhost"
    response = come_in(client, key.get(options), next="/en/account/sessions")
    assert response.location == "/en/account/sessions"
    assert is_in(client)
    (row,) = keys(database)
    assert row.sign_count == 1
    assert row.last_used_at is not None
    with database.reading() as session:
        last = session.scalars(select(SignInRecord).order_by(SignInRecord.id.desc())).first()
        assert last is not None
        assert (last.method, last.outcome) == ("passkey", "entered")


def test_the_first_factor_brings_recovery_codes(client: FlaskClient, kim: int) -> None:
    enter(client)
    page = store(client, Authenticator()).get_data(as_text=True)
    assert len(set(CODE.findall(page))) == 10
    assert store(client, Authenticator(), "Blue key").status_code == 303  # a second one brings none


def test_it_is_a_second_factor_beside_the_password(client: FlaskClient, key: Authenticator) -> None:
    assert enter(client).location == STEP
    half = cookie(client)
    options = question(client, f"{STEP}/question", STEP)
    assert len(options["allowCredentials"]) == 1
    without_pin = key.get(options, flags=PRESENT)  # the password was the first factor: touching the key is enough
    assert send(client, f"{STEP}/passkey", STEP, answer=without_pin).location == "/en/"
    assert is_in(client)
    assert cookie(client) != half


WRONG: dict[str, Callable[[Authenticator], dict[str, Any]]] = {
    "another origin": lambda _key: {"origin": "http://evil.example"},
    "another port": lambda _key: {"origin": "http://localhost:9"},
    "another host": lambda _key: {"host": "evil.example"},
    "another challenge": lambda _key: {"challenge": "AAAA"},
    "another signature": lambda _key: {"signer": ec.generate_private_key(ec.SECP256R1())},
    "nobody touched it": lambda _key: {"flags": 0},
    "no PIN": lambda _key: {"flags": PRESENT},
    "another person": lambda _key: {"handle": "AAAA"},
}


@pytest.mark.parametrize("how", WRONG)
def test_wrong_answers_open_nothing(client: FlaskClient, database: Database, key: Authenticator, how: str) -> None:
    response = come_in(client, key.get(at_the_door(client), **WRONG[how](key)))
    assert response.status_code == 422
    assert "This passkey was not accepted" in response.get_data(as_text=True)
    assert cookie(client) is None
    assert keys(database)[0].last_used_at is None
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.outcome == "refused")).one()
        assert entry.action == "auth:session:begin"
    assert come_in(client, key.get(at_the_door(client))).status_code == 303  # negative control: the same key, right


def test_an_answer_is_good_once_and_for_one_browser(
    client: FlaskClient, database: Database, key: Authenticator, clock: Any
) -> None:
    answer = key.get(at_the_door(client))
    thief = client.application.test_client()
    at_the_door(thief)
    assert come_in(thief, answer).status_code == 422  # the question was put to another browser
    assert come_in(client, answer).status_code == 303
    client.delete_cookie(COOKIE)
    assert come_in(client, answer).status_code == 422  # replay
    late = key.get(at_the_door(client))
    clock.move(timedelta(minutes=6))
    assert come_in(client, late).status_code == 422
    with database.reading() as session:
        assert session.scalars(select(PasskeyChallenge.purpose)).all() != []  # what nobody answered waits for the sweep


def test_a_question_is_for_one_purpose(client: FlaskClient, key: Authenticator) -> None:
    answer = key.get(at_the_door(client))
    enter(client)
    assert send(client, f"{STEP}/passkey", STEP, answer=answer).status_code == 422


def test_a_copied_key_is_refused(client: FlaskClient, database: Database, key: Authenticator) -> None:
    for _ in range(3):
        assert come_in(client, key.get(at_the_door(client))).status_code == 303
        client.delete_cookie(COOKIE)
    assert come_in(client, key.get(at_the_door(client), counts=-2)).status_code == 422
    assert keys(database)[0].sign_count == 3


def test_keys_that_do_not_count_and_move_between_devices(client: FlaskClient, database: Database, kim: int) -> None:
    synced = Authenticator(flags=PRESENT | VERIFIED | ELIGIBLE)
    enter(client)
    store(client, synced)
    for flags in (PRESENT | VERIFIED | ELIGIBLE, PRESENT | VERIFIED | ELIGIBLE | BACKED_UP):
        client.delete_cookie(COOKIE)
        assert come_in(client, synced.get(at_the_door(client), counts=0, flags=flags)).status_code == 303
    (row,) = keys(database)
    assert (row.sign_count, row.backup_eligible, row.backed_up) == (0, True, True)


@pytest.mark.parametrize("wrong", [{"origin": "http://evil.example"}, {"challenge": "AAAA"}, {"host": "evil.example"}])
def test_wrong_new_keys_are_not_stored(client: FlaskClient, database: Database, kim: int, wrong: Any) -> None:
    enter(client)
    assert store(client, Authenticator(), **wrong).status_code == 422
    assert keys(database) == []
    assert not has_factor(database, kim)


def test_somebody_elses_key_cannot_be_claimed(client: FlaskClient, database: Database, key: Authenticator) -> None:
    person(database, "lee@city.example")
    enter(client, "lee@city.example")
    assert store(client, key).status_code == 422
    assert len(keys(database)) == 1
    lees = Authenticator()
    assert store(client, lees).status_code == 200
    client.delete_cookie(COOKIE)
    enter(client)  # Kim's password and Lee's key
    options = question(client, f"{STEP}/question", STEP)
    assert send(client, f"{STEP}/passkey", STEP, answer=lees.get(options)).status_code == 422
    assert not is_in(client)


def test_crooked_answers_are_refused_not_crashed_on(client: FlaskClient, key: Authenticator) -> None:
    crooked: list[Callable[[str], str]] = [
        lambda _right: "",
        lambda _right: "null",
        lambda _right: "[]",
        lambda _right: "{}",
        lambda _right: "[" * 9000,
        lambda _right: '{"id":"' + "A" * 5000 + '"}',
        lambda _right: "x" * 20_001,
        lambda _right: "\u0000",
        lambda right: right.replace('"public-key"', "7"),
        lambda right: right.replace("clientDataJSON", "other"),
        lambda right: right.replace('"authenticatorData": "', '"authenticatorData": "AAAA'),
        lambda right: right.replace('"signature": "', '"signature": "AA'),
        lambda right: right[: len(right) // 2],
    ]
    for number, bend in enumerate(crooked):
        response = come_in(client, bend(key.get(at_the_door(client))))
        assert (number, response.status_code) == (number, 422)


def test_random_bytes_in_an_answer_are_refused(client: FlaskClient, kim: int) -> None:
    enter(client)
    for length in (0, 1, 36, 37, 200):
        options = question(client, f"{NEW}/question", NEW)
        key = Authenticator()
        answer = key.create(options)
        start = answer.index('"attestationObject": "') + len('"attestationObject": "')
        noise = secrets.token_urlsafe(length)
        answer = answer[:start] + noise + answer[answer.index('"', start) :]
        assert send(client, NEW, name="x", answer=answer).status_code == 422


def test_a_passkey_is_removed_by_its_owner_only(
    client: FlaskClient, database: Database, kim: int, key: Authenticator
) -> None:
    (row,) = keys(database)
    person(database, "lee@city.example")
    other = client.application.test_client()
    enter(other, "lee@city.example")
    path = f"{ACCOUNT}/passkeys/{row.public_id}/remove"
    assert send(other, path, f"{ACCOUNT}/factors").status_code == 404
    come_in(client, key.get(at_the_door(client)))
    assert send(client, path, f"{ACCOUNT}/factors").status_code == 303
    assert keys(database) == []
    assert not has_factor(database, kim)
    client.delete_cookie(COOKIE)
    assert come_in(client, key.get(at_the_door(client))).status_code == 422
    assert enter(client).location == "/en/"


def renaming(client: FlaskClient, database: Database, key: Authenticator) -> str:
    """Come in with the key; return where it gets another name."""
    come_in(client, key.get(at_the_door(client)))
    (row,) = keys(database)
    return f"{ACCOUNT}/passkeys/{row.public_id}/name"


def test_a_passkey_is_renamed_by_its_owner(client: FlaskClient, database: Database, key: Authenticator) -> None:
    path = renaming(client, database, key)
    mine = cookie(client)
    assert f'href="{path}"' in client.get(f"{ACCOUNT}/factors").text
    assert 'value="My phone"' in client.get(path).text
    assert send(client, path, name="  <b>파란</b>  열쇠 ").location == f"{ACCOUNT}/factors"
    (row,) = keys(database)
    assert row.name == "<b>파란</b> 열쇠"
    listed = client.get(f"{ACCOUNT}/factors").text
    assert "&lt;b&gt;파란&lt;/b&gt; 열쇠" in listed
    assert "My phone" not in listed
    assert cookie(client) == mine, "nobody is signed out by a name"
    assert changes(database) == ["passkey_added"], "nor written to"
    client.delete_cookie(COOKIE)
    assert come_in(client, key.get(at_the_door(client))).status_code == 303, "it opens what it opened"


def renamings(database: Database) -> list[dict[str, Any]]:
    with database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:factor:change"))
        changed = [each.after or {} for each in entries]
        return [each for each in changed if each.get("change") == "passkey_renamed"]


def test_a_new_name_is_audited_without_its_words(client: FlaskClient, database: Database, key: Authenticator) -> None:
    path = renaming(client, database, key)
    send(client, path, name="My phone")
    assert renamings(database) == [], "the same name is no change"
    send(client, path, name="Mother's old phone")
    (row,) = keys(database)
    assert renamings(database) == [{"change": "passkey_renamed", "passkey": row.public_id}]


@pytest.mark.parametrize("name", ["", "   ", "x" * 101, "a\u0000b"])
def test_a_passkey_gets_no_bad_name(client: FlaskClient, database: Database, key: Authenticator, name: str) -> None:
    answer = send(client, renaming(client, database, key), name=name)
    assert answer.status_code == 422
    assert "Present name" in answer.text
    (row,) = keys(database)
    assert row.name == "My phone"


def test_somebody_elses_passkey_cannot_be_renamed(client: FlaskClient, database: Database, key: Authenticator) -> None:
    path = renaming(client, database, key)
    person(database, "lee@city.example")
    other = client.application.test_client()
    enter(other, "lee@city.example")
    assert other.get(path).status_code == 404
    assert send(other, path, f"{ACCOUNT}/factors", name="Mine now").status_code == 404
    assert send(other, path, f"{ACCOUNT}/factors", name="").status_code == 404, "nor is its form shown"
    assert other.get(f"{ACCOUNT}/passkeys/unknown/name").status_code == 404
    stranger = client.application.test_client()
    assert stranger.get(path).location.startswith(f"{ACCOUNT}/sign-in?next=")
    (row,) = keys(database)
    assert row.name == "My phone"


def test_a_name_is_changed_after_a_fresh_proof_only(
    client: FlaskClient, database: Database, key: Authenticator, clock: Any
) -> None:
    path = renaming(client, database, key)
    shown = TOKEN.search(client.get(path).text)
    assert shown is not None
    clock.move(timedelta(minutes=11))
    assert client.get(path).location.startswith(f"{ACCOUNT}/prove")
    late = client.post(path, data={"csrf_token": shown[1], "name": "Late"})
    assert late.location.startswith(f"{ACCOUNT}/prove")
    (row,) = keys(database)
    assert row.name == "My phone"
    way = unquote(late.location.partition("next=")[2])
    proved = send(client, f"{ACCOUNT}/prove", password=PASSWORD, next=way)
    assert 'value="Late"' in client.get(proved.location, follow_redirects=True).text


def test_a_closed_account_has_no_working_key(
    client: FlaskClient, database: Database, kim: int, key: Authenticator
) -> None:
    with database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, kim))
    assert come_in(client, key.get(at_the_door(client))).status_code == 422


def test_a_passkey_is_a_fresh_proof(
    client: FlaskClient, database: Database, kim: int, key: Authenticator, clock: Any
) -> None:
    come_in(client, key.get(at_the_door(client)))
    clock.move(timedelta(minutes=11))
    prove = f"{ACCOUNT}/prove"
    assert client.get(NEW).location.startswith(prove)
    wrong = key.get(question(client, f"{prove}/question", prove), origin="http://evil.example")
    assert send(client, f"{prove}/passkey", prove, answer=wrong).status_code == 422
    right = key.get(question(client, f"{prove}/question", prove))
    assert send(client, f"{prove}/passkey", prove, answer=right, next=NEW).location == NEW
    assert client.get(NEW).status_code == 200


def test_an_app_and_a_passkey_stand_side_by_side(
    client: FlaskClient, database: Database, kim: int, key: Authenticator
) -> None:
    come_in(client, key.get(at_the_door(client)))
    assert send(client, f"{ACCOUNT}/factors/app/begin", f"{ACCOUNT}/factors").status_code == 303
    (row,) = keys(database)
    assert send(client, f"{ACCOUNT}/factors/app", code=code_now(database, kim)).status_code == 303
    send(client, f"{ACCOUNT}/passkeys/{row.public_id}/remove", f"{ACCOUNT}/factors")
    assert has_factor(database, kim)  # the app is still there


def test_questions_have_a_limit(client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    from egovframe.core.web.account import throttles

    monkeypatch.setitem(throttles.LIMITS, "passkey-question", (3, timedelta(hours=1)))
    place, page = f"{ACCOUNT}/passkeys/question", f"{ACCOUNT}/sign-in"
    assert [send(client, place, page).status_code for _ in range(4)] == [200, 200, 200, 429]


def test_a_bare_number_is_told_so(client: FlaskClient, kim: int) -> None:
    base = "http://127.0.0.1"
    page = client.get(f"{ACCOUNT}/sign-in", base_url=base).get_data(as_text=True)
    assert "data-passkey" not in page
    found = TOKEN.search(page)
    assert found is not None
    data = {"csrf_token": found[1], "email": "kim@city.example", "password": "quiet-harbour-lantern"}
    client.post(f"{ACCOUNT}/sign-in", data=data, base_url=base)
    overview = client.get(f"{ACCOUNT}/factors", base_url=base).get_data(as_text=True)
    assert "not by a number" in overview
    refused = client.post(
        f"{ACCOUNT}/passkeys/question", base_url=base, data={"csrf_token": TOKEN.findall(overview)[0]}
    )
    assert refused.status_code == 409
