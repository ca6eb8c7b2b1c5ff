"""Who looked, in a real browser: dots, the reason, and the page where the person reads it, on a telephone too."""

from __future__ import annotations

from typing import Any

from civic_participation.models import Contact
from flask import Flask
from flask.testing import FlaskClient
from helpers.complaints import PASSWORD, file_by_pages, tracking_code
from sqlalchemy import select

from egovframe.core.modules.cases import Case
from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window
from egovframe.testing.visits import signed_in

pytestmark = IN_BROWSER
NUMBER = "010-7777-1234"


def state(client: FlaskClient) -> dict[str, Any]:
    """The session of a client as a browser keeps it."""
    cookie = client.get_cookie("egov_session", domain="localhost")
    assert cookie
    kept = {"name": "egov_session", "value": cookie.value, "domain": "localhost", "path": "/", "expires": -1}
    return {"cookies": [{**kept, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}


def test_a_reason_opens_the_contact_and_the_reporter_reads_it(
    city: Flask, visitor: FlaskClient, window: Window
) -> None:
    code = tracking_code(visitor.get(file_by_pages(visitor, phone=NUMBER)).text)
    with runtime(city).database.reading() as session:
        reference = session.scalars(select(Case.reference)).one()
        assert session.scalars(select(Contact.id)).one()
    head = state(signed_in(city, "head@city.example", PASSWORD))
    for language, size in (("en", DESK), ("ar", PHONE)):
        page = window.open(f"/{language}/desk/cases/{reference}", size=size, storage_state=head)
        assert NUMBER not in page.content()
        page.locator("#reveal summary").click()
        assert violations(page) == []
        assert wider_than_window(page) <= 0
        page.locator("#reveal [name=reason]").fill("Calling back about the lamp")
        follow(page, "#reveal button[type=submit]")
        assert NUMBER in page.content()
        assert violations(page) == []
        page.close()
    for language, size in (("en", DESK), ("ko", PHONE), ("ar", PHONE)):
        own = window.open(f"/{language}/complaints/track/{code}", size=size)
        assert own.get_by_text("Calling back about the lamp").count() == 2
        assert violations(own) == []
        assert wider_than_window(own) <= 0
        own.close()
        page = window.open(f"/{language}/account/my-data/looks", size=size, storage_state=head)
        assert violations(page) == []
        assert wider_than_window(page) <= 0
        page.close()
