"""What a provider, or somebody in its place, must not get through: each refused with a page, a reason in the audit,
and nobody signed in. The honest provider of ``test_signing_in`` is the control of all of them: without the one change
made here, the same way signs in."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from flask import Flask
from joserfc import jwt
from joserfc.jwk import OctKey, RSAKey
from sqlalchemy import select

from egovframe.core.auth import Account, Identity, WebSession
from egovframe.core.auth.outside import OutsideRefused, metadata, provider_of, tokens
from egovframe.core.persistence import Database
from egovframe.testing.clock import Clock

from .conftest import Trip, changed, parameter, refusals
from .provider import CLIENT, KEYS, Claims, TestProvider


def assert_refused(trip: Trip, answer: Any, database: Database, why: str) -> None:
    """Nobody is in, nothing was made, the page says so kindly, the audit says why."""
    assert answer.status_code in {400, 503}, answer.text
    assert "The sign-in did not work" in answer.text
    assert "Nothing was changed" in answer.text
    assert "<script>alert" not in answer.text
    assert "no-store" in answer.headers["Cache-Control"]
    assert not trip.is_in
    assert why in refusals(database)[-1]
    with database.reading() as session:
        assert session.scalars(select(WebSession)).all() == []
        assert session.scalars(select(Identity)).all() == []
        assert session.scalars(select(Account)).all() == []


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def handmade(header: Claims, claims: Claims, sign: Callable[[bytes], bytes] = lambda _data: b"") -> str:
    said = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{said}.{b64(sign(said.encode()))}"


def setting(**values: Any) -> Callable[[Claims], None]:
    return lambda claims: claims.update(values)


def without(name: str) -> Callable[[Claims], Any]:
    return lambda claims: claims.pop(name)


def later(name: str, seconds: float) -> Callable[[Claims], None]:
    return lambda claims: claims.update({name: int(time.time() + seconds)})


UNFIT: list[tuple[Callable[[Claims], Any], str]] = [
    (setting(nonce="0" * 64), "nonce"),
    (setting(nonce=None), "nonce"),
    (without("nonce"), "nonce"),
    (setting(aud="somebody-else"), "audience"),
    (setting(aud=["somebody-else"]), "audience"),
    (setting(aud=[]), "audience"),
    (setting(aud={"city-portal": 1}), "audience"),
    (without("aud"), "audience"),
    (setting(aud=[CLIENT, "other"]), "azp"),
    (setting(aud=[CLIENT, "other"], azp="other"), "azp"),
    (setting(azp="other"), "azp"),
    (setting(iss="https://evil.example"), "issuer"),
    (setting(iss=None), "issuer"),
    (without("iss"), "issuer"),
    (later("exp", -120), "expired"),
    (setting(exp="tomorrow"), "exp"),
    (setting(exp=True), "exp"),
    (setting(exp=1e300), "exp"),
    (without("exp"), "exp"),
    (later("iat", 3600), "iat"),
    (later("iat", -7200), "iat"),
    (without("iat"), "iat"),
    (later("nbf", 3600), "nbf"),
    (setting(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), "at_hash"),
    (setting(at_hash=5), "at_hash"),
    (setting(sub=""), "sub"),
    (setting(sub=17), "sub"),
    (setting(sub="x" * 256), "sub"),
    (without("sub"), "sub"),
]


def test_a_token_that_is_not_for_us_now(
    trip: Trip, database: Database, provider: TestProvider, subtests: pytest.Subtests
) -> None:
    for number, (change, why) in enumerate(UNFIT):
        with subtests.test(f"{number}: {why}"):
            provider.be.change_claims = change
            assert_refused(trip, trip.sign_in(), database, f"untrusted: token: {why}")


@pytest.mark.parametrize(
    "change", [setting(aud=[CLIENT]), setting(aud=[CLIENT, "x"], azp=CLIENT), without("at_hash"), later("exp", -30)]
)
def test_a_token_that_is_for_us_in_other_words(
    trip: Trip, provider: TestProvider, change: Callable[[Claims], None]
) -> None:
    provider.be.change_claims = change
    trip.sign_in()
    assert trip.is_in


def public_pem() -> bytes:
    return bytes(KEYS[0].as_pem(private=False))


def by_hmac(secret: bytes) -> Callable[[bytes], bytes]:
    return lambda data: hmac.new(secret, data, hashlib.sha256).digest()


def rs256(claims: Claims, key: RSAKey = KEYS[0], **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "first", **header}, claims, key)


def rs512(claims: Claims) -> str:
    key = RSAKey.import_key(KEYS[0].as_pem(private=True))
    return jwt.encode({"alg": "RS512", "kid": "first"}, claims, key, algorithms=["RS512"])


FORGERIES: dict[str, Callable[[Claims], str]] = {
    "alg none": lambda claims: handmade({"alg": "none"}, claims),
    "alg None": lambda claims: handmade({"alg": "NoNe", "kid": "first"}, claims),
    "no alg": lambda claims: handmade({"kid": "first"}, claims),
    "HS256, public key": lambda claims: handmade({"alg": "HS256", "kid": "first"}, claims, by_hmac(public_pem())),
    "HS256, client secret": lambda claims: handmade({"alg": "HS256"}, claims, by_hmac(b"s3cret/with+signs")),
    "RS256 but HMAC": lambda claims: handmade({"alg": "RS256", "kid": "first"}, claims, by_hmac(public_pem())),
    "no signature": lambda claims: handmade({"alg": "RS256", "kid": "first"}, claims),
    "an algorithm outside of the list": rs512,
    "another key under a known name": lambda claims: rs256(claims, KEYS[1]),
    "a key that comes along": lambda claims: rs256(claims, KEYS[1], kid="new", jwk=KEYS[1].as_dict(private=False)),
    "a key's address that comes along": lambda claims: rs256(claims, KEYS[1], kid="new", jku="http://127.0.0.1/keys"),
    "kid a path": lambda claims: rs256(claims, KEYS[1], kid="../../../../dev/null"),
    "kid a query": lambda claims: rs256(claims, KEYS[1], kid="x' UNION SELECT 'y"),
    "kid a number": lambda claims: handmade({"alg": "RS256", "kid": 1}, claims),
    "kid too long": lambda claims: handmade({"alg": "RS256", "kid": "k" * 5000}, claims),
    "crit": lambda claims: handmade({"alg": "RS256", "kid": "first", "crit": ["exp"]}, claims),
    "an access token": lambda claims: rs256(claims, typ="at+jwt"),
    "a logout token": lambda claims: rs256(claims, typ="logout+jwt"),
    "claims changed after signing": lambda claims: _swapped(rs256(claims), claims),
    "four parts": lambda claims: rs256(claims) + ".x",
    "empty": lambda _claims: "",
    "no base64": lambda _claims: "é.é.é",
    "nested": lambda _claims: b64(b"[" * 20000) + ".e30.x",
    "huge": lambda _claims: "a" * 40_000 + ".b.c",
    "claims are a list": lambda _claims: _signed_bytes(b"[]"),
    "claims hold half a character": lambda claims: _signed_bytes(json.dumps({**claims, "sub": "\ud800"}).encode()),
}


def _swapped(token: str, claims: Claims) -> str:
    header, _body, signature = token.split(".")
    return f"{header}.{b64(json.dumps({**claims, 'sub': 'the-mayor'}).encode())}.{signature}"


def _signed_bytes(body: bytes) -> str:
    from joserfc import jws

    return jws.serialize_compact({"alg": "RS256", "kid": "first"}, body, KEYS[0])


def test_a_token_that_the_provider_did_not_sign(
    trip: Trip, database: Database, provider: TestProvider, subtests: pytest.Subtests
) -> None:
    for name, forge in FORGERIES.items():
        with subtests.test(name):
            provider.be.sign = forge
            assert_refused(trip, trip.sign_in(), database, "untrusted: ")


def test_the_forgeries_would_pass_if_signatures_were_not_checked(
    trip: Trip, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    def believing(_provider: Any, token: str) -> tuple[Any, Any]:
        _header, body, _signature = token.split(".")
        return ({"alg": "RS256"}, json.loads(base64.urlsafe_b64decode(body + "==")))

    monkeypatch.setattr(tokens, "verified", believing)
    for forge in ("alg none", "HS256, public key", "claims changed after signing"):
        provider.be.sign = FORGERIES[forge]
        trip.sign_in()
        assert trip.is_in


def test_a_short_or_a_shared_key_verifies_nothing(trip: Trip, database: Database, provider: TestProvider) -> None:
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        weak = RSAKey.generate_key(1024, parameters={"kid": "weak"})
        provider.be.key, provider.be.published = weak, [weak]
        provider.be.sign = lambda claims: jwt.encode({"alg": "RS256", "kid": "weak"}, claims, weak)
        assert_refused(trip, trip.sign_in(), database, "unknown key")
    shared = OctKey.generate_key(256, parameters={"kid": "shared"})
    provider.be.published = [shared]  # type: ignore[list-item]
    provider.be.sign = lambda claims: jwt.encode({"alg": "HS256", "kid": "shared"}, claims, shared)
    assert_refused(trip, trip.sign_in(), database, "algorithm")


# The browser's way back


def test_a_state_opens_nothing_twice(app: Flask, trip: Trip, database: Database) -> None:
    address = trip.begin()
    kept = next(cookie for name, cookie in _cookies(trip).items() if name.startswith("egov_outside_"))
    home = trip.visit(address)
    trip.back(home)
    assert trip.is_in
    thief = Trip(app.test_client())
    thief.client.set_cookie(kept.key, kept.value)
    second = trip.visit(address)
    refused = thief.back(second)
    assert "Please begin again" in refused.text
    assert refusals(database) == ["stale: the state had been used"]
    assert not thief.is_in
    # The same with a fresh state signs in: it is the use that is refused, not the browser.
    thief.sign_in()
    assert thief.is_in


def _cookies(trip: Trip) -> dict[str, Any]:
    return {name: value for (_domain, _path, name), value in trip.client._cookies.items()}  # type: ignore[union-attr]


def test_a_code_in_another_browser_is_worth_nothing(app: Flask, trip: Trip, database: Database) -> None:
    home = trip.visit(trip.begin())
    stranger = Trip(app.test_client())
    assert_refused(stranger, stranger.back(home), database, "stale: this browser began no such sign-in")


def test_a_stolen_code_injected_into_ones_own_attempt_is_refused_by_the_provider(
    app: Flask, trip: Trip, database: Database, provider: TestProvider
) -> None:
    stolen = parameter(trip.visit(trip.begin()), "code")
    thief = Trip(app.test_client())
    own = thief.visit(thief.begin())
    assert_refused(thief, thief.back(changed(own, code=stolen)), database, "provider: the token endpoint answers 400")
    assert provider.refused == ["pkce"]


def test_and_by_the_nonce_where_the_provider_forgets_pkce(
    app: Flask, trip: Trip, database: Database, provider: TestProvider
) -> None:
    provider.be.check_pkce = False
    stolen = parameter(trip.visit(trip.begin()), "code")
    thief = Trip(app.test_client())
    own = thief.visit(thief.begin())
    assert_refused(thief, thief.back(changed(own, code=stolen)), database, "untrusted: token: nonce")


FOREIGN_STATES = [
    {"state": "en.AAAA"},
    {"state": ""},
    {"state": None},
    {"state": "%00"},
    {"state": "%ED%A0%80"},
    {"state": "x" * 5000},
]


def test_a_state_that_was_not_ours(trip: Trip, database: Database, subtests: pytest.Subtests) -> None:
    for change in FOREIGN_STATES:
        with subtests.test(repr(change)[:60]):
            home = trip.visit(trip.begin())
            assert_refused(trip, trip.back(changed(home, **change)), database, "stale")


def test_parameters_that_come_twice_are_worth_nothing(trip: Trip, database: Database) -> None:
    home = trip.visit(trip.begin())
    assert_refused(trip, trip.back(home + "&code=another"), database, "stale")


def test_an_attempt_is_given_ten_minutes(trip: Trip, database: Database, clock: Clock) -> None:
    from datetime import timedelta

    address = trip.begin(next_page="/en/account/sessions")
    clock.move(timedelta(minutes=11))
    answer = trip.back(trip.visit(address))
    assert_refused(trip, answer, database, "stale: too old")
    assert "/en/account/sign-in/with/city?next=/en/account/sessions" in answer.text
    assert "/en/account/sign-in?next=/en/account/sessions" in answer.text


def test_a_cookie_that_was_altered_or_is_another_sealed_text(trip: Trip, database: Database) -> None:
    home = trip.visit(trip.begin())
    name = next(name for name in _cookies(trip) if name.startswith("egov_outside_"))
    good = _cookies(trip)[name].value
    for value in (
        good[:-4] + "AAAA",
        "",
        "v1.x.y",
        database.keyring.encrypt("jiwoo@mail.example"),
        database.keyring.encrypt("{}"),
    ):
        trip.client.set_cookie(name, value)
        assert_refused(trip, trip.back(home), database, "stale")


# Mix-up: the answer of one provider at the door of the other (RFC 9700, 4.4)


def test_an_answer_at_another_providers_door(
    trip: Trip, database: Database, provider: TestProvider, other: TestProvider
) -> None:
    home = trip.visit(trip.begin("city"))
    assert_refused(trip, trip.back(home.replace("/oidc/city/", "/oidc/other/")), database, "stale: state or provider")
    assert other.asked == []
    assert "POST /token" not in provider.asked


FOREIGN_NAMES = [None, "https://evil.example", "http://127.0.0.1"]


def test_an_answer_that_is_not_the_providers_or_does_not_say_so(
    trip: Trip, database: Database, provider: TestProvider, subtests: pytest.Subtests
) -> None:
    for named in FOREIGN_NAMES:
        with subtests.test(repr(named)[:60]):
            provider.be.answer_iss = named
            assert_refused(trip, trip.sign_in(), database, "(iss)")
            assert "POST /token" not in provider.asked


def test_a_provider_that_never_names_itself_may_leave_it_out(trip: Trip, provider: TestProvider) -> None:
    provider.be.answer_iss = None
    provider.be.discovery = {"authorization_response_iss_parameter_supported": False}
    trip.sign_in()
    assert trip.is_in


# What the provider says of itself


LIES = [
    {"issuer": "https://evil.example"},
    {"issuer": None},
    {"authorization_endpoint": "javascript:alert(1)"},
    {"authorization_endpoint": None},
    {"token_endpoint": 5},
    {"jwks_uri": "file:///etc/passwd"},
    {"end_session_endpoint": "javascript:alert(1)"},
    {"token_endpoint": "https://user:secret@evil.example/"},
]


def test_a_discovery_document_that_lies(
    trip: Trip, provider: TestProvider, subtests: pytest.Subtests, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "PAUSE", 0)
    for lie in LIES:
        with subtests.test(repr(lie)[:60]):
            provider.be.discovery = lie
            answer = trip.client.get("/en/account/sign-in/with/city?next=/en/account/sessions")
            assert answer.status_code == 400
            assert "does not fit" in answer.text
            assert "next=/en/account/sessions" in answer.text


@pytest.mark.parametrize(
    "inside", ["http://169.254.169.254/latest/meta-data", "https://10.0.0.1/token", "gopher://127.0.0.1/"]
)
def test_a_discovery_document_that_leads_inside(
    trip: Trip, database: Database, provider: TestProvider, inside: str
) -> None:
    provider.be.discovery = {"token_endpoint": inside}
    first = trip.client.get("/en/account/sign-in/with/city")
    if first.status_code == 400:
        return
    assert_refused(trip, trip.back(trip.visit(first.headers["Location"])), database, "unavailable: OutgoingRefused")


def test_a_provider_that_does_not_answer(trip: Trip, provider: TestProvider) -> None:
    provider.answer = lambda *_question: (500, {}, b"oops")  # type: ignore[method-assign]
    for language, words in (("en", "does not answer"), ("ko", "응답하지 않아요"), ("ar", "لا يستجيب")):
        answer = trip.client.get(f"/{language}/account/sign-in/with/city")
        assert answer.status_code == 503
        assert words in answer.text


NONSENSE = [
    b"",
    b"[]",
    b"{}",
    b'{"id_token": 5}',
    b"<html>",
    b'{"id_token": "a.b.c", "access_token": "\\ud800"}',
]


def test_a_token_endpoint_that_talks_nonsense(
    trip: Trip, database: Database, provider: TestProvider, subtests: pytest.Subtests
) -> None:
    for body in NONSENSE:
        with subtests.test(repr(body)[:60]):
            provider.be.token_body = body
            assert_refused(trip, trip.sign_in(), database, "untrusted")


ERRORS = [
    ("access_denied", "denied", "You stopped at the provider"),
    ("server_error", "provider", "could not finish"),
    ("%00<script>", "provider", "could not finish"),
]


def test_an_error_of_the_provider_is_told_in_our_words(
    trip: Trip, database: Database, provider: TestProvider, subtests: pytest.Subtests
) -> None:
    for error, reason, words in ERRORS:
        with subtests.test(repr(error)[:60]):
            provider.be.error = error.replace("%00", "\x00")
            answer = trip.sign_in(next_page="/en/account/sessions")
            assert_refused(trip, answer, database, reason)
            assert words in answer.text
            assert "next=/en/account/sessions" in answer.text


@pytest.mark.parametrize("provider_settings", [{"userinfo": True}])
@pytest.mark.parametrize("said", [{"sub": "resident-2"}, {"email": "x@y.example"}, {"sub": None}])
def test_userinfo_about_somebody_else(
    trip: Trip, database: Database, provider: TestProvider, said: dict[str, Any]
) -> None:
    provider.be.userinfo = said
    assert_refused(trip, trip.sign_in(), database, "userinfo speaks of somebody else")


# Keys change


def test_new_keys_are_found_and_old_ones_end(
    app: Flask, trip: Trip, database: Database, provider: TestProvider
) -> None:
    trip.sign_in()
    assert provider.asked.count("GET /keys") == 1
    provider.be.key, provider.be.published = KEYS[1], [KEYS[1]]
    Trip(app.test_client()).sign_in()
    assert refusals(database) == []
    assert provider.asked.count("GET /keys") == 2
    provider.be.key = KEYS[0]
    late = Trip(app.test_client())
    late.sign_in()
    assert not late.is_in
    assert refusals(database) == ["untrusted: token: unknown key"]


def test_invented_keys_do_not_make_us_ask_for_ever(app: Flask, database: Database, provider: TestProvider) -> None:
    Trip(app.test_client()).sign_in()
    for number in range(6):
        provider.be.sign = lambda claims, kid=f"invented-{number}": jwt.encode(
            {"alg": "RS256", "kid": kid}, claims, KEYS[1]
        )  # type: ignore[misc]
        Trip(app.test_client()).sign_in()
    assert provider.asked.count("GET /keys") == 1 + 3
    assert provider.asked.count("GET /.well-known/openid-configuration") == 1


def test_a_dead_provider_is_left_in_peace_for_a_moment(database: Database, trip: Trip, provider: TestProvider) -> None:
    asked: list[str] = []

    def dead(_method: str, path: str, *_rest: Any) -> tuple[int, dict[str, str], bytes]:
        asked.append(path)
        return 503, {}, b""

    provider.answer = dead  # type: ignore[method-assign]
    for _ in range(5):
        assert trip.client.get("/en/account/sign-in/with/city").status_code == 503
    assert len(asked) == 1
    with pytest.raises(OutsideRefused):
        provider_of(database, "city").source.keys("first")


def test_a_slow_provider_does_not_hold_every_thread(
    database: Database, provider: TestProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(metadata, "WAIT", 0.05)
    asked, go_on, honest = threading.Event(), threading.Event(), provider.answer

    def slow(*question: Any) -> tuple[int, dict[str, str], bytes]:
        asked.set()
        go_on.wait(10)
        return honest(*question)

    provider.answer = slow  # type: ignore[method-assign]
    source = provider_of(database, "city").source
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(source.metadata)
        assert asked.wait(10)
        with pytest.raises(OutsideRefused, match="does not answer"):
            source.metadata()
        go_on.set()
        assert first.result(10).issuer == provider.issuer
    assert source.metadata().issuer == provider.issuer
