"""Another e-mail address: confirmed on the new one, told to the old one, never a way into somebody else's account."""

from __future__ import annotations

import re
from datetime import timedelta
from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    account_by_email,
    disable_account,
    enable_account,
    end_every_session,
    reset_factors,
)
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.jobs import build_worker
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.clock import Clock
from egovframe.testing.factories import PASSWORD, Factory
from egovframe.testing.visits import submit


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    found: Database = runtime(app).database
    return found


def letters(app: Flask) -> dict[str, list[str]]:
    """Return the texts of the letters by address, after the worker has run."""
    build_worker(runtime(app).database, runtime(app).hooks, context=app.app_context).run_pending()
    found: dict[str, list[str]] = {}
    for path in sorted((runtime(app).settings.data_dir / "outbox").glob("*.eml")):
        letter = message_from_bytes(path.read_bytes(), policy=policy.default)
        body = letter.get_body(("plain",))
        address = str(letter["To"]).rpartition("<")[2].strip(">")
        found.setdefault(address, []).append(f"{letter['Subject']}\n{body.get_content() if body else ''}")
    return found


def link_in(text: str) -> str:
    found = re.search(r"/en/account/email/confirm/\w+", text)
    assert found, text
    return found[0]


def sent_again(app: Flask, link: str) -> int:
    """Return what the button answers to somebody who opened its page while the link still stood."""
    return submit(app.test_client(), "/en/account/sign-in", link).status_code


def recover_in(text: str) -> str:
    found = re.search(r"/en/account/recover/\w+", text)
    assert found, text
    return found[0]


def stop_in(text: str) -> str:
    found = re.search(r"/en/account/email/stop/[\w-]+", text)
    assert found, text
    return found[0]


def has(database: Database, email: str) -> bool:
    with database.reading() as session:
        return account_by_email(session, email) is not None


def test_the_new_address_confirms_and_the_old_one_is_told(app: Flask, make: Factory, database: Database) -> None:
    client = make.client(make.account())
    asked = submit(client, "/en/account/email", email="new@x.example", password=PASSWORD)
    assert asked.status_code == 303
    assert has(database, "person1@test.example")
    sent = letters(app)
    assert "Somebody wants to change" in sent["person1@test.example"][0]
    link = link_in(sent["new@x.example"][0])
    assert client.get(link).status_code == 200
    assert has(database, "person1@test.example"), "opening a link changes nothing"
    assert submit(app.test_client(), link).status_code == 303
    assert has(database, "new@x.example")
    assert not has(database, "person1@test.example")
    assert any("was changed" in text for text in letters(app)["person1@test.example"])
    assert sent_again(app, link) == 410, "a link works once"
    spent = client.get(link)
    assert spent.status_code == 410
    assert 'href="/en/account/email"' in spent.text, "the way to a new one"
    assert "<form" not in spent.text.partition("<main")[2].partition("</main>")[0]
    assert (spent.headers["Referrer-Policy"], spent.headers["Cache-Control"]) == ("no-referrer", "no-store, private")


def test_a_wrong_password_changes_nothing(app: Flask, make: Factory) -> None:
    client = make.client(make.account())
    assert submit(client, "/en/account/email", email="new@x.example", password="wrong-password-here").status_code == 422
    assert letters(app) == {}


def test_somebody_elses_address_is_neither_told_nor_taken(app: Flask, make: Factory, database: Database) -> None:
    client = make.client(make.account())
    make.account()
    answer = submit(client, "/en/account/email", email="person2@test.example", password=PASSWORD)
    assert answer.status_code == 303, "the answer does not tell that it is known"
    assert letters(app) == {}
    submit(client, "/en/account/email", email="soon@x.example", password=PASSWORD)
    link = link_in(letters(app)["soon@x.example"][0])
    submit(make.client(make.account()), "/en/account/email", email="soon@x.example", password=PASSWORD)
    links = [link_in(text) for text in letters(app)["soon@x.example"]]
    other = next(one for one in links if one != link)
    assert submit(app.test_client(), other).status_code == 303
    assert app.test_client().get(link).status_code == 410, "the page does not promise what the button refuses"
    assert sent_again(app, link) == 410, "the first to confirm has it"


def test_a_link_dies_after_a_day_and_with_the_next_request(
    app: Flask, make: Factory, database: Database, clock: Clock
) -> None:
    client = make.client(make.account())
    submit(client, "/en/account/email", email="first@x.example", password=PASSWORD)
    first = link_in(letters(app)["first@x.example"][0])
    submit(client, "/en/account/email", email="second@x.example", password=PASSWORD)
    second = link_in(letters(app)["second@x.example"][0])
    visitor = app.test_client()
    assert [visitor.get(link).status_code for link in (first, second)] == [410, 200]
    assert sent_again(app, first) == 410
    assert visitor.get(second.replace("/email/confirm/", "/confirm/")).status_code == 410, "made for something else"
    clock.move(timedelta(hours=25))
    assert visitor.get(second).status_code == 410
    assert visitor.get("/ko/account/email/confirm/unknown").status_code == 410
    assert sent_again(app, second) == 410
    assert not has(database, "second@x.example")


def test_the_link_of_a_closed_account_is_spent(app: Flask, make: Factory, database: Database) -> None:
    client = make.client(make.account())
    submit(client, "/en/account/email", email="first@x.example", password=PASSWORD)
    link = link_in(letters(app)["first@x.example"][0])
    with database.writing() as session:
        owner = account_by_email(session, "person1@test.example")
        assert owner is not None
        disable_account(session, SYSTEM, owner)
    assert app.test_client().get(link).status_code == 410
    assert sent_again(app, link) == 410


@pytest.mark.parametrize("change", ["nothing", "address", "password"])
def test_what_was_sent_to_the_old_address_opens_nothing_after_a_change(app: Flask, make: Factory, change: str) -> None:
    client, visitor = make.client(make.account()), app.test_client()
    submit(visitor, "/en/account/recover", email="person1@test.example")
    recover = re.search(r"/en/account/recover/\w+", letters(app)["person1@test.example"][0])
    assert recover is not None
    if change == "address":
        submit(client, "/en/account/email", email="new@x.example", password=PASSWORD)
        assert submit(visitor, link_in(letters(app)["new@x.example"][0])).status_code == 303
    elif change == "password":
        answer = submit(client, "/en/account/password", current=PASSWORD, new="another-quiet-harbour")
        assert answer.status_code == 303, answer.text
    stands = change == "nothing"
    assert visitor.get(recover[0]).status_code == (200 if stands else 410)
    taken = submit(visitor, "/en/account/recover", recover[0], password="whoever-reads-old-mail")
    assert taken.status_code == (303 if stands else 410)


OWNER, THIEF = "person1@test.example", "thief@x.example"


def by_password(app: Flask, owner: FlaskClient) -> None:
    answer = submit(owner, "/en/account/password", current=PASSWORD, new="another-quiet-harbour")
    assert answer.status_code == 303, answer.text


def by_recovery(app: Flask, owner: FlaskClient) -> None:
    submit(owner, "/en/account/recover", email=OWNER)
    link = recover_in("".join(letters(app)[OWNER]))
    assert submit(owner, link, password="another-quiet-harbour").status_code == 303


def by_signing_out_everywhere(app: Flask, owner: FlaskClient) -> None:
    assert submit(owner, "/en/account/sessions", "/en/account/sessions/end-all").status_code == 303


def by_stopping_it(app: Flask, owner: FlaskClient) -> None:
    stop = stop_in("".join(letters(app)[OWNER]))
    anybody = app.test_client()
    assert anybody.get(stop).status_code == 200
    assert anybody.get(stop).status_code == 200, "opening the link stops nothing"
    done = submit(anybody, stop)
    assert (done.status_code, done.location) == (303, "/en/account/recover")
    assert anybody.get(stop).status_code == 410, "once"
    again = submit(anybody, "/en/account/recover", stop)
    assert again.status_code == 410
    with runtime(app).database.reading() as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert actions.count("auth:address:stop") == 1


def by_the_operator(verb: Any) -> Any:
    def end(app: Flask, _owner: FlaskClient) -> None:
        with runtime(app).database.writing() as session:
            account = account_by_email(session, OWNER)
            assert account is not None
            verb(session, SYSTEM, account)

    return end


def nothing(app: Flask, owner: FlaskClient) -> None:
    """The control: without an ending the link does what it says."""


ENDINGS = {
    "password": by_password,
    "recovery": by_recovery,
    "sign out everywhere": by_signing_out_everywhere,
    "stopped": by_stopping_it,
    "signed out by the operator": by_the_operator(end_every_session),
    "factors reset": by_the_operator(reset_factors),
    "nothing": nothing,
}


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_thief_carries_no_account_off_to_another_address(
    app: Flask, make: Factory, database: Database, ending: str
) -> None:
    owner, thief = make.client(make.account()), app.test_client()
    assert submit(thief, "/en/account/sign-in", email=OWNER, password=PASSWORD).status_code == 303
    submit(thief, "/en/account/email", email=THIEF, password=PASSWORD)
    link = link_in(letters(app)[THIEF][0])
    assert app.test_client().get(link).status_code == 200
    ENDINGS[ending](app, owner)
    stands = ending == "nothing"
    visitor = app.test_client()
    assert visitor.get(link).status_code == (200 if stands else 410)
    answer = submit(visitor, "/en/account/recover", link)
    assert answer.status_code == (303 if stands else 410)
    assert "We could not understand" not in answer.text
    assert (has(database, THIEF), has(database, OWNER)) == (stands, not stands)


def test_a_closed_account_opened_again_has_no_change_waiting(app: Flask, make: Factory, database: Database) -> None:
    submit(make.client(make.account()), "/en/account/email", email=THIEF, password=PASSWORD)
    link = link_in(letters(app)[THIEF][0])
    with database.writing() as session:
        account = account_by_email(session, OWNER)
        assert account is not None
        disable_account(session, SYSTEM, account)
        enable_account(session, SYSTEM, account)
    assert sent_again(app, link) == 410
    assert not has(database, THIEF)


def test_only_the_right_link_stops_a_change(app: Flask, make: Factory, database: Database) -> None:
    client = make.client(make.account())
    submit(client, "/en/account/email", email="new@x.example", password=PASSWORD)
    sent = letters(app)
    stop, link = stop_in(sent[OWNER][0]), link_in(sent["new@x.example"][0])
    assert "/stop/" not in sent["new@x.example"][0], "only the old address can stop it"
    token = stop.rpartition("/")[2]
    name, _hyphen, secret = token.partition("-")
    for wrong in (name, f"{name}-", f"{name}-{'0' * len(secret)}", f"-{secret}", "x", "é-x", link.rpartition("/")[2]):
        path = stop.replace(token, wrong)
        assert client.get(path).status_code == 410, wrong
        assert submit(client, "/en/account/recover", path).status_code == 410, wrong
    assert submit(app.test_client(), link).status_code == 303
    made = client.get(stop)
    assert made.status_code == 410
    assert "made already" in made.text
    assert submit(app.test_client(), "/en/account/recover", stop).status_code == 410
    assert has(database, "new@x.example"), "what was made is not undone by the link"


def test_a_new_address_signs_the_other_devices_out(app: Flask, make: Factory) -> None:
    person = make.account()
    here, elsewhere = make.client(person), make.client(person)
    submit(here, "/en/account/email", email="new@x.example", password=PASSWORD)
    assert submit(here, link_in(letters(app)["new@x.example"][0])).status_code == 303
    assert here.get("/en/account/").status_code == 200
    assert elsewhere.get("/en/account/").status_code == 303


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_the_page_that_stops_speaks_every_language(app: Flask, make: Factory, language: str) -> None:
    submit(make.client(make.account()), "/en/account/email", email="new@x.example", password=PASSWORD)
    path = stop_in(letters(app)[OWNER][0]).replace("/en/", f"/{language}/")
    page = app.test_client().get(path)
    assert (page.headers["Referrer-Policy"], page.headers["Cache-Control"]) == ("no-referrer", "no-store, private")
    assert f'lang="{language}"' in page.text
