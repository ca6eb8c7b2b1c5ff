"""What somebody added to an account opened in another's name does not outlive the first confirmation of its address."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from egovframe.core.auth import Account, AddressChange, Passkey, account_by_email, address_change_token, one_time_link
from egovframe.core.auth.factors.models import RecoveryCode, TotpApp
from egovframe.core.auth.services.accounts import mark_confirmed
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database
from egovframe.core.web import runtime

from .authenticator import Authenticator
from .parts import PASSWORD, changes, enter, has_factor, is_in, send, set_up_app
from .test_passkeys import at_the_door, come_in, store

VICTIM = "victim@city.example"
CHOSEN = "another-quiet-harbour"
API = "/api/v1/tokens"


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    return runtime(app).database


class Stranger:
    """Somebody who registered the victim's address and added everything that can be added."""

    def __init__(self, client: FlaskClient, database: Database) -> None:
        self.client = client
        send(client, "/en/account/register", display_name="Victim", email=VICTIM, password=PASSWORD)
        enter(client, VICTIM)
        with database.reading() as session:
            account = account_by_email(session, VICTIM)
            assert account is not None
            self.key = account.id
        token = client.post(API, json={"email": VICTIM, "password": PASSWORD})
        self.bearer = {"Authorization": f"Bearer {token.get_json()['token']}"}
        self.codes = set_up_app(client, database, self.key)
        self.passkey = Authenticator()
        assert store(client, self.passkey).status_code == 303
        assert client.get(API, headers=self.bearer).status_code == 200

    def ways(self) -> dict[str, bool]:
        """Return what of it still opens."""
        elsewhere = self.client.application.test_client()
        come_in(elsewhere, self.passkey.get(at_the_door(elsewhere)))
        return {
            "session": is_in(self.client),
            "passkey": is_in(elsewhere),
            "key": self.client.get(API, headers=self.bearer).status_code == 200,
        }


@pytest.fixture
def stranger(app: Flask, database: Database) -> Stranger:
    """The stranger, ready and waiting."""
    return Stranger(app.test_client(), database)


def link(database: Database, name: str) -> str:
    with database.reading() as session:
        row = session.scalars(select(EventRow).where(EventRow.name == name).order_by(EventRow.id.desc())).first()
        assert row is not None
        found = one_time_link(session, row.payload["token_id"])
        assert found is not None
        return found.token


def change_link(database: Database) -> str:
    with database.reading() as session:
        row = session.scalars(select(AddressChange).order_by(AddressChange.id.desc())).first()
        assert row is not None
        return str(address_change_token(session, row.id))


def recovered(client: FlaskClient, database: Database) -> Any:
    """Set a new password by a mail, as whoever reads the mailbox."""
    send(client, "/en/account/recover", email=VICTIM)
    path = f"/en/account/recover/{link(database, 'auth.RecoveryRequested')}"
    return send(client, path, password=CHOSEN)


def left(database: Database, key: int) -> list[int]:
    with database.reading() as session:
        kinds = (TotpApp, RecoveryCode, Passkey)
        return [session.scalar(select(func.count()).where(kind.account_id == key)) or 0 for kind in kinds]


def confirmed(database: Database, key: int) -> bool:
    with database.reading() as session:
        return session.get_one(Account, key).confirmed_at is not None


def test_recovery_gives_the_account_to_whoever_reads_the_mail(
    client: FlaskClient, database: Database, stranger: Stranger
) -> None:
    assert recovered(client, database).location == "/en/account/sign-in"
    answer = enter(client, VICTIM, CHOSEN)
    assert answer.location == "/en/", "no stranger's code is asked for"
    assert is_in(client)
    assert stranger.ways() == {"session": False, "passkey": False, "key": False}
    assert left(database, stranger.key) == [0, 0, 0]
    assert not has_factor(database, stranger.key)
    assert changes(database)[-1] == "before_confirmation", "the owner is told"
    with database.reading() as session:
        assert "auth:factor:reset" in session.scalars(select(AuditEntry.action)).all()


@pytest.mark.parametrize("own_browser", [False, True])
def test_the_link_to_another_address_is_a_first_confirmation_too(
    client: FlaskClient, database: Database, stranger: Stranger, own_browser: bool
) -> None:
    asked = send(stranger.client, "/en/account/email", email="other@city.example", password=PASSWORD)
    assert asked.status_code == 303
    opener = stranger.client if own_browser else client
    assert send(opener, f"/en/account/email/confirm/{change_link(database)}").status_code == 303
    assert confirmed(database, stranger.key)
    # Control: in the browser that is signed in to the account it is one person, who keeps what was added.
    assert (left(database, stranger.key)[0] > 0, stranger.ways()["passkey"]) == (own_browser, own_browser)


def test_the_link_of_the_first_message_leaves_a_stranger_nothing_but_the_password(
    client: FlaskClient, database: Database, stranger: Stranger
) -> None:
    assert send(client, f"/en/account/confirm/{link(database, 'auth.AccountRegistered')}").status_code == 303
    assert confirmed(database, stranger.key)
    assert stranger.ways() == {"session": False, "passkey": False, "key": False}
    assert left(database, stranger.key) == [0, 0, 0]
    assert recovered(client, database).status_code == 303
    assert enter(client, VICTIM, CHOSEN).location == "/en/"


def test_who_registered_and_reads_the_mail_keeps_everything(database: Database, stranger: Stranger) -> None:
    path = f"/en/account/confirm/{link(database, 'auth.AccountRegistered')}"
    assert send(stranger.client, path).location == "/en/account/"
    assert confirmed(database, stranger.key)
    assert stranger.ways() == {"session": True, "passkey": True, "key": True}
    assert "before_confirmation" not in changes(database)


def test_somebody_else_who_is_signed_in_is_not_the_same_person(
    app: Flask, database: Database, stranger: Stranger
) -> None:
    other = app.test_client()
    send(other, "/en/account/register", display_name="Other", email="other@city.example", password=PASSWORD)
    path = f"/en/account/confirm/{link_of(database, stranger.key)}"
    enter(other, "other@city.example")
    assert send(other, path).status_code == 303
    assert stranger.ways()["session"] is False
    assert left(database, stranger.key) == [0, 0, 0]


def link_of(database: Database, key: int) -> str:
    with database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.name == "auth.AccountRegistered"))
        number = next(row.payload["token_id"] for row in rows if row.payload["account_id"] == key)
        found = one_time_link(session, number)
        assert found is not None
        return found.token


def test_half_a_sign_in_is_nobody(client: FlaskClient, database: Database, stranger: Stranger) -> None:
    enter(client, VICTIM)  # the password alone; the code is asked for
    assert send(client, f"/en/account/confirm/{link(database, 'auth.AccountRegistered')}").status_code == 303
    assert left(database, stranger.key) == [0, 0, 0]


def test_recovery_of_a_confirmed_account_still_asks_for_the_second_factor(
    client: FlaskClient, database: Database, stranger: Stranger
) -> None:
    with database.writing() as session:
        mark_confirmed(session, session.get_one(Account, stranger.key))
    assert recovered(client, database).status_code == 303
    assert enter(client, VICTIM, CHOSEN).location == "/en/account/second-factor", "a mailbox is no second factor"
    assert left(database, stranger.key) == [1, 10, 1]
    assert "before_confirmation" not in changes(database)


def test_an_account_without_anything_is_confirmed_without_a_mail(client: FlaskClient, database: Database) -> None:
    send(client, "/en/account/register", display_name="New", email=VICTIM, password=PASSWORD)
    assert send(client, f"/en/account/confirm/{link(database, 'auth.AccountRegistered')}").status_code == 303
    assert changes(database) == []


def test_the_page_of_factors_says_what_an_unconfirmed_address_means(database: Database, stranger: Stranger) -> None:
    warning = "Confirm your e-mail address first."
    assert warning in stranger.client.get("/en/account/factors").text
    with database.writing() as session:
        mark_confirmed(session, session.get_one(Account, stranger.key))
    assert warning not in stranger.client.get("/en/account/factors").text
