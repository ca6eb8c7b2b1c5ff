"""The whole way to a provider and back, against a real one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.core.auth import Account, Identity, ProviderClaims, WebSession
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.persistence import Database
from egovframe.testing.clock import Clock

from .conftest import Trip, parameter, refusals
from .provider import TestProvider


def the_account(database: Database) -> Account:
    with database.reading() as session:
        found = session.scalars(select(Account)).one()
        assert (found.email, found.display_name) is not None
        return found


def test_somebody_new_gets_an_account_and_comes_to_the_page_they_wanted(
    trip: Trip, database: Database, provider: TestProvider
) -> None:
    answer = trip.sign_in(next_page="/en/account/sessions?x=1")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/en/account/sessions?x=1")
    assert trip.is_in
    account = the_account(database)
    assert account.email == "jiwoo@mail.example"
    assert account.display_name == "Park Jiwoo"
    assert account.assurance == "contact_verified"
    assert account.password_hash is None
    assert provider.refused == []
    assert refusals(database) == []
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:session:begin")).one()
        assert entry.after is not None
        assert entry.after["method"] == "oidc:city"
        assert "jiwoo" not in str([vars(one) for one in session.scalars(select(AuditEntry))])


def test_the_second_time_it_is_the_same_account_and_a_new_session(app: Flask, trip: Trip, database: Database) -> None:
    trip.sign_in()
    first = trip.client.get_cookie("egov_session")
    again = Trip(app.test_client())
    again.sign_in(language="ko")
    assert again.is_in
    with database.reading() as session:
        assert len(session.scalars(select(Account)).all()) == 1
        assert len(session.scalars(select(Identity)).all()) == 1
        assert len(session.scalars(select(WebSession)).all()) == 2
    trip.sign_in()
    second = trip.client.get_cookie("egov_session")
    assert first is not None
    assert second is not None
    assert first.value != second.value
    old = app.test_client()
    old.set_cookie("egov_session", first.value)
    assert old.get("/en/account/").status_code == 303


def test_another_provider_is_another_person(app: Flask, trip: Trip, other: TestProvider, database: Database) -> None:
    trip.sign_in()
    other.be.person = {"sub": "resident-1"}
    Trip(app.test_client()).sign_in("other")
    with database.reading() as session:
        assert len(session.scalars(select(Account)).all()) == 2


def test_the_question_is_as_it_should_be(trip: Trip, provider: TestProvider) -> None:
    address = trip.begin(language="ar")
    assert address.startswith(f"{provider.issuer}/authorize?")
    assert parameter(address, "redirect_uri") == "http://localhost:8000/oidc/city/return"
    assert parameter(address, "response_type") == "code"
    assert parameter(address, "scope") == "openid profile email"
    assert parameter(address, "code_challenge_method") == "S256"
    assert len(parameter(address, "code_challenge")) == 43
    assert parameter(address, "ui_locales") == "ar"
    second = trip.begin()
    for name in ("state", "nonce", "code_challenge"):
        assert parameter(address, name) != parameter(second, name)
    landed = trip.back(trip.visit(address))
    assert landed.headers["Location"].startswith("/ar/")


def test_two_windows_do_not_disturb_each_other(trip: Trip) -> None:
    first, second = trip.begin(next_page="/en/first"), trip.begin(next_page="/en/second")
    assert trip.back(trip.visit(first)).headers["Location"] == "/en/first"
    assert trip.back(trip.visit(second)).headers["Location"] == "/en/second"


def test_the_buttons_are_on_the_page_in_the_readers_language(client: FlaskClient) -> None:
    english = client.get("/en/account/sign-in?next=/en/account/sessions").text
    assert "Continue with City Login" in english
    assert "/en/account/sign-in/with/city?next=/en/account/sessions" in english
    assert "시민 로그인" in client.get("/ko/account/sign-in").text
    assert "دخول المدينة" in client.get("/ar/account/register").text


ELSEWHERE = ["//evil.example", "/\\evil.example", "https://evil.example", "javascript:alert(1)"]


def test_nobody_is_led_elsewhere_afterwards(trip: Trip, subtests: pytest.Subtests) -> None:
    for next_page in ELSEWHERE:
        with subtests.test(repr(next_page)[:60]):
            assert trip.sign_in(next_page=next_page).headers["Location"] == "/en/"


def test_the_city_and_the_attempt_are_hidden_in_the_cookie(trip: Trip) -> None:
    address = trip.begin(next_page="/en/account/sessions")
    cookies = {name: value for (_domain, _path, name), value in trip.client._cookies.items()}  # type: ignore[union-attr]
    sealed = next(cookie for name, cookie in cookies.items() if name.startswith("egov_outside_"))
    assert sealed.http_only
    assert sealed.same_site == "Lax"
    for secret in (parameter(address, "state"), parameter(address, "nonce"), "account/sessions"):
        assert secret not in sealed.value
    trip.back(trip.visit(address))
    assert not any(name.startswith("egov_outside_") for (_d, _p, name) in trip.client._cookies)  # type: ignore[union-attr]


@pytest.mark.parametrize("provider_settings", [{"userinfo": True}])
def test_userinfo_adds_what_the_token_lacks(trip: Trip, database: Database, provider: TestProvider) -> None:
    provider.be.person = {"sub": "resident-1"}
    provider.be.userinfo = {
        "sub": "resident-1",
        "email": "later@mail.example",
        "email_verified": True,
        "name": "Later",
        "nonce": "x",
    }
    trip.sign_in()
    assert the_account(database).email == "later@mail.example"


@pytest.mark.parametrize(
    "provider_settings",
    [{"assurance_claim": "verified.level", "assurance_values": ["resident", "true"], "claims": {"name": "full"}}],
)
def test_claims_are_named_by_the_city(trip: Trip, database: Database, provider: TestProvider) -> None:
    provider.be.person = {"sub": "r", "full": "  Kim   Ara ", "verified": {"level": ["visitor", "resident"]}}
    trip.sign_in()
    with database.reading() as session:
        assert session.scalars(select(Identity)).one().resident
    account = the_account(database)
    assert (account.email, account.display_name, account.assurance) == (None, "Kim Ara", "resident_verified")
    provider.be.person["verified"] = {"level": "visitor"}
    trip.sign_in()
    with database.reading() as session:
        assert not session.scalars(select(Identity)).one().resident
        actions = [entry.action for entry in session.scalars(select(AuditEntry))]
    assert actions.count("auth:identity:assure") == 2


@pytest.mark.parametrize("verified", [False, None, "yes", 1, [True], {"a": 1}])
def test_an_address_that_the_provider_has_not_verified_says_nothing(
    trip: Trip, database: Database, provider: TestProvider, verified: Any
) -> None:
    provider.be.person["email_verified"] = verified
    trip.sign_in()
    assert the_account(database).email is None


MALFORMED = [
    ("email", "no address"),
    ("email", 5),
    ("name", "x" * 5000),
    ("name", "\x00\x00"),
    ("name", ["a"]),
    ("locale", "\u202e"),
]


def test_malformed_claims_count_as_unsaid(trip: Trip, provider: TestProvider, subtests: pytest.Subtests) -> None:
    for number, (name, value) in enumerate(MALFORMED):
        with subtests.test(f"{number}: {name}"):
            provider.be.person = {"sub": f"resident-{number}", "email_verified": True, name: value}
            assert trip.sign_in().status_code == 303
            assert trip.is_in


@pytest.mark.parametrize("provider_settings", [{"require_second_factor": True}])
@pytest.mark.parametrize(
    ("amr", "enough"), [(None, False), (["pwd"], False), (["otp"], False), (["pwd", "otp"], True), (["mfa"], True)]
)
def test_a_second_factor_may_be_asked_of_the_provider(
    trip: Trip, database: Database, provider: TestProvider, amr: Any, enough: bool
) -> None:
    provider.be.person["amr"] = amr
    answer = trip.sign_in()
    assert trip.is_in is enough
    if not enough:
        assert "second proof" in answer.text
        assert refusals(database) == ["second_factor"]


def test_nothing_is_stored_before_the_browser_comes_back(trip: Trip, database: Database) -> None:
    from egovframe.core.auth.outside import OutsideOnce

    trip.begin()
    with database.reading() as session:
        assert session.scalars(select(OutsideOnce)).all() == []


def test_claims_in_our_own_names() -> None:
    said = ProviderClaims("https://a.example", "s", email="a@b.example", name="A", resident=True)
    assert said.facts() == {"email": "a@b.example", "email_verified": True, "name": "A", "resident": True}
    assert ProviderClaims("https://a.example", "s").facts() == {"resident": False}


def test_an_unknown_provider_is_nobodys_address(client: FlaskClient) -> None:
    for path in ("/en/account/sign-in/with/nobody", "/en/account/sign-in/with/nobody/return", "/oidc/nobody/return"):
        assert client.get(path).status_code == 404
    assert client.post("/oidc/nobody/back-channel-logout").status_code == 404


def test_used_states_are_swept(trip: Trip, database: Database, clock: Clock) -> None:
    from datetime import timedelta

    from egovframe.core.auth.outside import OutsideOnce, OutsideSession, sweep_outside

    trip.sign_in()
    for shift, states, sessions in ((timedelta(), 1, 1), (timedelta(hours=1), 0, 1), (timedelta(hours=2), 0, 0)):
        clock.move(shift)
        with database.writing() as session:
            sweep_outside(session)
        with database.reading() as session:
            assert len(session.scalars(select(OutsideOnce)).all()) == states
            assert len(session.scalars(select(OutsideSession)).all()) == sessions


def test_the_same_way_back_taken_many_times_at_once_signs_in_once(app: Flask, trip: Trip, database: Database) -> None:
    home = trip.visit(trip.begin())
    cookies = {name: value.value for (_domain, _path, name), value in trip.client._cookies.items()}  # type: ignore[union-attr]

    def come_back(_number: int) -> bool:
        one = Trip(app.test_client())
        for name, value in cookies.items():
            one.client.set_cookie(name, value)
        one.back(home)
        return one.is_in

    with ThreadPoolExecutor(6) as threads:
        assert sum(threads.map(come_back, range(6))) == 1
    with database.reading() as session:
        assert len(session.scalars(select(WebSession)).all()) == 1


def test_somebody_new_in_many_windows_at_once_gets_one_account(app: Flask, database: Database) -> None:
    trips = [Trip(app.test_client()) for _ in range(4)]
    homes = [each.visit(each.begin()) for each in trips]
    with ThreadPoolExecutor(4) as threads:
        answers = list(threads.map(lambda pair: pair[0].back(pair[1]).status_code, zip(trips, homes, strict=True)))
    assert 303 in answers
    assert set(answers) <= {303, 400}
    with database.reading() as session:
        assert len(session.scalars(select(Account)).all()) == 1
        assert len(session.scalars(select(Identity)).all()) == 1
