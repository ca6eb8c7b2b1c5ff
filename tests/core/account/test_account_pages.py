"""The account pages as a browser without scripts sees them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from egovframe.actor import SYSTEM
from egovframe.core.auth import (
    CHEAP,
    Account,
    account_by_email,
    create_account,
    disable_account,
    grant_role,
    hash_password,
    one_time_link,
)
from egovframe.core.modules.events import EventRow
from egovframe.core.modules.notifications.delivering import tools_of
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.core.web.account.addresses import local
from egovframe.testing.clock import Clock

PASSWORD = "quiet-harbour-lantern"
HASHED = hash_password(PASSWORD, CHEAP)
COOKIE = "egov_session"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')


@pytest.fixture
def database(app: Flask) -> Iterator[Database]:
    """The application's database."""
    return runtime(app).database


@pytest.fixture
def kim(database: Database) -> int:
    """A citizen."""
    return make(database, "kim@city.example")


def make(database: Database, email: str, role: str | None = None, **facts: Any) -> int:
    with database.writing() as session:
        account = create_account(session, SYSTEM, email=email, display_name="Kim Minjoon", password=HASHED, **facts)
        if role:
            grant_role(session, SYSTEM, account, role)
        return account.id


def send(client: FlaskClient, path: str, page: str | None = None, **data: str) -> TestResponse:
    """Load the page, take its CSRF token, send the form."""
    found = TOKEN.search(client.get(page or path).get_data(as_text=True))
    assert found is not None
    return client.post(path, data={"csrf_token": found[1], **data})


def enter(client: FlaskClient, email: str = "kim@city.example", password: str = PASSWORD, **more: str) -> TestResponse:
    return send(client, "/en/account/sign-in", email=email, password=password, **more)


def cookie(client: FlaskClient) -> str | None:
    found = client.get_cookie(COOKIE)
    return None if found is None else found.value


def is_in(client: FlaskClient) -> bool:
    return client.get("/en/account/").status_code == 200


def last_event(database: Database, name: str) -> dict[str, Any]:
    with database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.name == name).order_by(EventRow.id.desc()))
        payload: dict[str, Any] = rows.first().payload  # type: ignore[union-attr]
        return payload


def link(database: Database, name: str) -> str:
    with database.reading() as session:
        found = one_time_link(session, last_event(database, name)["token_id"])
        assert found is not None
        return found.token


def test_a_citizen_signs_in_and_out(client: FlaskClient, kim: int) -> None:
    assert client.get("/en/account/").status_code == 303
    response = enter(client)
    assert response.status_code == 303
    assert response.location == "/en/"
    page = client.get("/en/account/")
    assert page.status_code == 200
    assert "kim@city.example" in page.get_data(as_text=True)
    assert "no-store" in page.headers["Cache-Control"]
    assert client.get("/en/account/sign-in").status_code == 303
    old = cookie(client)
    assert send(client, "/en/account/sign-out", "/en/account/").status_code == 303
    assert cookie(client) is None
    client.set_cookie(COOKIE, str(old))
    assert not is_in(client)


def test_the_cookie_is_for_the_browser_and_our_site_only(client: FlaskClient, kim: int) -> None:
    header = next(each for each in enter(client).headers.getlist("Set-Cookie") if each.startswith(COOKIE))
    assert "HttpOnly" in header
    assert "SameSite=Lax" in header
    assert "Path=/" in header
    assert "Domain" not in header


class TestHttps:
    """A portal behind https."""

    @pytest.fixture
    def city_settings(self, city_settings: dict[str, Any]) -> dict[str, Any]:
        """Its address."""
        return {**city_settings, "public_url": "https://saebit.example"}

    def test_the_cookie_is_bound_to_the_host(self, client: FlaskClient, kim: int) -> None:
        base = "https://saebit.example"
        page = client.get("/en/account/sign-in", base_url=base).get_data(as_text=True)
        found = TOKEN.search(page)
        assert found is not None
        data = {"csrf_token": found[1], "email": "kim@city.example", "password": PASSWORD}
        response = client.post("/en/account/sign-in", data=data, base_url=base, headers={"Referer": base + "/"})
        header = next(each for each in response.headers.getlist("Set-Cookie") if "egov_session" in each)
        assert header.startswith("__Host-egov_session=")
        assert "Secure" in header


def test_wrong_passwords_unknown_addresses_and_closed_accounts_look_alike(
    client: FlaskClient, database: Database, kim: int
) -> None:
    closed = make(database, "closed@city.example")
    with database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, closed))
    seen = set()
    for email, password in [
        ("kim@city.example", "wrong-wrong-wrong"),
        ("nobody@city.example", PASSWORD),
        ("closed@city.example", PASSWORD),
    ]:
        response = enter(client, email, password)
        text = TOKEN.sub("", response.get_data(as_text=True)).replace(email, "")
        seen.add((response.status_code, re.sub(r"[0-9a-z]{20}", "", text)))
        assert "The e-mail address or the password is not right." in text
        assert password not in text
    assert len(seen) == 1
    assert seen.pop()[0] == 422
    assert cookie(client) is None


def test_a_planted_session_id_does_not_survive_sign_in(client: FlaskClient, kim: int) -> None:
    client.set_cookie(COOKIE, "planted")
    enter(client)
    assert cookie(client) not in {None, "planted"}
    first = cookie(client)
    client.get("/en/account/")
    assert cookie(client) == first
    other = client.application.test_client()
    other.set_cookie(COOKIE, "planted")
    assert not is_in(other)


def test_the_csrf_secret_changes_at_sign_in(client: FlaskClient, kim: int) -> None:
    page = client.get("/en/account/sign-in").get_data(as_text=True)
    before = TOKEN.search(page)
    assert before is not None
    enter(client)
    stale = client.post("/en/account/sign-out", data={"csrf_token": before[1]})
    assert stale.status_code == 400
    assert is_in(client)
    assert client.post("/en/account/sign-out", data={}).status_code == 400
    assert is_in(client)


FOREIGN = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "\\/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "https://evil.example/",
    "http:evil.example",
    "/\t/evil.example",
    "\t//evil.example",
    "evil.example",
    "data:text/html,x",
    "@evil.example",
    "/\u0085/evil.example",
]


@pytest.mark.parametrize("address", [*FOREIGN, "", "/en/\n", "/en/\r\nSet-Cookie: a=b", "/en/ x", " /en/", "/a\\b"])
def test_foreign_and_crooked_addresses_are_not_local(address: str) -> None:
    assert local(address) is None


@pytest.mark.parametrize("address", ["/", "/en/", "/ko/account/sessions?page=2", "/en/%EA%B0%80?q=a%2Fb#c", "/en/가"])
def test_our_own_addresses_are_local(address: str) -> None:
    assert local(address) == address


def test_next_leads_to_our_own_pages_only(client: FlaskClient, kim: int) -> None:
    for address in FOREIGN:
        assert (address, enter(client, next=address).location) == (address, "/en/")
        assert client.get("/en/account/sign-in", query_string={"next": address}).location == "/en/"
        client.delete_cookie(COOKIE)


def test_next_leads_back_to_where_one_was_going(client: FlaskClient, kim: int) -> None:
    asked = client.get("/en/account/sessions?page=2")
    assert asked.status_code == 303
    shown = client.get(asked.location).get_data(as_text=True)
    assert 'value="/en/account/sessions?page=2"' in shown
    assert enter(client, next="/en/account/sessions?page=2").location == "/en/account/sessions?page=2"


def test_people_land_in_their_own_language(client: FlaskClient, database: Database) -> None:
    make(database, "lee@city.example", language="ko")
    assert enter(client, "lee@city.example").location == "/ko/"


def test_extra_fields_are_refused_and_change_nothing(client: FlaskClient, database: Database, kim: int) -> None:
    extras = ("role", "is_admin", "state", "kind", "assurance", "account_id")
    for extra in extras:
        data = {"display_name": "Eve", "email": "eve@city.example", "password": PASSWORD, extra: "administrator"}
        assert send(client, "/en/account/register", **data).status_code == 422
    enter(client)
    for extra in extras:
        profile = {"display_name": "Eve", "addressed_as": "", "language": "en", extra: "staff"}
        assert send(client, "/en/account/", **profile).status_code == 422
    with database.reading() as session:
        assert account_by_email(session, "eve@city.example") is None
        account = session.get_one(Account, kim)
        assert (account.display_name, account.kind) == ("Kim Minjoon", "citizen")


def test_guessing_meets_a_limit_and_success_costs_nothing(client: FlaskClient, kim: int) -> None:
    for _ in range(12):
        assert enter(client).status_code == 303
        client.delete_cookie(COOKIE)
    statuses = [enter(client, password="wrong-wrong-wrong").status_code for _ in range(11)]
    assert statuses == [422] * 10 + [429]
    closed = enter(client)
    assert closed.status_code == 429
    assert int(closed.headers["Retry-After"]) <= 15 * 60


def test_the_limit_of_an_account_ends_by_itself(client: FlaskClient, kim: int, clock: Any, database: Database) -> None:
    for _ in range(11):
        enter(client, password="wrong-wrong-wrong")
    assert enter(client).status_code == 429
    clock.move(timedelta(minutes=16))
    assert enter(client).status_code == 303


def test_one_address_cannot_try_many_accounts(client: FlaskClient) -> None:
    statuses = [enter(client, f"nobody{n}@city.example").status_code for n in range(27)]
    assert statuses[:25] == [422] * 25
    assert statuses[26] == 429


def test_an_account_is_opened_confirmed_and_used(client: FlaskClient, database: Database) -> None:
    data = {"display_name": "김민준", "addressed_as": "", "email": "new@city.example", "password": PASSWORD}
    assert send(client, "/ko/account/register", **data).location == "/ko/account/check-mail"
    assert client.get("/ko/account/check-mail").status_code == 200
    token = link(database, "auth.AccountRegistered")
    page = client.get(f"/ko/account/confirm/{token}")
    assert page.headers["Referrer-Policy"] == "no-referrer"
    assert "no-store" in page.headers["Cache-Control"]
    with database.reading() as session:
        known = account_by_email(session, "new@city.example")
        assert known is not None
        assert known.confirmed_at is None  # opening the link changes nothing: programs open links too
        assert known.language == "ko"
    assert send(client, f"/ko/account/confirm/{token}").status_code == 303
    assert send(client, f"/ko/account/confirm/{token}", "/ko/account/sign-in").status_code == 410
    assert client.get(f"/ko/account/confirm/{token}").status_code == 410
    assert enter(client, "new@city.example").status_code == 303


def test_registering_a_known_address_looks_the_same(client: FlaskClient, database: Database, kim: int) -> None:
    answers = [
        send(client, "/en/account/register", display_name="X", email=email, password="another-quiet-harbour")
        for email in ("KIM@city.example", "fresh@city.example")
    ]
    assert len({(each.status_code, each.location) for each in answers}) == 1
    assert last_event(database, "auth.RegistrationRepeated") == {"account_id": kim}
    assert enter(client).status_code == 303


def test_a_confirmed_address_says_so_to_whoever_holds_its_link(client: FlaskClient, database: Database) -> None:
    said = "Your e-mail address is confirmed already"
    for name in ("first", "second"):
        send(client, "/en/account/register", display_name="X", email=f"{name}@city.example", password=PASSWORD)
        if name == "first":
            first = f"/en/account/confirm/{link(database, 'auth.AccountRegistered')}"
    second = f"/en/account/confirm/{link(database, 'auth.AccountRegistered')}"
    assert send(client, first).status_code == 303
    twice = send(client, first, "/en/account/sign-in")
    for answer in (twice, client.get(first)):
        assert answer.status_code == 410
        assert said in answer.text
        assert answer.headers["Referrer-Policy"] == "no-referrer"
    enter(client, "second@city.example")
    assert send(client, "/en/account/verify/contact", "/en/account/").status_code == 303
    replaced = client.get(second)
    assert (replaced.status_code, said in replaced.text) == (410, False), "a link that was replaced confirms nothing"
    assert said not in client.get(first[:-1] + "x").text
    with database.writing() as session:
        account = account_by_email(session, "first@city.example")
        assert account is not None
        disable_account(session, SYSTEM, account)
    assert said not in client.get(first).text, "a closed account says nothing"


def test_a_new_password_is_not_the_name_in_the_address(client: FlaskClient, database: Database, kim: int) -> None:
    make(database, "moonlighter@city.example")
    send(client, "/en/account/recover", email="moonlighter@city.example")
    path = f"/en/account/recover/{link(database, 'auth.RecoveryRequested')}"
    refused = send(client, path, password="moonlighter2026!")
    assert refused.status_code == 422
    assert "easy to guess" in refused.text
    send(client, "/en/account/recover", email="kim@city.example")
    other = f"/en/account/recover/{link(database, 'auth.RecoveryRequested')}"
    assert send(client, other, password="moonlighter2026!").status_code == 303, "somebody else's name is no rule"


def test_what_was_emptied_is_not_said_to_be_still_there(client: FlaskClient, database: Database, kim: int) -> None:
    kept = "What you typed is still here."
    assert kept in send(client, "/en/account/register", display_name="X", email="x@x.example", password="short").text
    send(client, "/en/account/recover", email="kim@city.example")
    path = f"/en/account/recover/{link(database, 'auth.RecoveryRequested')}"
    refused = send(client, path, password="short")
    assert refused.status_code == 422
    assert "Use at least" in refused.text
    assert kept not in refused.text


def test_the_mail_about_a_new_password_leads_to_another_one(app: Flask, kim: int) -> None:
    for language in ("en", "ko", "ar"):
        told = tools_of(runtime(app).database).renderer.render(
            "auth.password_changed", "account:1", {}, language=language
        )
        assert told.link.endswith(f"/{language}/account/recover")


def test_a_weak_password_is_explained_and_the_rest_kept(client: FlaskClient) -> None:
    response = send(client, "/en/account/register", display_name="Kim", email="k@city.example", password="password1234")
    text = response.get_data(as_text=True)
    assert response.status_code == 422
    assert "easy to guess" in text
    assert 'value="k@city.example"' in text
    assert "password1234" not in text


def test_a_forgotten_password_is_replaced(client: FlaskClient, database: Database, kim: int) -> None:
    elsewhere = client.application.test_client()
    enter(elsewhere)
    answers = {
        send(client, "/en/account/recover", email=email).location for email in ("kim@city.example", "no@city.example")
    }
    assert answers == {"/en/account/check-mail"}
    token = link(database, "auth.RecoveryRequested")
    path = f"/en/account/recover/{token}"
    assert send(client, path, password="short").status_code == 422
    assert send(client, path, password="another-quiet-harbour").location == "/en/account/sign-in"
    assert not is_in(elsewhere)
    assert enter(client).status_code == 422
    assert enter(client, password="another-quiet-harbour").status_code == 303
    spent = client.get(path)
    assert spent.status_code == 410
    assert 'href="/en/account/recover"' in spent.text
    assert 'name="password"' not in spent.text
    assert (spent.headers["Referrer-Policy"], spent.headers["Cache-Control"]) == ("no-referrer", "no-store, private")
    again = send(client, path, "/en/account/recover", password="third-quiet-harbour")
    assert again.status_code == 410
    assert 'href="/en/account/recover"' in again.text, "a double click leads on as opening the link does"
    assert "could not understand" not in again.text
    assert enter(client.application.test_client(), password="another-quiet-harbour").status_code == 303


def test_a_link_stands_until_it_is_used_replaced_or_too_old(
    client: FlaskClient, database: Database, kim: int, clock: Clock
) -> None:
    def ask() -> str:
        send(client, "/en/account/recover", email="kim@city.example")
        return f"/en/account/recover/{link(database, 'auth.RecoveryRequested')}"

    first = ask()
    assert client.get(first).status_code == 200
    assert client.get(first).status_code == 200, "looking uses nothing up"
    second = ask()
    assert [client.get(path).status_code for path in (first, second)] == [410, 200]
    assert client.get(second.replace("/recover/", "/confirm/")).status_code == 410, "made for something else"
    clock.move(timedelta(hours=2))
    assert client.get(second).status_code == 410
    assert client.get("/ar/account/recover/unknown").status_code == 410


def test_a_spent_link_leads_on_from_where_one_stands(client: FlaskClient, kim: int) -> None:
    def ways() -> list[str]:
        page = client.get("/en/account/confirm/spent").text
        return re.findall(r'href="([^"]+)"', page.partition("<main")[2].partition("</main>")[0])

    assert ways() == ["/en/account/sign-in"]
    enter(client)
    assert ways() == ["/en/account/verify"], "whoever is signed in is not sent to sign in"


def test_recovery_links_are_not_made_without_end(client: FlaskClient, kim: int) -> None:
    statuses = [send(client, "/en/account/recover", email="kim@city.example").status_code for _ in range(6)]
    assert statuses == [303] * 5 + [429]


def test_links_do_not_follow_a_foreign_host(client: FlaskClient, kim: int) -> None:
    page = client.get("/en/account/recover", headers={"Host": "evil.example"})
    assert page.status_code == 400
    forwarded = client.get("/en/account/recover", headers={"X-Forwarded-Host": "evil.example"})
    assert "evil.example" not in forwarded.get_data(as_text=True)


def test_changing_the_password_signs_other_devices_out(client: FlaskClient, kim: int) -> None:
    other = client.application.test_client()
    enter(client)
    enter(other)
    wrong = send(client, "/en/account/password", current="no-no-no-no-no", new="another-quiet-harbour")
    assert wrong.status_code == 422
    done = send(client, "/en/account/password", current=PASSWORD, new="another-quiet-harbour")
    assert done.status_code == 303
    assert is_in(client)
    assert not is_in(other)


def test_devices_are_listed_and_signed_out_one_by_one(client: FlaskClient, database: Database, kim: int) -> None:
    other = client.application.test_client()
    stranger = client.application.test_client()
    make(database, "lee@city.example")
    enter(client)
    other.environ_base["HTTP_USER_AGENT"] = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    enter(other)
    enter(stranger, "lee@city.example")
    page = client.get("/en/account/sessions").get_data(as_text=True)
    assert "Firefox, Linux" in page
    assert "This device" in page
    action = re.search(r'action="(/en/account/sessions/[0-9a-z]+/end)"', page)
    assert action is not None
    assert send(stranger, action[1], "/en/account/sessions").status_code == 404
    assert is_in(other)
    assert send(client, action[1], "/en/account/sessions").status_code == 303
    assert not is_in(other)
    assert is_in(client)
    assert send(client, action[1], "/en/account/sessions").status_code == 404


def test_a_role_change_gives_a_new_id_and_the_old_one_dies(client: FlaskClient, database: Database, kim: int) -> None:
    enter(client)
    old = cookie(client)
    with database.writing() as session:
        grant_role(session, SYSTEM, session.get_one(Account, kim), "auditor")
    assert is_in(client)
    assert cookie(client) not in {None, old}
    assert is_in(client)
    thief = client.application.test_client()
    thief.set_cookie(COOKIE, str(old))
    assert not is_in(thief)


def test_a_disabled_account_is_out_at_once(client: FlaskClient, database: Database, kim: int) -> None:
    enter(client)
    with database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, kim))
    assert not is_in(client)


def test_details_are_corrected(client: FlaskClient, database: Database, kim: int) -> None:
    enter(client)
    response = send(client, "/en/account/", display_name="<b>김</b>", addressed_as="Dr Kim", language="ko")
    assert response.status_code == 303
    page = client.get("/en/account/").get_data(as_text=True)
    assert "<b>김</b>" not in page
    assert "&lt;b&gt;김&lt;/b&gt;" in page
    assert send(client, "/en/account/", display_name="", addressed_as="", language="xx").status_code == 422


def test_every_page_stands_in_every_language(client: FlaskClient) -> None:
    for language in ("en", "ko", "ar"):
        for path in ("sign-in", "register", "recover", "check-mail", "confirm/x", "recover/x", "email/confirm/x"):
            response = client.get(f"/{language}/account/{path}")
            assert response.status_code == (410 if path.endswith("/x") else 200)
            assert f'lang="{language}"' in response.get_data(as_text=True)


def test_own_pages_lead_strangers_to_sign_in(client: FlaskClient) -> None:
    for path in ("", "password", "sessions"):
        response = client.get(f"/en/account/{path}")
        assert response.status_code == 303
        assert response.location.startswith("/en/account/sign-in?next=")
