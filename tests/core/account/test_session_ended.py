"""A form that is sent after the session ended: kept, led to the door, shown again to its writer, not sent by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from sqlalchemy.orm import undefer_group
from werkzeug.test import TestResponse

from egovframe.actor import Actor
from egovframe.core.auth import account_by_public_id
from egovframe.core.modules.privacy import Look
from egovframe.core.persistence import Database, EncryptedText
from egovframe.core.web import never_kept, runtime
from egovframe.core.web.models import KeptForm
from egovframe.testing.clock import Clock
from egovframe.testing.factories import PASSWORD, Factory
from egovframe.testing.visits import submit, token_of

HOME = "/en/account/"
DOOR = "/en/account/sign-in"
ENDED = "egov_session"
TYPED = "Kim <b>Minjoon</b>"


@pytest.fixture
def database(app: Flask) -> Iterator[Database]:
    return runtime(app).database


@pytest.fixture
def kim(make: Factory) -> Actor:
    return make.account("citizen")


def email(database: Database, person: Actor) -> str:
    with database.reading() as session:
        return str(account_by_public_id(session, person.public_id).email)


def late(client: FlaskClient, headers: dict[str, str] | None = None, **more: str) -> TestResponse:
    """Fill in one's profile, lose the session's cookie, send the form."""
    token = token_of(client, HOME)
    client.delete_cookie(ENDED)
    data = {"csrf_token": token, "display_name": TYPED, "addressed_as": "neutral", "language": "en", **more}
    return client.post(HOME, data=data, headers=headers)


def back_of(answer: TestResponse) -> str:
    return parse_qs(urlsplit(answer.headers["Location"]).query)["next"][0]


def enter(client: FlaskClient, address: str, back: str) -> TestResponse:
    door = f"{DOOR}?next={quote(back, safe='')}"
    entered = submit(client, door, DOOR, email=address, password=PASSWORD, next=back)
    assert entered.status_code == 303
    return client.get(entered.headers["Location"], follow_redirects=True)


def rows(database: Database) -> list[KeptForm]:
    with database.reading() as session:
        return list(session.scalars(select(KeptForm).options(undefer_group("personal"))).all())


def name_of(database: Database, person: Actor) -> str:
    with database.reading() as session:
        return str(account_by_public_id(session, person.public_id).display_name)


def test_what_was_typed_waits_behind_the_sign_in(make: Factory, database: Database, kim: Actor) -> None:
    client, before = make.client(kim), name_of(database, kim)
    answer = late(client)
    assert (answer.status_code, urlsplit(answer.headers["Location"]).path) == (303, DOOR)
    assert "Nothing was sent yet. What you filled in is kept" in client.get(answer.headers["Location"]).text
    again = enter(client, email(database, kim), back_of(answer))
    assert again.request.path == HOME
    assert 'value="Kim &lt;b&gt;Minjoon&lt;/b&gt;"' in again.text
    assert "What you filled in is here again" in again.text
    assert name_of(database, kim) == before  # to look at first: nothing is sent by itself
    assert rows(database) == []
    assert "Minjoon" not in client.get(HOME).text  # and once only
    with database.reading() as session:
        assert session.scalars(select(Look)).all() == []  # one's own form is nobody else's data


def test_after_two_idle_hours_it_is_the_same_and_belongs_to_who_was_signed_in(
    make: Factory, database: Database, kim: Actor, clock: Clock
) -> None:
    client, other = make.client(kim), make.account("citizen")
    token = token_of(client, HOME)
    clock.move(timedelta(hours=13))
    answer = client.post(HOME, data={"csrf_token": token, "display_name": TYPED, "addressed_as": "neutral"})
    assert answer.status_code == 303
    assert [row.account_id for row in rows(database)] == [kim.account_id]
    back = back_of(answer)
    # Somebody else signs in at the same computer: they do not see it.
    strange = enter(client, email(database, other), back)
    assert "no longer kept" in strange.text
    assert "Minjoon" not in strange.text
    assert "Minjoon" not in client.get("/en/account/verify", follow_redirects=True).text
    client.delete_cookie(ENDED)
    assert "Minjoon" in enter(client, email(database, kim), back).text


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Sec-Fetch-Site": "same-origin", "Origin": "https://evil.example"},
        {},
    ],
)
def test_another_site_plants_nothing(make: Factory, database: Database, kim: Actor, headers: dict[str, str]) -> None:
    client = make.client(kim)
    token = token_of(client, HOME)
    client.delete_cookie(ENDED)
    forged = {"display_name": "Planted", "addressed_as": "neutral"}
    if headers:  # even with a token that was caught somewhere
        forged["csrf_token"] = token
    answer = client.post(HOME, data=forged, headers=headers)
    assert answer.status_code == 401
    main = answer.text.partition("<main")[2].partition("</main>")[0]
    assert f'href="{DOOR}"' in main
    assert "is kept" not in main
    assert rows(database) == []


def test_a_form_from_before_another_sign_in_is_proven_by_the_browser(
    make: Factory, database: Database, kim: Actor
) -> None:
    client = make.client(kim)
    token_of(client, HOME)
    client.delete_cookie(ENDED)
    client.delete_cookie("egov_state")  # signing out in another tab takes the secret of the tokens away
    stale = {"csrf_token": "of-before", "display_name": TYPED, "addressed_as": "neutral"}
    assert client.post(HOME, data=stale).status_code == 401
    answer = client.post(HOME, data=stale, headers={"Sec-Fetch-Site": "same-origin", "Origin": "http://localhost"})
    assert answer.status_code == 303
    assert "Minjoon" in enter(client, email(database, kim), back_of(answer)).text


def test_secrets_are_not_kept_and_it_lies_encrypted(make: Factory, database: Database, kim: Actor) -> None:
    late(make.client(kim), password="my secret password", code="123-456")
    (row,) = rows(database)
    assert "secret" not in row.fields
    assert "123-456" not in row.fields
    assert "csrf" not in row.fields
    assert isinstance(KeptForm.__table__.c.fields.type, EncryptedText)


def test_a_form_marked_so_is_never_kept(app: Flask, make: Factory, database: Database, kim: Actor) -> None:
    client = make.client(kim)
    view = app.view_functions["account.save_profile"] = never_kept(app.view_functions["account.save_profile"])
    try:
        answer = late(client)
    finally:
        del view.__never_kept__  # type: ignore[attr-defined]
    assert answer.status_code == 401
    assert "could not be kept" in answer.text
    assert DOOR in answer.text
    assert rows(database) == []


def test_too_much_is_said_to_be_lost_beside_the_way_on(make: Factory, database: Database, kim: Actor) -> None:
    answer = late(make.client(kim), much="x" * 70_000)
    assert answer.status_code == 401
    assert "could not be kept" in answer.text
    assert re.search(rf'<a class="ds-button" href="{DOOR}\?next={quote(HOME, safe="")}">Sign in</a>', answer.text)
    assert rows(database) == []


def test_a_button_is_pressed_again_by_hand(make: Factory, database: Database, kim: Actor) -> None:
    client = make.client(kim)
    token = token_of(client, "/en/account/sessions")
    client.delete_cookie(ENDED)
    answer = client.post("/en/account/sessions/end-all", data={"csrf_token": token})
    assert "press the button again" in client.get(answer.headers["Location"]).text
    assert back_of(answer) == "/en/account/sessions"
    assert rows(database) == []


def test_a_proof_asked_for_in_between_keeps_the_form_too(make: Factory, database: Database, clock: Clock) -> None:
    client = make.client(make.account("administrator", kind="staff"))
    page = "/en/admin/factors"
    token = token_of(client, page)
    clock.move(timedelta(minutes=11))
    data = {"csrf_token": token, "email": "lost@test.example", "reason": "called back under the known number"}
    back = back_of(client.post(page, data=data))
    prove = f"/en/account/prove?next={quote(back, safe='')}"
    done = submit(client, prove, "/en/account/prove", password=PASSWORD, next=back)
    again = client.get(done.headers["Location"], follow_redirects=True)
    assert again.request.path == page
    assert 'value="lost@test.example"' in again.text
    assert "called back under the known number" in again.text


def test_the_page_of_the_second_factor_keeps_no_code_but_the_way(
    app: Flask, database: Database, kim: Actor, clock: Clock
) -> None:
    client = app.test_client()
    with database.writing() as session:
        account_by_public_id(session, kim.public_id).second_factor = True
    wanted = "/en/account/history"
    back = quote(wanted, safe="")
    entered = submit(client, f"{DOOR}?next={back}", DOOR, email=email(database, kim), password=PASSWORD, next=wanted)
    step = entered.headers["Location"]
    token = token_of(client, step)
    clock.move(timedelta(hours=1))
    late_code = client.post(step, data={"csrf_token": token, "code": "123456"})
    assert late_code.headers["Location"] == f"{DOOR}?next={back}"
    assert rows(database) == []


def test_programs_get_a_problem(make: Factory, kim: Actor) -> None:
    answer = late(make.client(kim), headers={"Accept": "application/problem+json"})
    assert (answer.status_code, answer.content_type) == (401, "application/problem+json")


@pytest.mark.parametrize(
    ("role", "page", "typed", "shown"),
    [
        ("citizen", "/en/account/email", {"email": "new@test.example"}, 'value="new@test.example"'),
        ("citizen", "/en/account/verify/letter", {"address": "1 Lotus\nLane"}, "1 Lotus\nLane</textarea>"),
        ("registrar", "/en/desk/residents", {"email": "who@test.example"}, 'value="who@test.example"'),
        ("administrator", "/en/admin/roles", {"code": "night_watch", "title": "Night watch"}, 'value="Night watch"'),
        (
            "administrator",
            "/en/admin/roles/auditor",
            {"title": "Auditor at night", "permissions": "cases:case:read"},
            'value="cases:case:read" checked',
        ),
        ("administrator", "/en/admin/settings/auth.letter_days", {"value": "17"}, 'value="17"'),
    ],
)
def test_every_form_is_filled_in_again(
    make: Factory, database: Database, role: str, page: str, typed: dict[str, str], shown: str
) -> None:
    person = make.account(role, kind="citizen" if role == "citizen" else "staff")
    client = make.client(person)
    before = client.get(page).text
    assert shown not in before
    client.delete_cookie(ENDED)
    answer = client.post(page, data={"csrf_token": token_in(before), **typed})
    again = enter(client, email(database, person), back_of(answer))
    assert (again.request.path, again.status_code) == (page, 200)
    assert shown in again.text.replace("\r\n", "\n")
    assert again.text.count("What you filled in is here again") == 1


def token_in(page: str) -> str:
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]  # type: ignore[index]


def test_of_several_forms_the_one_that_was_sent_is_open_and_filled_in(
    make: Factory, database: Database, kim: Actor
) -> None:
    admin = make.account("administrator", kind="staff")
    client = make.client(admin)
    page = f"/en/admin/accounts/{kim.public_id}"
    token = token_in(client.get(page).text)
    client.delete_cookie(ENDED)
    data = {"csrf_token": token, "reason": "moved to another city"}
    answer = client.post(f"{page}/disable", data=data, headers={"Referer": f"http://localhost{page}"})
    again = enter(client, email(database, admin), back_of(answer))
    assert again.request.path == page
    [opened] = re.findall(r"<details open>.*?</details>", again.text, re.DOTALL)
    assert f"{page}/disable" in opened
    assert "moved to another city" in opened
    assert again.text.count("moved to another city") == 1
