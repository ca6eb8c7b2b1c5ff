"""Whoever came through a provider sets a password, changes the address, and erases the account: by a fresh sign-in."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pyotp
import pytest
from flask import Flask
from sqlalchemy import func, select

from egovframe.core.auth import (
    Account,
    AddressChange,
    Identity,
    PasswordHash,
    account_by_email,
    actor_of_account,
    address_change_token,
    set_first_password,
)
from egovframe.core.auth.factors.models import TotpApp
from egovframe.core.auth.models import WebSession
from egovframe.core.auth.services import first_password
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database
from egovframe.errors import Conflict
from egovframe.testing.clock import Clock
from egovframe.testing.factories import PASSWORD as OLD
from egovframe.testing.factories import Factory
from egovframe.testing.visits import signed_in, submit

from .conftest import Trip, parameter
from .provider import TestProvider

EMAIL, PASSWORD = "jiwoo@mail.example", "quiet-harbour-lantern"
NEW = "new@mail.example"
FIRST = "/en/account/password/first"
PROVE = "/en/account/prove?next="
ERASE = "/en/account/my-data/erase"
AGAIN = re.compile(r'href="(/en/account/sign-in/with/city\?[^"]*)"')


@pytest.fixture
def nameless(provider: TestProvider) -> TestProvider:
    """The provider says no address of the person."""
    del provider.be.person["email"]
    return provider


def only_account(database: Database) -> Account:
    with database.reading() as session:
        return session.scalars(select(Account)).one()


def has_password(database: Database) -> bool:
    return only_account(database).password_hash is not None


def count(database: Database, model: Any, *where: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(model).where(*where)) or 0


def confirmation(database: Database) -> str:
    """Return the page that the newest message to a new address leads to."""
    with database.reading() as session:
        newest = session.scalars(select(AddressChange.id).order_by(AddressChange.id.desc())).first()
        token = address_change_token(session, newest or 0)
        assert token is not None
        return f"/en/account/email/confirm/{token}"


def test_a_password_is_set_where_there_was_none(app: Flask, trip: Trip, database: Database) -> None:
    trip.sign_in()
    elsewhere = Trip(app.test_client())
    elsewhere.sign_in()
    assert f'href="{FIRST}"' in trip.client.get("/en/account/ways").text
    assert f'href="{FIRST}"' in trip.client.get("/en/account/sessions").text
    assert trip.client.get("/en/account/password").location == FIRST
    page = trip.client.get(FIRST)
    assert EMAIL in page.text
    assert 'name="current"' not in page.text, "nobody can type a password that does not exist"
    weak = submit(trip.client, FIRST, password="jiwoo2026!!!!")
    assert weak.status_code == 422
    assert not has_password(database)
    assert submit(trip.client, FIRST, password=PASSWORD).location == "/en/account/ways"
    assert trip.is_in
    assert not elsewhere.is_in, "every other device is signed out"
    assert count(database, EventRow, EventRow.name == "auth.PasswordChanged") == 1, "the owner is told"
    assert count(database, AuditEntry, AuditEntry.action == "auth:password:change") == 1
    assert signed_in(app, EMAIL, PASSWORD).get("/en/account/").status_code == 200


def test_then_the_provider_is_no_longer_the_only_way(trip: Trip, database: Database) -> None:
    trip.sign_in()
    with database.reading() as session:
        path = f"/en/account/ways/{session.scalars(select(Identity.public_id)).one()}/disconnect"
    submit(trip.client, "/en/account/ways", path)
    assert count(database, Identity) == 1
    submit(trip.client, FIRST, password=PASSWORD)
    submit(trip.client, "/en/account/ways", path)
    assert count(database, Identity) == 0


def test_it_asks_for_a_fresh_sign_in(trip: Trip, database: Database, clock: Clock) -> None:
    trip.sign_in()
    form = trip.client.get(FIRST).text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', form)[-1]
    clock.move(timedelta(minutes=11))
    late = trip.client.post(FIRST, data={"csrf_token": token, "password": PASSWORD})
    assert late.location.startswith("/en/account/prove")
    assert not has_password(database)
    led = trip.client.get(FIRST).location
    assert led.startswith(PROVE)
    page = trip.client.get(led).text
    assert 'name="password"' not in page, "there is none to type"
    assert 'name="code"' not in page
    [again] = AGAIN.findall(page)
    there = trip.client.get(again.replace("&amp;", "&")).location
    assert parameter(there, "prompt") == "login", "the provider asks even if it knows the browser"
    assert parameter(there, "max_age") == "0", "and says when it did"
    assert trip.back(trip.visit(there)).location == FIRST
    assert submit(trip.client, FIRST, password=PASSWORD).status_code == 303
    assert has_password(database)


@pytest.mark.parametrize(
    ("minutes_ago", "fresh"), [(0, True), (9, True), (11, False), (60 * 24 * 365, False), (-10_000, True)]
)
def test_an_old_sign_in_at_the_provider_is_no_fresh_proof(
    trip: Trip, provider: TestProvider, minutes_ago: int, fresh: bool
) -> None:
    at = int(time.time()) - 60 * minutes_ago
    provider.be.change_claims = lambda claims: claims.update(auth_time=at)
    trip.sign_in()
    answer = trip.client.get(FIRST)
    assert (answer.status_code == 200) == fresh, answer.location
    if not fresh:
        assert answer.location.startswith(PROVE)


@pytest.mark.parametrize("nonsense", [True, "yesterday", [1], {}, -1, 2**60, None])
def test_an_instant_that_makes_no_sense_is_not_said(trip: Trip, provider: TestProvider, nonsense: object) -> None:
    provider.be.change_claims = lambda claims: claims.update(auth_time=nonsense)
    trip.sign_in()
    assert trip.client.get(FIRST).status_code == 200


def test_an_ordinary_sign_in_forces_nobody_to_type_again(trip: Trip) -> None:
    assert "prompt=" not in trip.begin()


def test_proving_without_anything_to_show_is_refused(trip: Trip, clock: Clock) -> None:
    trip.sign_in()
    clock.move(timedelta(minutes=11))
    for guess in ({}, {"next": FIRST}):
        answer = submit(trip.client, "/en/account/sessions", "/en/account/prove", **guess)
        assert answer.status_code == 422
    assert trip.client.get(FIRST).location.startswith(PROVE)
    assert submit(trip.client, "/en/account/sessions", "/en/account/prove", password=EMAIL).status_code == 422


def test_a_code_is_asked_where_there_is_an_app_and_no_password(trip: Trip, database: Database, clock: Clock) -> None:
    trip.sign_in()
    submit(trip.client, "/en/account/factors", "/en/account/factors/app/begin")
    with database.reading() as session:
        phone = pyotp.TOTP(session.scalars(select(TotpApp.secret)).one())
    assert submit(trip.client, "/en/account/factors/app", code=phone.at(database.now())).status_code == 200
    clock.move(timedelta(minutes=11))
    page = trip.client.get(trip.client.get(FIRST).location).text
    assert ('name="code"' in page, 'name="password"' in page) == (True, False)
    assert submit(trip.client, "/en/account/prove", code="").status_code == 422
    shown = submit(trip.client, "/en/account/prove", code=phone.at(database.now()), next=FIRST)
    assert shown.location == FIRST
    assert trip.client.get(FIRST).status_code == 200


def test_without_an_address_one_is_added_and_confirmed_first(
    app: Flask, trip: Trip, database: Database, nameless: TestProvider
) -> None:
    trip.sign_in()
    assert "None" not in trip.client.get("/en/account/").text.partition("<main")[2]
    assert 'href="/en/account/email"' in trip.client.get("/en/account/verify").text
    page = trip.client.get(FIRST).text
    assert 'href="/en/account/email"' in page
    assert 'name="password"' not in page
    assert submit(trip.client, "/en/account/email", FIRST, password=PASSWORD).status_code == 409
    asking = trip.client.get("/en/account/email").text
    assert "Add an e-mail address" in asking
    assert 'name="password"' not in asking
    assert submit(trip.client, "/en/account/email", email=NEW).status_code == 303
    assert only_account(database).email_index is None, "nothing changes before the address has answered"
    assert submit(trip.client, "/en/account/email", FIRST, password=PASSWORD).status_code == 409
    assert submit(trip.client, confirmation(database)).location == "/en/account/ways"
    account = only_account(database)
    assert (account.assurance, account.confirmed_at is not None) == ("contact_verified", True)
    assert submit(trip.client, FIRST, password=PASSWORD).status_code == 303
    assert signed_in(app, NEW, PASSWORD).get("/en/account/").status_code == 200
    assert Trip(app.test_client()).sign_in().status_code == 303, "the provider still opens it"


def test_the_link_may_be_opened_in_another_browser(
    app: Flask, trip: Trip, database: Database, nameless: TestProvider
) -> None:
    trip.sign_in()
    submit(trip.client, "/en/account/email", email=NEW)
    answer = submit(app.test_client(), confirmation(database))
    assert answer.location == "/en/account/sign-in?next=/en/account/ways"


def test_an_unconfirmed_address_is_confirmed_first(trip: Trip, database: Database) -> None:
    trip.sign_in()
    with database.writing() as session:
        session.scalars(select(Account)).one().confirmed_at = None
    page = trip.client.get(FIRST).text
    assert 'action="/en/account/verify/contact"' in page
    assert 'name="password"' not in page
    assert submit(trip.client, FIRST, FIRST, password=PASSWORD).status_code == 409
    assert not has_password(database)


def test_a_password_that_stands_is_not_replaced_without_typing_it(app: Flask, make: Factory) -> None:
    client = make.client(make.account())
    assert client.get(FIRST).location == "/en/account/password"
    assert submit(client, "/en/account/password", FIRST, password=PASSWORD).status_code == 409
    assert signed_in(app, "person1@test.example", OLD).get("/en/account/").status_code == 200
    with pytest.raises(AssertionError, match="sign-in answers 422"):
        signed_in(app, "person1@test.example", PASSWORD)


def test_of_two_at_once_only_one_sets_it(trip: Trip, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    trip.sign_in()
    with database.reading() as session:
        account = account_by_email(session, EMAIL)
        assert account is not None
        actor, present = actor_of_account(session, account), session.scalars(select(WebSession.id)).one()

    def slow(*_args: Any, **_facts: Any) -> PasswordHash:
        with database.writing() as session:
            session.get_one(Account, account.id).password_hash = "the other one"
        return PasswordHash("mine")

    monkeypatch.setattr(first_password, "hash_password", slow)
    with pytest.raises(Conflict):
        set_first_password(database, actor, PASSWORD, present=present)
    assert only_account(database).password_hash == "the other one"


def test_the_address_is_changed_after_a_fresh_sign_in_only(trip: Trip, database: Database, clock: Clock) -> None:
    trip.sign_in()
    assert submit(trip.client, "/en/account/email", email=NEW, password=EMAIL).status_code == 422
    token = re.findall(r'name="csrf_token" value="([^"]+)"', trip.client.get("/en/account/email").text)[-1]
    clock.move(timedelta(minutes=11))
    late = trip.client.post("/en/account/email", data={"csrf_token": token, "email": NEW})
    assert late.location.startswith("/en/account/prove")
    assert trip.client.get("/en/account/email").location.startswith(PROVE)
    assert count(database, AddressChange) == 0
    trip.sign_in()
    assert submit(trip.client, "/en/account/email", email=NEW).status_code == 303
    assert count(database, AddressChange) == 1


def test_an_account_without_password_and_address_can_be_erased(
    trip: Trip, database: Database, nameless: TestProvider, clock: Clock
) -> None:
    trip.sign_in()
    page = trip.client.get(ERASE).text
    assert 'name="password"' not in page
    assert submit(trip.client, ERASE).status_code == 422, "a deliberate tick is needed"
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[-1]
    clock.move(timedelta(minutes=11))
    late = trip.client.post(ERASE, data={"csrf_token": token, "sure": "true"})
    assert late.location.startswith("/en/account/prove")
    assert trip.client.get(ERASE).location.startswith(PROVE)
    assert only_account(database).state == "active"
    trip.sign_in()
    assert submit(trip.client, ERASE, sure="true").location == "/en/account/my-data/erased"
    assert only_account(database).state == "disabled"


def test_the_address_alone_erases_nothing(trip: Trip, database: Database) -> None:
    trip.sign_in()
    assert submit(trip.client, ERASE, password=EMAIL).status_code == 422
    assert only_account(database).state == "active"
