"""Second factors as a browser without scripts sees them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, text

from egovframe.actor import SYSTEM, Actor
from egovframe.config import Settings
from egovframe.core.auth import (
    PUBLIC,
    Account,
    SignInRecord,
    WebSession,
    create_account,
    disable_account,
    enable_account,
    grant_role,
    guard_of,
    one_time_link,
    require_second_factor,
    reset_factors,
)
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.events import EventRow
from egovframe.core.modules.jobs import build_worker
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.core.web.account.throttles import LIMITS
from egovframe.errors import Forbidden

from .parts import (
    CODE,
    COOKIE,
    HALF_MINUTE,
    PASSWORD,
    TOKEN,
    changes,
    clock_of,
    code_now,
    cookie,
    enter,
    has_factor,
    is_in,
    person,
    send,
    set_up_app,
)

STEP = "/en/account/second-factor"
API = "/api/v1/tokens"
OWNER = {"email": "kim@city.example", "password": PASSWORD}


@pytest.fixture
def database(app: Flask, clock: Any) -> Iterator[Database]:
    """The application's database, at a moment that is not the end of a half minute."""
    found = runtime(app).database
    clock.move(timedelta(seconds=30 - found.now().timestamp() % 30 + 2))
    return found


@pytest.fixture
def kim(database: Database) -> int:
    """A citizen, whose address is confirmed."""
    return person(database, assurance="contact_verified")


@pytest.fixture
def codes(client: FlaskClient, database: Database, kim: int, clock: Any) -> list[str]:
    """Kim has an app and ten recovery codes, and a browser that is signed out."""
    enter(client)
    made = set_up_app(client, database, kim)
    client.delete_cookie(COOKIE)
    clock.move(HALF_MINUTE)
    return made


def outcomes(database: Database, key: int) -> list[tuple[str, str, str]]:
    with database.reading() as session:
        rows = session.scalars(select(SignInRecord).where(SignInRecord.account_id == key).order_by(SignInRecord.id))
        return [(row.method, row.factor, row.outcome) for row in rows]


def test_an_app_is_set_up_and_asked_for(client: FlaskClient, database: Database, kim: int, clock: Any) -> None:
    enter(client)
    before = cookie(client)
    send(client, "/en/account/factors/app/begin", "/en/account/factors")
    page = client.get("/en/account/factors/app")
    shown = page.get_data(as_text=True)
    assert "no-store" in page.headers["Cache-Control"]
    assert "<svg" in shown
    assert "otpauth://totp/" in shown
    assert clock_of(database, kim).secret in shown.replace(" ", "")
    assert not has_factor(database, kim)
    assert send(client, "/en/account/factors/app", code="000000").status_code == 422
    assert not has_factor(database, kim)
    done = send(client, "/en/account/factors/app", code=code_now(database, kim))
    assert len(set(CODE.findall(done.get_data(as_text=True)))) == 10
    assert "no-store" in done.headers["Cache-Control"]
    assert has_factor(database, kim)
    assert changes(database) == ["app_added"]
    assert cookie(client) != before  # a session of two factors has an id that was never one of a single factor
    assert is_in(client)
    assert client.get("/en/account/factors/app").status_code == 404  # a secret is not shown again
    client.delete_cookie(COOKIE)

    clock.move(HALF_MINUTE)
    begun = enter(client, next="/en/account/sessions")
    assert begun.location == STEP
    half = cookie(client)
    response = send(client, STEP, code=code_now(database, kim))
    assert response.location == "/en/account/sessions"
    assert cookie(client) != half
    assert is_in(client)
    thief = client.application.test_client()
    thief.set_cookie(COOKIE, str(half))
    assert not is_in(thief)
    assert outcomes(database, kim) == [("password", "", "entered"), ("password", "app", "entered")]


def guarded(app: Flask) -> list[str]:
    """Return every page and API address that is not for everybody and needs no further value."""
    return [
        rule.rule.replace("<lang:lang>", "en")
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not set(rule.arguments) - {"lang"}
        and guard_of(app.view_functions[rule.endpoint], "GET") != PUBLIC
    ]


def test_a_session_with_open_steps_opens_nothing_but_their_pages(client: FlaskClient, codes: list[str]) -> None:
    places = guarded(client.application)
    assert "/en/account/sessions" in places
    assert API in places
    enter(client)
    opened = [place for place in places if client.get(place).status_code == 200]
    assert opened == [STEP]
    assert client.get("/en/account/sessions").location == f"{STEP}?next=%2Fen%2Faccount%2Fsessions"
    assert client.get("/en/account/factors").status_code == 303  # nor may a first factor choose a second one
    assert client.get("/en/account/sign-in").location == STEP
    send(client, STEP, code=codes[0])
    assert len([place for place in places if client.get(place).status_code == 200]) > 5  # negative control


def test_a_code_is_good_once_and_only_now(client: FlaskClient, database: Database, kim: int, codes: list[str]) -> None:
    enter(client)
    right = code_now(database, kim)
    for wrong in (code_now(database, kim, -3), code_now(database, kim, 3), "", "123", "abcdef", "0" * 40):
        assert send(client, STEP, code=wrong).status_code == 422
    assert send(client, STEP, code=right).status_code == 303
    client.delete_cookie(COOKIE)
    enter(client)
    assert send(client, STEP, code=right).status_code == 422  # somebody looked over the shoulder
    assert send(client, STEP, code=code_now(database, kim, -1)).status_code == 422  # older than the last one used
    assert send(client, STEP, code=code_now(database, kim, 1)).status_code == 303  # the phone's clock is ahead
    assert ("password", "", "factor_refused") in outcomes(database, kim)


def test_digits_of_every_script_and_spaces_are_read(
    client: FlaskClient, database: Database, kim: int, codes: list[str]
) -> None:
    enter(client)
    arabic = code_now(database, kim).translate(str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩"))
    assert send(client, STEP, code=f"{arabic[:3]} {arabic[3:]}").status_code == 303


def test_a_recovery_code_is_good_once_and_told(
    client: FlaskClient, database: Database, kim: int, codes: list[str]
) -> None:
    assert len(codes) == 10
    with database.reading() as session:
        stored = repr(session.execute(text("SELECT * FROM core_recovery_code")).all())
        secret = repr(session.execute(text("SELECT secret FROM core_totp_app")).all())
    assert not any(code.replace("-", "") in stored for code in codes)
    assert clock_of(database, kim).secret not in secret
    enter(client)
    assert send(client, STEP, code=codes[3].replace("-", " ").upper()).status_code == 303
    assert changes(database) == ["app_added", "code_used"]
    assert "9 codes" in client.get("/en/account/factors").get_data(as_text=True)
    client.delete_cookie(COOKIE)
    enter(client)
    assert send(client, STEP, code=codes[3]).status_code == 422
    assert send(client, STEP, code=codes[4]).status_code == 303
    assert outcomes(database, kim).count(("password", "code", "entered")) == 2
    renewed = CODE.findall(send(client, "/en/account/factors/codes", "/en/account/factors").get_data(as_text=True))
    assert len(set(renewed)) == 10
    client.delete_cookie(COOKIE)
    enter(client)
    assert send(client, STEP, code=codes[5]).status_code == 422  # the old paper is worth nothing
    assert send(client, STEP, code=renewed[0]).status_code == 303


def test_somebody_elses_codes_open_nothing(
    client: FlaskClient, database: Database, codes: list[str], clock: Any
) -> None:
    lee = person(database, "lee@city.example")
    other = client.application.test_client()
    enter(other, "lee@city.example")
    theirs = set_up_app(other, database, lee)
    enter(client)
    assert send(client, STEP, code=theirs[0]).status_code == 422
    assert send(client, STEP, code=code_now(database, lee)).status_code == 422


def test_guessing_codes_meets_a_limit_that_ends(
    client: FlaskClient, database: Database, kim: int, codes: list[str], clock: Any
) -> None:
    enter(client)
    statuses = [send(client, STEP, code=f"{n:06}").status_code for n in range(11)]
    assert statuses == [422] * 10 + [429]
    assert send(client, STEP, code=codes[0]).status_code == 429
    elsewhere = client.application.test_client()
    enter(elsewhere)
    assert send(elsewhere, STEP, code=codes[0]).status_code == 429  # another browser is no way around it
    token = client.post(API, json={**OWNER, "code": codes[0]})
    assert token.status_code == 429  # nor is the API
    clock.move(timedelta(minutes=16))
    enter(client)
    assert send(client, STEP, code=codes[0]).status_code == 303


def test_one_address_cannot_guess_at_many_accounts(client: FlaskClient, database: Database, kim: int) -> None:
    allowed = LIMITS["second-factor-address"][0]
    assert allowed < 30
    enter(client)
    set_up_app(client, database, kim)
    statuses = []
    for _ in range(3):
        with database.writing() as session:  # other accounts' counts are fresh: only the address adds up
            session.execute(text("DELETE FROM core_rate WHERE bucket LIKE 'second-factor-account%'"))
        client.application.extensions.pop("egovframe.refusals", None)
        client.delete_cookie(COOKIE)
        enter(client)
        statuses += [send(client, STEP, code=f"{n:06}").status_code for n in range(10)]
    assert statuses.count(422) == allowed
    assert statuses[-1] == 429


def test_a_step_not_taken_ends_soon(client: FlaskClient, database: Database, codes: list[str], clock: Any) -> None:
    enter(client)
    clock.move(timedelta(minutes=16))
    assert client.get(STEP).location.startswith("/en/account/sign-in")


def test_a_half_open_browser_can_sign_in_as_somebody_else(
    client: FlaskClient, database: Database, codes: list[str]
) -> None:
    person(database, "lee@city.example")
    enter(client)
    half = str(cookie(client))
    assert send(client, "/en/account/sign-out", STEP).status_code == 303
    client.set_cookie(COOKIE, half)
    assert client.get(STEP).status_code == 303
    client.delete_cookie(COOKIE)
    assert enter(client, "lee@city.example").location == "/en/"


def test_the_recovery_link_does_not_skip_the_second_factor(
    client: FlaskClient, database: Database, kim: int, codes: list[str]
) -> None:
    send(client, "/en/account/recover", email="kim@city.example")
    with database.reading() as session:
        row = session.scalars(select(EventRow).where(EventRow.name == "auth.RecoveryRequested")).one()
        link = one_time_link(session, row.payload["token_id"])
        assert link is not None
    path = f"/en/account/recover/{link.token}"
    assert send(client, path, password="another-quiet-harbour").location == "/en/account/sign-in"
    assert not is_in(client)
    assert enter(client, password="another-quiet-harbour").location == STEP
    assert not is_in(client)
    assert send(client, STEP, code=code_now(database, kim)).status_code == 303
    assert is_in(client)


def test_changes_ask_for_a_fresh_proof(
    client: FlaskClient, database: Database, kim: int, codes: list[str], clock: Any
) -> None:
    enter(client)
    send(client, STEP, code=code_now(database, kim))
    clock.move(timedelta(minutes=11))
    overview = "/en/account/factors"
    for path in ("factors/app/remove", "factors/codes"):
        refused = send(client, f"/en/account/{path}", overview)
        assert (path, refused.status_code, refused.location.partition("?")[0]) == (path, 303, "/en/account/prove")
    assert client.get("/en/account/passkeys/new").location.startswith("/en/account/prove?next=")
    assert has_factor(database, kim)
    assert send(client, "/en/account/prove", password="wrong-wrong-wrong").status_code == 422
    assert send(client, f"{overview}/app/remove", overview).location.startswith("/en/account/prove")
    led = send(client, "/en/account/prove", password=PASSWORD, next=overview)
    assert led.location == overview
    assert send(client, f"{overview}/app/remove", overview).location == overview
    assert not has_factor(database, kim)
    assert changes(database) == ["app_added", "app_removed"]
    client.delete_cookie(COOKIE)
    assert enter(client).location == "/en/"
    with database.reading() as session:
        assert session.execute(text("SELECT count(*) FROM core_recovery_code")).scalar_one() == 0


def test_a_code_proves_as_well_and_the_way_on_is_our_own(
    client: FlaskClient, database: Database, kim: int, codes: list[str], clock: Any
) -> None:
    enter(client)
    send(client, STEP, code=code_now(database, kim))
    clock.move(timedelta(minutes=11))
    led = send(client, "/en/account/prove", code=code_now(database, kim), next="//evil.example")
    assert led.status_code == 303
    assert "evil" not in led.location
    assert client.get("/en/account/passkeys/new").status_code == 200


def test_a_new_factor_signs_other_devices_out(client: FlaskClient, database: Database, kim: int) -> None:
    elsewhere = client.application.test_client()
    enter(elsewhere)
    enter(client)
    set_up_app(client, database, kim)
    assert is_in(client)
    assert not is_in(elsewhere)


class TestRequired:
    """A role whose holders need a second factor."""

    @pytest.fixture
    def officer(self, database: Database) -> int:
        """A holder without a factor."""
        key = person(database, "officer@city.example", "officer", kind="staff")
        with database.writing() as session:
            require_second_factor(session, SYSTEM, "officer", True)
        return key

    def test_a_holder_is_led_to_set_one_up_first(self, client: FlaskClient, database: Database, officer: int) -> None:
        led = enter(client, "officer@city.example", next="/en/account/sessions")
        assert led.location == "/en/account/factors"
        for path in ("/en/account/", "/en/account/sessions", "/en/desk", "/en/account/history"):
            assert client.get(path).status_code != 200, path
        page = client.get("/en/account/factors").get_data(as_text=True)
        assert "Your role asks for a second lock" in page
        send(client, "/en/account/factors/app/begin", "/en/account/factors")
        done = send(client, "/en/account/factors/app", code=code_now(database, officer))
        assert 'href="/en/account/sessions"' in done.get_data(as_text=True)
        assert client.get("/en/account/sessions").status_code == 200

    def test_a_session_that_was_open_is_led_there_too(
        self, client: FlaskClient, database: Database, clock: Any
    ) -> None:
        key = person(database, "late@city.example")
        enter(client, "late@city.example")
        assert is_in(client)
        clock.move(timedelta(minutes=30))
        with database.writing() as session:
            require_second_factor(session, SYSTEM, "officer", True)
            grant_role(session, SYSTEM, session.get_one(Account, key), "officer")
        assert client.get("/en/account/").location.startswith("/en/account/factors")
        again = send(client, "/en/account/factors/app/begin", "/en/account/factors")
        assert again.location.startswith("/en/account/prove")  # half an hour later it might be somebody else
        send(client, "/en/account/prove", password=PASSWORD)
        set_up_app(client, database, key)
        assert is_in(client)

    def test_the_api_knows_no_way_around(self, client: FlaskClient, database: Database, officer: int) -> None:
        owner = {**OWNER, "email": "officer@city.example"}
        refused = client.post(API, json=owner)
        assert (refused.status_code, refused.mimetype) == (403, "application/problem+json")
        assert refused.get_json()["type"] == "urn:egovframe:problem:second-factor-missing"
        with database.writing() as session:
            require_second_factor(session, SYSTEM, "officer", False)
        token = client.post(API, json=owner).get_json()["token"]
        headers = {"Authorization": f"Bearer {token}"}
        assert client.get(API, headers=headers).status_code == 200
        with database.writing() as session:
            require_second_factor(session, SYSTEM, "officer", True)
        assert client.get(API, headers=headers).status_code == 403  # a token of before opens nothing either

    def test_machines_have_no_phones(self, make: Any, database: Database, client: FlaskClient) -> None:
        machine = make.account("officer", kind="service")
        with database.writing() as session:
            require_second_factor(session, SYSTEM, "officer", True)
        assert client.get(API, headers=make.token(machine)).status_code == 200

    def test_the_rule_is_audited_and_for_role_managers_only(self, database: Database, officer: int) -> None:
        with pytest.raises(Forbidden), database.writing() as session:
            require_second_factor(session, Actor(kind="account", account_id=officer), "officer", False)
        with database.reading() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.thing == "role:officer")).one()
        assert entry.after == {"needs_second_factor": True}


def test_a_token_needs_the_code_too(client: FlaskClient, database: Database, kim: int, codes: list[str]) -> None:
    missing = client.post(API, json=OWNER)
    body = missing.get_json()
    assert (missing.status_code, missing.mimetype) == (401, "application/problem+json")
    assert body["type"] == "urn:egovframe:problem:second-factor-needed"
    assert list(body["errors"]) == ["code"]
    assert "Bearer" in missing.headers["WWW-Authenticate"]
    assert client.post(API, json={**OWNER, "code": "000000"}).status_code == 401
    wrong = client.post(API, json={**OWNER, "password": "wrong-wrong-wrong", "code": codes[1]})
    assert wrong.get_json()["type"] == "urn:egovframe:problem:not-signed-in"  # the code is not looked at
    right = code_now(database, kim)
    made = client.post(API, json={**OWNER, "code": right})
    assert made.status_code == 201
    assert client.post(API, json={**OWNER, "code": right}).status_code == 401
    assert client.post(API, json={**OWNER, "code": codes[1]}).status_code == 201
    assert client.get(API, headers={"Authorization": f"Bearer {made.get_json()['token']}"}).status_code == 200
    for crooked in (7, None, ["1"], "x" * 41, "\u0000"):
        assert client.post(API, json={**OWNER, "code": crooked}).status_code == 422


def test_missing_codes_are_no_guesses(client: FlaskClient, database: Database, kim: int, codes: list[str]) -> None:
    statuses = {client.post(API, json=OWNER).status_code for _ in range(12)}
    assert statuses == {401}
    assert client.post(API, json={**OWNER, "code": codes[0]}).status_code == 201


class TestReset:
    """Somebody lost the phone and the paper."""

    def test_an_administrator_takes_the_factor_away(
        self, client: FlaskClient, database: Database, kim: int, codes: list[str]
    ) -> None:
        token = client.post(API, json={**OWNER, "code": codes[0]}).get_json()["token"]
        person(database, "admin@city.example", "administrator", kind="staff")
        admin = client.application.test_client()
        enter(admin, "admin@city.example")
        place = "/en/admin/factors"
        assert send(admin, place, email="nobody@city.example", reason="x").status_code == 422
        assert send(admin, place, email="kim@city.example", reason="").status_code == 422
        assert has_factor(database, kim)
        assert send(admin, place, email="kim@city.example", reason="called back").status_code == 303
        assert not has_factor(database, kim)
        assert enter(client).location == "/en/"
        assert client.get(API, headers={"Authorization": f"Bearer {token}"}).status_code == 401
        assert changes(database)[-1] == "reset"
        with database.reading() as session:
            entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:factor:reset")).one()
            assert (entry.reason, entry.outcome) == ("called back", "done")

    def test_an_open_desk_resets_nobody(
        self, client: FlaskClient, database: Database, kim: int, codes: list[str], clock: Any
    ) -> None:
        person(database, "admin@city.example", "administrator", kind="staff")
        admin = client.application.test_client()
        enter(admin, "admin@city.example")
        place = "/en/admin/factors"
        token = TOKEN.search(admin.get(place).get_data(as_text=True))
        assert token is not None
        clock.move(timedelta(minutes=11))
        data = {"csrf_token": token[1], "email": "kim@city.example", "reason": "x"}
        led = admin.post(place, data=data, headers={"Referer": "http://evil.example/x"})
        way = unquote(str(led.location))
        assert way.startswith("/en/account/prove?next=/en/account/resume/")
        assert admin.get(way.partition("next=")[2]).location == place
        assert has_factor(database, kim)

    def test_others_may_not(self, client: FlaskClient, database: Database, kim: int) -> None:
        enter(client)
        assert client.get("/en/admin/factors").status_code == 403
        account = Actor(kind="account", account_id=kim)
        with pytest.raises(Forbidden), database.writing() as session:
            reset_factors(session, account, session.get_one(Account, kim))


def test_the_history_shows_what_happened_and_only_ones_own(
    client: FlaskClient, database: Database, kim: int, codes: list[str]
) -> None:
    client.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    enter(client, password="wrong-wrong-wrong")
    enter(client)
    send(client, STEP, code="000000")
    send(client, STEP, code=codes[0])
    page = client.get("/en/account/history").get_data(as_text=True)
    assert "Refused at the second lock" in page
    assert "recovery code" in page
    assert "Firefox, Linux" in page
    person(database, "lee@city.example")
    other = client.application.test_client()
    enter(other, "lee@city.example")
    assert "recovery code" not in other.get("/en/account/history").get_data(as_text=True)
    assert [other.get(f"/en/account/history?page={n}").status_code for n in ("0", "x", "9" * 30, "٣")] == [200] * 4
    with database.reading() as session:
        stored = json.dumps(
            [dict(row._mapping) for row in session.execute(text("SELECT * FROM core_sign_in"))], default=str
        )
    assert "127.0.0.1" not in stored
    assert "Mozilla" not in stored


def test_sign_out_everywhere_means_everywhere(client: FlaskClient, database: Database, kim: int) -> None:
    elsewhere = client.application.test_client()
    enter(elsewhere)
    enter(client)
    ids = [str(cookie(client)), str(cookie(elsewhere))]
    assert send(client, "/en/account/sessions/end-all", "/en/account/sessions").location == "/en/account/sign-in"
    for each in ids:
        elsewhere.set_cookie(COOKIE, each)
        assert not is_in(elsewhere)
    with database.reading() as session:
        assert all(session.scalars(select(WebSession.revoked_at)))


def test_a_password_change_and_disablement_kill_tokens_for_good(
    client: FlaskClient, database: Database, kim: int
) -> None:
    def token() -> dict[str, str]:
        return {"Authorization": f"Bearer {client.post(API, json=OWNER).get_json()['token']}"}

    first = token()
    with database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, kim))
    with database.writing() as session:
        enable_account(session, SYSTEM, session.get_one(Account, kim))
    assert client.get(API, headers=first).status_code == 401
    second = token()
    assert client.get(API, headers=second).status_code == 200
    enter(client)
    send(client, "/en/account/password", current=PASSWORD, new="another-quiet-harbour")
    assert client.get(API, headers=second).status_code == 401


def test_service_accounts_have_no_factors_page(database: Database, kim: int) -> None:
    with database.writing() as session:
        machine = create_account(session, SYSTEM, email=None, display_name="Export", kind="service")
        assert machine.second_factor is False


def test_the_owner_is_told_by_mail(client: FlaskClient, app: Flask, settings: Settings, codes: list[str]) -> None:
    worker = build_worker(runtime(app).database, runtime(app).hooks, context=app.app_context)
    worker.run_pending()
    (file,) = Path(settings.data_dir, "outbox").glob("*.eml")
    mail = message_from_bytes(file.read_bytes(), policy=policy.default)
    assert mail["Subject"] == "The protection of your account was changed"
    body = mail.get_body(("plain",))
    assert body is not None
    assert "An app that shows codes now protects your account" in body.get_content()
    assert "/account/factors" in body.get_content()
