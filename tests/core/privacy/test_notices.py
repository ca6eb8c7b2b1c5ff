"""Terms and notices: put before people once a version, remembered, taken back; nobody else is interrupted."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from egovframe.actor import SYSTEM
from egovframe.core.auth import account_by_email
from egovframe.core.i18n import Translated
from egovframe.core.modules.privacy.services import (
    consents_of,
    give_consent,
    newest_versions,
    publish_notice,
    unanswered,
    versions_of,
    withdraw_consent,
)
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound
from egovframe.testing.factories import PASSWORD, Factory
from egovframe.testing.visits import signed_in, submit


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    found: Database = runtime(app).database
    return found


def publish(database: Database, code: str = "privacy", kind: str = "privacy", body: str = "Text", **more: Any) -> int:
    texts = {"en": body, "ko": f"{body} 한", "ar": f"{body} ع"}
    with database.writing() as session:
        title = Translated.from_texts("en", {"en": code.title()})
        row = publish_notice(
            session, SYSTEM, code, kind=kind, title=title, body=Translated.from_texts("en", texts), **more
        )
        return row.id


def test_a_new_version_is_put_before_people_once_and_leads_on(app: Flask, make: Factory, database: Database) -> None:
    person = make.account()
    client = make.client(person)
    assert client.get("/en/account").status_code == 200
    first = publish(database)
    answer = client.get("/ar/account/sessions")
    assert answer.status_code == 303
    assert "/ar/account/agree?next=/ar/account/sessions" in answer.location.replace("%2F", "/")
    page = client.get(answer.location)
    assert "Text ع" in page.text
    done = submit(client, answer.location, "/ar/account/agree", versions=str(first), next="/ar/account/sessions")
    assert done.status_code == 303
    assert done.location == "/ar/account/sessions"
    assert client.get("/ar/account/sessions").status_code == 200

    publish(database, body="Spelling", asks=False)
    assert client.get("/en/account").status_code == 200, "corrected spelling interrupts nobody"
    third = publish(database, body="Another purpose")
    assert client.get("/en/account").status_code == 303
    with database.reading() as session:
        assert [version.id for version in unanswered(session, person.account_id or 0)] == [third]
        assert [version.number for version in versions_of(session, "privacy")] == [3, 2, 1]


def test_who_does_not_agree_can_still_leave_download_and_be_erased(make: Factory, database: Database) -> None:
    client = make.client(make.account())
    publish(database)
    for path in (
        "/en/account/my-data",
        "/en/account/my-data/erase",
        "/en/account/notices/privacy",
        "/en/account/notices",
    ):
        assert client.get(path).status_code == 200, path
    assert submit(client, "/en/account/agree", "/en/account/sign-out").status_code == 303
    assert client.get("/en/").status_code == 200


def test_visitors_and_free_consents_interrupt_nobody(app: Flask, make: Factory, database: Database) -> None:
    client = make.client(make.account())
    publish(database, "newsletter", "consent")
    assert client.get("/en/account").status_code == 200
    publish(database)
    assert app.test_client().get("/en/").status_code == 200


def test_an_address_of_another_site_is_not_led_to(make: Factory, database: Database) -> None:
    client = make.client(make.account())
    version = publish(database)
    done = submit(client, "/en/account/agree", versions=str(version), next="//evil.example/")
    assert done.location == "/en/"


def test_registration_shows_the_notice_and_remembers_it(app: Flask, database: Database) -> None:
    publish(database)
    client = app.test_client()
    assert "/en/account/notices/privacy" in client.get("/en/account/register").text
    submit(
        client, "/en/account/register", display_name="Kim", addressed_as="", email="kim@x.example", password=PASSWORD
    )
    with database.reading() as session:
        account = account_by_email(session, "kim@x.example")
        assert account is not None
        assert [consent.version_id for consent in consents_of(session, account.id)] == [
            version.id for version in newest_versions(session)
        ]
    assert signed_in(app, "kim@x.example", PASSWORD).get("/en/account").status_code == 200


def test_what_was_agreed_to_is_seen_and_taken_back(make: Factory, database: Database) -> None:
    person = make.account()
    client = make.client(person)
    version = publish(database, "newsletter", "consent")
    page = client.get("/en/account/my-data/consents").text
    assert "What you can agree to freely" in page
    assert submit(client, "/en/account/my-data/consents", "/en/account/my-data/consents/give", versions=str(version))
    with database.reading() as session:
        (consent,) = consents_of(session, person.account_id or 0)
    path = f"/en/account/my-data/consents/{consent.public_id}/withdraw"
    assert submit(client, "/en/account/my-data/consents", path).status_code == 303
    page = client.get("/en/account/my-data/consents").text
    assert "Taken back" in page
    assert submit(client, "/en/account/my-data/consents", path).status_code == 404
    required = publish(database)
    with database.writing() as session:
        give_consent(session, person, person.account_id or 0, [required, required])
        (mine,) = [one for one in consents_of(session, person.account_id or 0) if one.withdrawn_at is None]
    assert client.get("/en/account").status_code == 200
    stranger = make.account()
    with database.writing() as session, pytest.raises(NotFound):
        withdraw_consent(session, stranger, mine.public_id)
    submit(client, "/en/account/my-data/consents", f"/en/account/my-data/consents/{mine.public_id}/withdraw")
    assert client.get("/en/account").status_code == 303, "what an account needs is asked again"


def test_only_who_may_publishes_and_only_what_fits(make: Factory, database: Database) -> None:
    title = Translated.from_texts("en", {"en": "T"})
    citizen = make.account("citizen")
    with database.writing() as session, pytest.raises(Forbidden):
        publish_notice(session, citizen, "privacy", kind="privacy", title=title, body=title)
    publish(database)
    with database.writing() as session, pytest.raises(Conflict):
        publish_notice(session, SYSTEM, "privacy", kind="terms", title=title, body=title)
    with database.writing() as session, pytest.raises(Invalid):
        publish_notice(session, SYSTEM, "other", kind="advertising", title=title, body=title)


def test_an_administrator_publishes_by_page_in_every_language(make: Factory, database: Database) -> None:
    admin = make.client(make.account("administrator"))
    body = {f"{part}_{lang}": f"{part} {lang}" for part in ("title", "body") for lang in ("en", "ko", "ar")}
    made = submit(admin, "/en/admin/privacy/notices/new", code="privacy", kind="privacy", asks="1", **body)
    assert made.status_code == 303, made.text[:500]
    assert admin.get("/en/admin/privacy/notices").status_code == 303, "the administrator is asked too"
    with database.writing() as session:
        version = newest_versions(session)[0]
        account = account_by_email(session, "person1@test.example")
        assert account is not None
        give_consent(session, SYSTEM, account.id, [version.id])
    page = admin.get("/en/admin/privacy/notices/privacy").text
    assert "body ko" in page
    again = submit(admin, "/en/admin/privacy/notices/privacy", **{**body, "body_en": "New"})
    assert again.status_code == 303
    with database.reading() as session:
        newest = newest_versions(session)[0]
    assert (newest.number, newest.asks, newest.body.text["en"]) == (2, False, "New")
    refused = submit(admin, "/en/admin/privacy/notices/new", code="x", kind="advertising", **body)
    assert refused.status_code == 422
    assert make.client(make.account("officer")).get("/en/admin/privacy/notices").status_code in {303, 403}
