"""Accounts that are here already: when a provider opens them, connecting and disconnecting by their owner."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    CHEAP,
    Account,
    Identity,
    account_by_email,
    actor_of_account,
    create_account,
    disable_account,
    hash_password,
    one_time_link,
)
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.events import EventRow
from egovframe.core.modules.notifications.delivering import tools_of
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.clock import Clock
from egovframe.testing.visits import signed_in, submit

from .conftest import Trip, parameter, refusals
from .provider import TestProvider

EMAIL, PASSWORD = "jiwoo@mail.example", "quiet-harbour-lantern"
CONNECT = re.compile(r'href="(/en/account/ways/city/connect\?token=[0-9a-f]{64})"')
DISCONNECT = re.compile(r'action="(/en/account/ways/[0-9a-z]+/disconnect)"')


def resident(database: Database, *, confirmed: bool = True, email: str = EMAIL) -> int:
    """Make an account with a password."""
    with database.writing() as session:
        level = "contact_verified" if confirmed else "registered"
        hashed = hash_password(PASSWORD, CHEAP)
        return create_account(session, SYSTEM, email=email, display_name="Park", password=hashed, assurance=level).id


def identities(database: Database) -> list[tuple[int, str]]:
    with database.reading() as session:
        return [(one.account_id, one.provider) for one in session.scalars(select(Identity))]


def level(database: Database, account: int) -> str:
    with database.reading() as session:
        return actor_of_account(session, session.get_one(Account, account)).assurance


def told(database: Database) -> list[str]:
    """Return what the owners of accounts were told of their ways to sign in, in order."""
    with database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.name == "auth.FactorsChanged").order_by(EventRow.id))
        return [row.payload["change"] for row in rows]


def connected(app: Flask) -> Trip:
    """Sign in with the password and connect the provider."""
    trip = Trip(signed_in(app, EMAIL, PASSWORD))
    page = trip.client.get("/en/account/ways").text
    found = CONNECT.search(page)
    assert found, page
    there = trip.client.get(found[1])
    assert there.status_code == 303
    answer = trip.back(trip.visit(there.headers["Location"]))
    assert answer.headers["Location"] == "/en/account/ways"
    return trip


def test_an_account_with_a_password_is_not_taken_over(trip: Trip, database: Database) -> None:
    resident(database)
    answer = trip.sign_in(next_page="/en/account/sessions")
    assert not trip.is_in
    assert "There is an account with your e-mail address already" in answer.text
    assert "/en/account/sign-in?next=/en/account/sessions" in answer.text
    assert refusals(database) == ["known_address"]
    assert identities(database) == []


@pytest.mark.parametrize("provider_settings", [{"link": "verified_email"}])
def test_a_trusted_provider_opens_the_account_of_a_verified_address(trip: Trip, database: Database) -> None:
    account = resident(database)
    trip.sign_in()
    assert trip.is_in
    assert identities(database) == [(account, "city")]
    assert told(database) == ["provider_connected"]
    with database.reading() as session:
        assert len(session.scalars(select(Account)).all()) == 1


@pytest.mark.parametrize("provider_settings", [{"link": "verified_email"}])
def test_but_not_by_an_address_that_it_has_not_verified(trip: Trip, database: Database, provider: TestProvider) -> None:
    account = resident(database)
    provider.be.person["email_verified"] = False
    trip.sign_in()
    [(other, _provider)] = identities(database)
    assert other != account


@pytest.mark.parametrize("provider_settings", [{"link": "verified_email"}])
def test_nor_an_account_that_somebody_registered_in_anothers_name(trip: Trip, database: Database) -> None:
    resident(database, confirmed=False)
    answer = trip.sign_in()
    assert not trip.is_in
    assert "Sign in with it first" in answer.text
    assert identities(database) == []


@pytest.mark.parametrize("provider_settings", [{"open_accounts": False}])
def test_a_provider_may_open_no_accounts(trip: Trip, database: Database) -> None:
    assert "does not open one" in trip.sign_in().text
    assert refusals(database) == ["not_open"]
    with database.reading() as session:
        assert session.scalars(select(Account)).all() == []


def test_a_closed_account_stays_closed(app: Flask, trip: Trip, database: Database) -> None:
    trip.sign_in()
    with database.writing() as session:
        account = account_by_email(session, EMAIL)
        assert account is not None
        disable_account(session, SYSTEM, account)
    assert not trip.is_in
    late = Trip(app.test_client())
    assert "This account is closed" in late.sign_in().text
    assert refusals(database) == ["closed"]


def test_the_owner_connects_and_then_signs_in_either_way(app: Flask, database: Database) -> None:
    account = resident(database)
    connected(app)
    assert identities(database) == [(account, "city")]
    other = Trip(app.test_client())
    other.sign_in()
    assert other.is_in
    assert told(database) == ["provider_connected"], "once, and not again by signing in"
    assert signed_in(app, EMAIL, PASSWORD).get("/en/account/").status_code == 200
    with database.reading() as session:
        actions = [entry.action for entry in session.scalars(select(AuditEntry)) if entry.account_id == account]
    assert "auth:identity:connect" in actions


def test_connecting_begins_only_on_ones_own_page(app: Flask, database: Database) -> None:
    resident(database)
    resident(database, email="other@mail.example")
    mine, others = signed_in(app, EMAIL, PASSWORD), signed_in(app, "other@mail.example", PASSWORD)
    found = CONNECT.search(others.get("/en/account/ways").text)
    assert found
    for path in (
        "/en/account/ways/city/connect",
        "/en/account/ways/city/connect?token=x",
        "/en/account/ways/city/connect?token=é",
        found[1],
    ):
        answer = mine.get(path)
        assert answer.status_code == 400, path
    assert others.get(found[1]).status_code == 303
    assert app.test_client().get(found[1]).headers["Location"].startswith("/en/account/sign-in")


def test_a_connection_ends_where_it_began(app: Flask, database: Database) -> None:
    """Somebody else signs in between: what was begun for one account connects no other."""
    resident(database)
    resident(database, email="other@mail.example")
    trip = Trip(signed_in(app, EMAIL, PASSWORD))
    found = CONNECT.search(trip.client.get("/en/account/ways").text)
    assert found
    home = trip.visit(trip.client.get(found[1]).headers["Location"])
    submit(trip.client, "/en/account/ways", "/en/account/sign-out")
    submit(trip.client, "/en/account/sign-in", email="other@mail.example", password=PASSWORD)
    answer = trip.back(home)
    assert answer.status_code == 400
    assert refusals(database)[-1] == "stale: somebody else is signed in now"
    assert identities(database) == []


def test_an_identity_opens_one_account_only(app: Flask, database: Database) -> None:
    Trip(app.test_client()).sign_in()
    resident(database, email="other@mail.example")
    trip = Trip(signed_in(app, "other@mail.example", PASSWORD))
    found = CONNECT.search(trip.client.get("/en/account/ways").text)
    assert found
    answer = trip.back(trip.visit(trip.client.get(found[1]).headers["Location"]))
    assert answer.status_code == 400
    assert "belongs to another account" in answer.text
    assert refusals(database) == ["taken"]
    assert trip.is_in


def test_disconnecting_ends_what_the_provider_began(app: Flask, database: Database) -> None:
    resident(database)
    owner = connected(app)
    elsewhere = Trip(app.test_client())
    elsewhere.sign_in()
    found = DISCONNECT.search(owner.client.get("/en/account/ways").text)
    assert found
    stranger = signed_in_stranger(app, database)
    assert submit(stranger, "/en/account/", found[1]).status_code == 404
    for nobodys in ("%00", "x" * 3000, "%ED%A0%80"):
        assert submit(stranger, "/en/account/", f"/en/account/ways/{nobodys}/disconnect").status_code == 404
    assert owner.client.post(found[1]).status_code == 400
    assert submit(owner.client, "/en/account/ways", found[1]).status_code == 303
    assert owner.is_in
    assert not elsewhere.is_in
    assert identities(database) == []
    assert told(database) == ["provider_connected", "provider_disconnected"]
    again = Trip(app.test_client())
    assert "There is an account" in again.sign_in().text


def test_a_newcomer_is_told_of_no_change(trip: Trip, database: Database) -> None:
    trip.sign_in()
    assert trip.is_in
    assert told(database) == []


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_the_mail_about_a_connection_leads_to_the_ways(app: Flask, language: str) -> None:
    renderer = tools_of(runtime(app).database).renderer
    connected, removed = (
        renderer.render("auth.factors_changed", "account:1", {"change": change}, language=language)
        for change in ("provider_connected", "provider_disconnected")
    )
    assert connected.text != removed.text
    assert connected.link.endswith(f"/{language}/account/ways")


def signed_in_stranger(app: Flask, database: Database) -> Any:
    resident(database, email="stranger@mail.example")
    return signed_in(app, "stranger@mail.example", PASSWORD)


def test_the_last_way_stays(trip: Trip, database: Database) -> None:
    trip.sign_in()
    page = trip.client.get("/en/account/ways").text
    found = DISCONNECT.search(page)
    assert found
    assert 'href="/en/account/password/first"' in page
    submit(trip.client, "/en/account/ways", found[1])
    assert "your only way to sign in" in trip.client.get("/en/account/ways").text
    assert trip.is_in
    assert len(identities(database)) == 1


def test_with_two_providers_one_may_go(app: Flask, trip: Trip, database: Database, other: TestProvider) -> None:
    trip.sign_in()
    page = trip.client.get("/en/account/ways").text
    link = re.search(r'href="(/en/account/ways/other/connect\?token=[0-9a-f]{64})"', page)
    assert link
    trip.back(trip.visit(trip.client.get(link[1]).headers["Location"]))
    assert {provider for _account, provider in identities(database)} == {"city", "other"}
    found = DISCONNECT.search(trip.client.get("/en/account/ways").text)
    assert found
    submit(trip.client, "/en/account/ways", found[1])
    assert [provider for _account, provider in identities(database)] == ["other"]
    assert trip.is_in
    back = Trip(app.test_client())
    back.sign_in("other")
    assert back.is_in


def test_the_subject_is_stored_nowhere(trip: Trip, database: Database, provider: TestProvider) -> None:
    provider.be.person["sub"] = "subject-that-nobody-may-read"
    trip.sign_in()
    with database.reading() as session:
        for table in ("core_identity", "core_outside_session", "core_audit", "core_account"):
            rows = session.connection().exec_driver_sql(f"SELECT * FROM {table}").all()
            assert rows
            assert "nobody-may-read" not in str(rows)


@pytest.mark.parametrize("provider_settings", [{"assurance_claim": "loa", "assurance_values": ["high"]}])
def test_a_stranger_who_connected_before_the_address_was_confirmed_is_out(
    app: Flask, database: Database, provider: TestProvider
) -> None:
    account = resident(database, confirmed=False)
    provider.be.person.update(loa="high", email="stranger@mail.example")
    connected(app)
    assert level(database, account) == "resident_verified", "as the stranger, whom the provider knows"
    assert identities(database) == [(account, "city")]
    visitor = app.test_client()
    submit(visitor, "/en/account/recover", email=EMAIL)
    with database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.name == "auth.RecoveryRequested"))
        found = one_time_link(session, rows.one().payload["token_id"])
    assert found is not None
    assert submit(visitor, f"/en/account/recover/{found.token}", password="another-quiet-harbour").status_code == 303
    assert identities(database) == []
    assert level(database, account) == "contact_verified"
    stranger = Trip(app.test_client())
    stranger.sign_in()
    [(other, _provider)] = identities(database)
    assert other != account, "the provider opens an account of the stranger's own"
    assert told(database) == ["provider_connected", "before_confirmation"]


def test_a_borrowed_browser_connects_and_disconnects_nothing(app: Flask, database: Database, clock: Clock) -> None:
    account = resident(database)
    client = signed_in(app, EMAIL, PASSWORD)
    clock.move(timedelta(minutes=11))
    found = CONNECT.search(client.get("/en/account/ways").text)
    assert found
    there = client.get(found[1])
    assert there.status_code == 303
    assert there.location.startswith("/en/account/prove?next=")
    back = parameter(there.location, "next")
    assert submit(client, there.location, "/en/account/prove", password=PASSWORD, next=back).location == back
    trip = Trip(client)
    trip.back(trip.visit(client.get(back).headers["Location"]))
    assert identities(database) == [(account, "city")]
    clock.move(timedelta(minutes=11))
    action = DISCONNECT.search(client.get("/en/account/ways").text)
    assert action
    refused = submit(client, "/en/account/ways", action[1])
    assert refused.location.startswith("/en/account/prove")
    assert identities(database) == [(account, "city")]
    submit(client, refused.location, "/en/account/prove", password=PASSWORD)
    assert submit(client, "/en/account/ways", action[1]).location == "/en/account/ways"
    assert identities(database) == []
