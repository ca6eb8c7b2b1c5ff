"""Guessing meets limits, and no stranger's guesses keep an owner out for as long as the stranger goes on."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.core.auth import one_time_link
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.core.web.account.throttles import LIMITS
from egovframe.core.web.limits import BELIEVED
from egovframe.core.web.models import RateCount
from egovframe.testing.clock import Clock

from .parts import COOKIE, PASSWORD, TOKEN, enter, person, send

EMAIL = "kim@city.example"
CHOSEN = "another-quiet-harbour"
HOME = "192.0.2.10"


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    return runtime(app).database


@pytest.fixture
def kim(database: Database) -> int:
    """A citizen."""
    return person(database)


def at(app: Flask, address: str) -> FlaskClient:
    """Return a browser at a network address."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = address
    return client


def guess(client: FlaskClient, times: int, email: str = EMAIL) -> list[int]:
    return [enter(client, email, "wrong-wrong-wrong").status_code for _ in range(times)]


def storm(app: Flask, email: str = EMAIL) -> list[int]:
    """Try wrong passwords from many addresses, five from each."""
    return [code for n in range(8) for code in guess(at(app, f"198.51.100.{n}"), 5, email)]


def new_password(client: FlaskClient, database: Database) -> Any:
    send(client, "/en/account/recover", email=EMAIL)
    with database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.name == "auth.RecoveryRequested"))
        found = one_time_link(session, rows.all()[-1].payload["token_id"])
    assert found is not None
    return send(client, f"/en/account/recover/{found.token}", password=CHOSEN)


def test_a_new_password_by_mail_opens_at_once(app: Flask, client: FlaskClient, database: Database, kim: int) -> None:
    assert guess(client, 11) == [422] * 10 + [429]
    assert enter(client).status_code == 429
    assert new_password(client, database).status_code == 303
    assert enter(client, password=CHOSEN).status_code == 303


def test_so_does_a_changed_password(app: Flask, client: FlaskClient, kim: int) -> None:
    enter(client)
    elsewhere = at(app, client.environ_base["REMOTE_ADDR"])
    assert guess(elsewhere, 11)[-1] == 429
    assert send(client, "/en/account/password", current=PASSWORD, new=CHOSEN).status_code == 303
    assert enter(elsewhere, password=CHOSEN).status_code == 303


def test_another_process_that_refused_asks_the_database_again(
    app: Flask, client: FlaskClient, database: Database, kim: int, clock: Clock
) -> None:
    from egovframe.actor import OPERATOR
    from egovframe.core.auth import CHEAP, Account, hash_password, set_password
    from egovframe.core.web.account.throttles import forgive_account

    assert guess(client, 11)[-1] == 429
    with database.writing() as session:  # what `egovframe user set-password` does, in a process of its own
        account = session.get_one(Account, kim)
        set_password(session, OPERATOR, account, hash_password(CHOSEN, CHEAP))
        forgive_account(session, account)
    assert enter(client, password=CHOSEN).status_code == 429, "believed for a moment"
    clock.move(BELIEVED)
    assert enter(client, password=CHOSEN).status_code == 303


def test_forgiving_one_account_forgives_no_other(app: Flask, client: FlaskClient, database: Database, kim: int) -> None:
    person(database, "lee@city.example")
    assert guess(client, 11)[-1] == 429
    there = at(app, "203.0.113.5")
    assert guess(there, 11, "lee@city.example")[-1] == 429
    assert new_password(client, database).status_code == 303
    assert enter(there, "lee@city.example").status_code == 429


def test_a_stranger_elsewhere_keeps_nobody_out(app: Flask, kim: int) -> None:
    stranger, owner = at(app, "198.51.100.7"), at(app, HOME)
    assert guess(stranger, 11) == [422] * 10 + [429]
    assert enter(owner).status_code == 303


def test_many_addresses_meet_the_larger_limit_of_the_account(app: Flask, kim: int, clock: Clock) -> None:
    allowed, window = LIMITS["sign-in-everywhere"]
    answers = storm(app)
    assert answers == [422] * allowed + [429] * (40 - allowed)
    assert enter(at(app, "203.0.113.77")).status_code == 429, "nobody has signed in from there"
    clock.move(window + timedelta(seconds=1))
    assert enter(at(app, "203.0.113.77")).status_code == 303


def test_but_not_where_the_owner_has_been(app: Flask, kim: int, clock: Clock) -> None:
    owner = at(app, HOME)
    assert enter(owner).status_code == 303
    owner.delete_cookie(COOKIE)
    assert storm(app)[-1] == 429
    assert enter(owner).status_code == 303
    owner.delete_cookie(COOKIE)
    assert guess(owner, 11) == [422] * 10 + [429], "guessing at home meets the limit of account and address"


def test_the_mailbox_lets_the_owner_in_while_the_stranger_goes_on(app: Flask, database: Database, kim: int) -> None:
    owner = at(app, HOME)
    assert storm(app)[-1] == 429
    assert enter(owner).status_code == 429
    assert new_password(owner, database).status_code == 303
    assert 429 in storm(app), "the stranger goes on and fills the limit again"
    assert enter(owner, password=CHOSEN).status_code == 303


def test_a_place_is_forgotten_after_a_month(app: Flask, kim: int, clock: Clock) -> None:
    owner = at(app, HOME)
    assert enter(owner).status_code == 303
    owner.delete_cookie(COOKIE)
    clock.move(timedelta(days=31))
    assert storm(app)[-1] == 429
    assert enter(owner).status_code == 429


def test_no_address_stands_in_the_table(app: Flask, database: Database, kim: int) -> None:
    enter(at(app, HOME))
    with database.reading() as session:
        buckets = session.scalars(select(RateCount.bucket)).all()
    assert any(each.startswith("sign-in-place:") for each in buckets)
    assert not any(HOME in each or "kim" in each or len(each) > 120 for each in buckets)


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", r"You can try again in (\d+) minutes?\."),
        ("ko", r"(\d+)분 뒤에 다시"),
        ("ar", r"يمكنك المحاولة مجددًا بعد"),
    ],
)
def test_the_page_says_when_and_leads_to_a_new_password(
    client: FlaskClient, kim: int, language: str, said: str
) -> None:
    answers = []
    for email in (EMAIL, "nobody@city.example"):
        guess(client, 10, email)
        page = send(client, f"/{language}/account/sign-in", email=email, password=PASSWORD)
        assert page.status_code == 429
        assert 1 <= int(page.headers["Retry-After"]) <= 15 * 60
        assert f'href="/{language}/account/recover"' in page.text
        found = re.search(said, page.text)
        assert found, page.text
        if language == "en":
            assert int(found[1]) == -(-int(page.headers["Retry-After"]) // 60)
        main = page.text.partition("<main")[2].partition("</main>")[0]
        # How long it lasts depends on the window, whose beginning is each address's own.
        answers.append(re.sub(r'<p class="lead">.*?</p>', "", TOKEN.sub("", main)))
    assert answers[0] == answers[1], "known and unknown addresses look alike"


def test_programs_are_told_in_their_own_form(client: FlaskClient, kim: int) -> None:
    body = {"email": EMAIL, "password": "wrong-wrong-wrong"}
    answers = [client.post("/api/v1/tokens", json=body) for _ in range(11)]
    assert [each.status_code for each in answers] == [401] * 10 + [429]
    assert answers[-1].mimetype == "application/problem+json"
    assert "You can try again in" in answers[-1].get_json()["detail"]
