"""A service asks for a level: why, the ways up, and back to the half-filled form, as a browser without scripts sees."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from helpers.ideas import REASON, ideas, ideas_api
from sqlalchemy import func, select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    Evidence,
    account_by_public_id,
    letters_to_print,
    mark_sent,
    note_provider_claims,
    one_time_link,
    print_letters,
    verify_resident,
)
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database
from egovframe.core.web import mount_api, mount_pages, runtime
from egovframe.core.web.models import KeptForm
from egovframe.testing.clock import Clock
from egovframe.testing.factories import PASSWORD, Factory
from egovframe.testing.visits import submit, token_of


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a service that asks for residents."""
    mount_pages(app, ideas)
    mount_api(app, ideas_api)
    return app


@pytest.fixture
def database(app: Flask) -> Iterator[Database]:
    return runtime(app).database


def become_resident(database: Database, person: Actor, name: str = "Kim") -> None:
    with database.writing() as session:
        account = account_by_public_id(session, person.public_id)
        verify_resident(session, SYSTEM, account, Evidence(name, date(1980, 1, 1), "1"), source="passport")


def resume_link(page: str) -> str:
    return re.search(r'href="(/en/account/resume/[0-9a-z]+)"', page)[1]  # type: ignore[index]


def kept(database: Database) -> int:
    with database.reading() as session:
        return int(session.scalar(select(func.count()).select_from(KeptForm)) or 0)


def fill_in(client: FlaskClient, **more: str) -> Any:
    return submit(client, "/en/ideas/new", title="Benches", why="<b>For</b> the elderly", **more)


def test_a_form_is_kept_and_shown_again_once(make: Factory, database: Database) -> None:
    person = make.account("citizen")
    client = make.client(person)
    refused = fill_in(client)
    assert refused.status_code == 403
    assert REASON in refused.text
    assert "kept for 24 hours" in refused.text
    assert kept(database) == 1
    become_resident(database, person)
    ways = client.get("/en/account/verify")
    again = client.get(resume_link(ways.text), follow_redirects=True)
    assert again.request.path == "/en/ideas/new"
    assert 'value="Benches"' in again.text
    assert "&lt;b&gt;For&lt;/b&gt; the elderly" in again.text
    assert "is here again" in again.text
    assert kept(database) == 0
    assert 'value="Benches"' not in client.get("/en/ideas/new").text
    assert fill_in(client).text.startswith("supported: Benches by ")


def test_a_visitor_signs_in_and_goes_on(app: Flask, make: Factory, database: Database) -> None:
    person = make.resident("citizen")
    with database.reading() as session:
        email = account_by_public_id(session, person.public_id).email
    client = app.test_client()
    refused = fill_in(client)
    assert refused.status_code == 403
    door = re.search(r'href="(/en/account/sign-in\?next=[^"]+)"', refused.text)[1]  # type: ignore[index]
    entered = submit(client, door, email=email, password=PASSWORD, next=resume_of(door))
    again = client.get(entered.headers["Location"], follow_redirects=True)
    assert 'value="Benches"' in again.text
    assert fill_in(client).text.startswith("supported")


def resume_of(door: str) -> str:
    from urllib.parse import parse_qs, urlsplit

    return parse_qs(urlsplit(door).query)["next"][0]


def test_nobody_else_sees_it(app: Flask, make: Factory, database: Database) -> None:
    writer, other = make.account("citizen"), make.resident("citizen")
    client = make.client(writer)
    ways = fill_in(client).text
    link = resume_link(ways)
    stranger = make.client(other)
    assert "no longer kept" in stranger.get(link, follow_redirects=True).text
    cookie = client.get_cookie("egov_kept")
    assert cookie is not None
    stranger.set_cookie("egov_kept", cookie.value)  # the same browser, another account
    assert "no longer kept" in stranger.get(link, follow_redirects=True).text
    assert kept(database) == 1


def test_it_is_kept_for_a_day(make: Factory, database: Database, clock: Clock) -> None:
    client = make.client(make.account("citizen"))
    link = resume_link(fill_in(client).text)
    clock.move(timedelta(hours=24, minutes=1))
    assert "no longer kept" in client.get(link, follow_redirects=True).text


def test_another_site_cannot_leave_a_form_behind(make: Factory, database: Database) -> None:
    client = make.client(make.account("citizen"))
    refused = client.post("/en/ideas/new", data={"title": "Planted"})
    assert refused.status_code == 403
    assert "could not be kept" in refused.text
    assert kept(database) == 0


def test_too_much_is_not_kept_and_passwords_never(make: Factory, database: Database) -> None:
    client = make.client(make.account("citizen"))
    assert "could not be kept" in fill_in(client, much="x" * 70_000).text
    fill_in(client, password="my secret password")
    with database.reading() as session:
        row = session.scalars(select(KeptForm)).one()
        assert "Benches" in row.fields
        assert "secret" not in row.fields


def test_a_service_may_ask_and_the_form_stands_elsewhere(make: Factory, database: Database, app: Flask) -> None:
    client = app.test_client()
    token = token_of(client, "/en/ideas/new")
    data = {"csrf_token": token, "title": "From afar"}
    refused = client.post("/en/ideas/checked", data=data, headers={"Referer": "http://localhost/en/ideas/new"})
    assert refused.status_code == 403
    assert "confirmed e-mail address" in refused.text
    assert 'value="From afar"' in client.get(resume_of(door_of(refused.text)), follow_redirects=True).text
    done = make.client(make.account("citizen"))
    assert done.post("/en/ideas/checked", data={"csrf_token": token_of(done, "/en/ideas/new")}).text == "done"


def door_of(page: str) -> str:
    return re.search(r'href="(/en/account/sign-in\?next=[^"]+)"', page)[1]  # type: ignore[index]


def test_programs_are_told_the_level(app: Flask, make: Factory) -> None:
    client = app.test_client()
    body = {"title": "Benches"}
    person, resident = make.account("citizen"), make.resident("citizen")
    refused = client.post("/api/v1/ideas", json=body, headers=make.token(person))
    assert refused.status_code == 403
    assert refused.content_type == "application/problem+json"
    assert refused.json["required_assurance"] == "resident_verified"
    assert refused.json["detail"] == REASON
    unknown = client.post("/api/v1/ideas", json=body)
    assert (unknown.status_code, unknown.json["required_assurance"]) == (401, "resident_verified")
    assert client.post("/api/v1/ideas", json=body, headers=make.token(resident)).status_code == 200


def test_a_letter_is_asked_for_printed_sent_and_answered(make: Factory, database: Database) -> None:
    person, official = make.account("citizen"), make.account("registrar", kind="staff")
    client, desk = make.client(person), make.client(official)
    fill_in(client)
    facts = {"name": "김민서", "birth_date": "1980-02-29", "address_code": "04524", "address": "1 Main Street\n04524"}
    assert submit(client, "/en/account/verify/letter", **facts).status_code == 303
    assert "being prepared" in client.get("/en/account/verify").text
    page = desk.get("/en/desk/residents/letters").text
    public_id = re.search(r'name="letters" value="([0-9a-z]+)"', page)[1]  # type: ignore[index]
    token = token_of(desk, "/en/desk/residents/letters")
    printed = desk.post("/en/desk/residents/letters/print", data={"csrf_token": token, "letters": public_id})
    assert printed.status_code == 200
    code = re.search(r"([0-9A-Z]{5}-[0-9A-Z]{5})", printed.text)[1]  # type: ignore[index]
    assert "김민서" in printed.text
    desk.post("/en/desk/residents/letters/sent", data={"csrf_token": token, "letters": public_id})
    assert "김민서" not in desk.get("/en/desk/residents/letters").text
    wrong = submit(client, "/en/account/verify/code", code="AAAAA-AAAAA")
    assert (wrong.status_code, "Tries left: 4" in wrong.text) == (422, True)
    prefilled = client.get(f"/en/account/verify/code/{code}")
    assert code in prefilled.text
    assert prefilled.headers["Referrer-Policy"] == "no-referrer"
    done = submit(client, "/en/account/verify/code", code=code)
    assert 'value="Benches"' in client.get(done.headers["Location"], follow_redirects=True).text
    assert fill_in(client).text.startswith("supported")


def test_an_official_verifies_at_the_counter(make: Factory, database: Database) -> None:
    person, official = make.account("citizen"), make.account("registrar", kind="staff")
    desk = make.client(official)
    with database.reading() as session:
        email = account_by_public_id(session, person.public_id).email
    assert submit(desk, "/en/desk/residents", email="nobody@test.example").status_code == 422
    found = submit(desk, "/en/desk/residents", email=email).headers["Location"]
    facts = {"name": "Kim", "birth_date": "1980-01-01", "address_code": "1", "document": "passport"}
    unseen = submit(desk, found, f"{found}/verify", **facts)
    assert (unseen.status_code, "Without having seen" in unseen.text) == (422, True)
    done = submit(desk, found, f"{found}/verify", seen="1", **facts)
    assert done.status_code == 303
    assert "Verified resident" in desk.get(found).text
    submit(desk, found, f"{found}/withdraw", reason="moved away")
    assert "Verified resident" not in desk.get(found).text


def test_a_doubtful_case_is_decided_on_its_page(make: Factory, database: Database) -> None:
    first, second = make.account("citizen"), make.account("citizen")
    desk = make.client(make.account("registrar", kind="staff"))
    become_resident(database, first)
    with database.writing() as session:
        account = account_by_public_id(session, second.public_id)
        moved = Evidence("Kim", date(1980, 1, 1), "another door")
        clash = verify_resident(session, SYSTEM, account, moved, source="passport").clash
        assert clash is not None
        public_id = clash.public_id
    assert f"/en/desk/residents/doubtful/{public_id}" in desk.get("/en/desk/residents/doubtful").text
    page = f"/en/desk/residents/doubtful/{public_id}"
    assert submit(desk, page, decision="same", reason="").status_code == 422
    assert submit(desk, page, decision="same", reason="the register says so").status_code == 303
    with database.reading() as session:
        from egovframe.core.auth import count_persons

        assert count_persons(session, [first.account_id or 0, second.account_id or 0]) == 1


@pytest.mark.parametrize("path", ["", "/letters", "/doubtful"])
def test_the_office_is_closed_to_others(app: Flask, make: Factory, path: str) -> None:
    assert make.client(make.account("officer", kind="staff")).get(f"/en/desk/residents{path}").status_code == 403
    assert make.client(make.account("citizen")).get(f"/en/desk/residents{path}").status_code == 403
    assert app.test_client().get(f"/en/desk/residents{path}").status_code == 303


def test_an_unconfirmed_person_asks_for_the_link_again(make: Factory, database: Database) -> None:
    person = make.account("citizen")
    client = make.client(person)
    with database.writing() as session:
        account = account_by_public_id(session, person.public_id)
        account.confirmed_at, account.assurance = None, "registered"
    assert "Send the link again" in client.get("/en/account/verify").text
    assert submit(client, "/en/account/verify", "/en/account/verify/contact").status_code == 303


def test_confirming_the_address_leads_back_to_the_form(app: Flask, make: Factory, database: Database) -> None:
    person = make.account("citizen")
    client = make.client(person)
    with database.writing() as session:
        account = account_by_public_id(session, person.public_id)
        account.confirmed_at, account.assurance = None, "registered"
    data = {"csrf_token": token_of(client, "/en/ideas/new"), "title": "Benches"}
    refused = client.post("/en/ideas/checked", data=data, headers={"Referer": "http://localhost/en/ideas/new"})
    assert refused.status_code == 403
    submit(client, "/en/account/verify", "/en/account/verify/contact")
    with database.reading() as session:
        told = session.scalars(select(EventRow).where(EventRow.name == "auth.ConfirmationAsked")).one()
        link = one_time_link(session, told.payload["token_id"])
        assert link is not None
    done = submit(client, f"/en/account/confirm/{link.token}")
    assert 'value="Benches"' in client.get(done.headers["Location"], follow_redirects=True).text


def test_a_provider_confirms_the_address(make: Factory, database: Database) -> None:
    person = make.account("citizen")
    with database.writing() as session:
        account = account_by_public_id(session, person.public_id)
        account.confirmed_at, account.assurance = None, "registered"
        note_provider_claims(session, account, "p", "s", {"email": "else@test.example", "email_verified": True})
        assert account.assurance == "registered"
        note_provider_claims(session, account, "p", "s", {"email": account.email, "email_verified": True})
        assert account.assurance == "contact_verified"


def test_letters_can_be_printed_in_every_language(make: Factory, database: Database) -> None:
    desk = make.client(make.account("registrar", kind="staff"))
    for lang in ("en", "ko", "ar"):
        client = make.client(make.account("citizen"))
        facts = {"name": "Kim", "birth_date": "1980-02-29", "address_code": lang, "address": "1 Main Street"}
        submit(client, f"/{lang}/account/verify/letter", **facts)
    with database.reading() as session:
        ids = [row.public_id for row in letters_to_print(session)]
    token = token_of(desk, "/ar/desk/residents/letters")
    page = desk.post("/ar/desk/residents/letters/print", data={"csrf_token": token, "letters": ids}).text
    for lang, way in (("en", "ltr"), ("ko", "ltr"), ("ar", "rtl")):
        assert f'<article class="sheet" lang="{lang}" dir="{way}">' in page
    assert page.count("<svg") == 3
    with database.writing() as session:
        assert len(print_letters(session, SYSTEM, letters_to_print(session))) == 3
        assert mark_sent(session, SYSTEM, ids) == 3
