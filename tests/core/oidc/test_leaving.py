"""Signing out on both sides, whichever side begins."""

from __future__ import annotations

import time
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.test import TestResponse

from egovframe.core.auth import OutsideRefused
from egovframe.core.auth.outside import OutsideSession
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.persistence import Database
from egovframe.testing.visits import submit

from .conftest import Trip, parameter, refusals
from .provider import CLIENT, EVENT, TestProvider


def sign_out(trip: Trip) -> TestResponse:
    return submit(trip.client, "/en/account/ways", "/en/account/sign-out")


def test_signing_out_here_offers_to_sign_out_there(trip: Trip, provider: TestProvider) -> None:
    trip.sign_in()
    answer = sign_out(trip)
    assert answer.headers["Location"] == "/en/account/signed-out/city"
    assert not trip.is_in
    page = trip.client.get("/en/account/signed-out/city").text
    assert "Sign out of City Login too" in page
    there = trip.client.get("/en/account/signed-out/city/leave").headers["Location"]
    assert there.startswith(f"{provider.issuer}/leave?")
    assert parameter(there, "client_id") == CLIENT
    assert parameter(there, "post_logout_redirect_uri") == "http://localhost:8000/oidc/city/signed-out"
    assert parameter(there, "id_token_hint").count(".") == 2
    home = trip.visit(there)
    assert trip.client.get(home.removeprefix("http://localhost:8000")).headers["Location"] == "/en/"
    assert provider.logouts[0]["id_token_hint"] == parameter(there, "id_token_hint")
    assert trip.client.get("/en/account/signed-out/city/leave").headers["Location"] == "/en/"


def test_the_ticket_is_this_browsers_and_used_once(app: Flask, trip: Trip, database: Database) -> None:
    trip.sign_in()
    sign_out(trip)
    stranger = app.test_client()
    assert stranger.get("/en/account/signed-out/city/leave").headers["Location"] == "/en/"
    ticket = trip.client.get_cookie("egov_leaving")
    assert ticket is not None
    trip.client.get("/en/account/signed-out/city/leave")
    stranger.set_cookie("egov_leaving", ticket.value)
    assert stranger.get("/en/account/signed-out/city/leave").headers["Location"] == "/en/"
    with database.reading() as session:
        [row] = session.scalars(select(OutsideSession)).all()
        assert (row.id_token, row.leave_hash) == (None, None)


def test_a_provider_without_such_an_address_and_a_password_session_lead_home(
    trip: Trip, provider: TestProvider
) -> None:
    provider.be.discovery = {"end_session_endpoint": None}
    trip.sign_in()
    sign_out(trip)
    assert trip.client.get("/en/account/signed-out/city").headers["Location"] == "/en/"


def hear(trip: Trip, token: str) -> TestResponse:
    return trip.client.post("/oidc/city/back-channel-logout", data={"logout_token": token})


@pytest.mark.parametrize("only", [{}, {"sid": None}, {"sub": None}])
def test_the_providers_word_ends_the_sessions(
    app: Flask, trip: Trip, database: Database, provider: TestProvider, only: dict[str, None]
) -> None:
    trip.sign_in()
    bystander = Trip(app.test_client())
    provider.be.person = {"sub": "resident-2"}
    provider.be.change_claims = lambda claims: claims.update(sid="outside-session-2")
    bystander.sign_in()
    provider.be.person = {"sub": "resident-1"}
    answer = hear(Trip(app.test_client()), provider.logout_token(**only))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    assert not trip.is_in
    assert bystander.is_in
    with database.reading() as session:
        heard = [one for one in session.scalars(select(AuditEntry)) if one.action == "auth:session:logout"]
        assert [one.outcome for one in heard] == ["done"]


def test_a_session_of_another_sid_goes_on(trip: Trip, provider: TestProvider) -> None:
    trip.sign_in()
    assert hear(trip, provider.logout_token(sid="another")).status_code == 200
    assert trip.is_in


def test_the_same_word_is_heard_once(app: Flask, trip: Trip, database: Database, provider: TestProvider) -> None:
    trip.sign_in()
    token = provider.logout_token()
    assert hear(trip, token).status_code == 200
    trip.sign_in()
    assert hear(trip, token).status_code == 400
    assert trip.is_in
    assert refusals(database) == ["stale: this message has been heard before"]
    assert hear(trip, provider.logout_token()).status_code == 200
    assert not trip.is_in


WRONG_WORDS: list[tuple[dict[str, Any], str]] = [
    ({"aud": "other"}, "audience"),
    ({"iss": "https://evil.example"}, "issuer"),
    ({"exp": int(time.time()) - 3600, "iat": int(time.time()) - 3600}, "expired"),
    ({"iat": int(time.time()) + 3600}, "iat"),
    ({"exp": None}, "exp"),
    ({"events": None}, "no logout event"),
    ({"events": {"other": {}}}, "no logout event"),
    ({"events": {EVENT: None}}, "no logout event"),
    ({"events": [EVENT]}, "no logout event"),
    ({"nonce": "n"}, "an ID token is no logout token"),
    ({"jti": None}, "jti"),
    ({"jti": 7}, "jti"),
    ({"sub": None, "sid": None}, "sub or sid"),
    ({"sub": "", "sid": "x" * 300}, "sub or sid"),
]


def test_a_word_that_is_not_the_providers_to_us_ends_nothing(
    trip: Trip, database: Database, provider: TestProvider, subtests: pytest.Subtests
) -> None:
    for changes, why in WRONG_WORDS:
        with subtests.test(repr(changes)[:60]):
            trip.sign_in()
            answer = hear(trip, provider.logout_token(**changes))
            assert answer.status_code == 400
            assert answer.get_json() == {"error": "invalid_request"}
            assert trip.is_in
            assert why in refusals(database)[-1]


NO_WORDS = [
    lambda provider: "",
    lambda provider: "a.b.c",
    lambda provider: provider.logout_token()[:-8] + "AAAAAAAA",
    lambda provider: provider.id_token("nonce", "access"),
    lambda provider: "x" * 100_000,
]


def test_no_token_or_another_ends_nothing(trip: Trip, provider: TestProvider, subtests: pytest.Subtests) -> None:
    for token in NO_WORDS:
        with subtests.test(repr(token)[:60]):
            trip.sign_in()
            assert hear(trip, token(provider)).status_code == 400
            assert trip.is_in


def test_a_session_with_a_password_is_none_of_the_providers_business(
    app: Flask, database: Database, provider: TestProvider
) -> None:
    from .test_linking import EMAIL, PASSWORD, connected, resident, signed_in

    resident(database)
    connected(app)
    own = Trip(signed_in(app, EMAIL, PASSWORD))
    assert hear(own, provider.logout_token()).status_code == 200
    assert own.is_in


def test_the_word_reaches_only_its_own_provider(app: Flask, trip: Trip, provider: TestProvider) -> None:
    trip.sign_in()
    answer = trip.client.post("/oidc/other/back-channel-logout", data={"logout_token": provider.logout_token()})
    assert answer.status_code == 400
    assert trip.is_in


def test_the_reasons_are_words() -> None:
    with pytest.raises(KeyError):
        OutsideRefused("unheard-of")
