"""Proving who one is, in a real browser without scripts: from the half-filled form to the letter and back."""

from __future__ import annotations

import os
import re
from typing import Any

import pytest
from flask import Flask
from helpers.ideas import ideas

from egovframe.core.auth import account_by_public_id
from egovframe.core.web import mount_pages, runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window
from egovframe.testing.factories import PASSWORD, Factory

pytestmark = IN_BROWSER
SEND = "main form.form button[type=submit], main form button[type=submit]"


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def app(app: Flask) -> Flask:
    """The application with a service that asks for residents."""
    mount_pages(app, ideas)
    return app


def email_of(app: Flask, public_id: str) -> str:
    with runtime(app).database.reading() as session:
        return str(account_by_public_id(session, public_id).email)


def enter(page: Any, email: str) -> None:
    page.fill("input[name=email]", email)
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main button[type=submit]")


def seen(page: Any, name: str) -> None:
    """Look at the page as it is now: nothing sticks out, and a picture where somebody wants one."""
    assert wider_than_window(page) <= 0, (name, page.url)
    if folder := os.environ.get("EGOVFRAME_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("ko", PHONE), ("ar", PHONE)])
def test_from_the_form_to_the_letter_and_back(
    window: Window, app: Flask, make: Factory, language: str, size: Any
) -> None:
    citizen = email_of(app, make.account("citizen").public_id)
    official = email_of(app, make.account("registrar", kind="staff").public_id)
    page = window.open(f"/{language}/ideas/new", size=size, scripts=False, language=language)
    page.fill("input[name=title]", "Benches")
    page.fill("textarea[name=why]", "For the elderly")
    follow(page, "main form button[type=submit]")
    seen(page, f"asked-{language}")
    follow(page, "main .actions a")
    enter(page, citizen)
    assert page.input_value("input[name=title]") == "Benches"
    follow(page, "main form button[type=submit]")
    follow(page, "main .actions a")
    seen(page, f"ways-{language}")
    follow(page, "main section .actions a")
    page.fill("input[name=name]", "Kim Min-seo")
    page.fill("input[name=birth_date]", "1980-02-29")
    page.fill("input[name=address_code]", "04524")
    page.fill("textarea[name=address]", "1 Main Street\n04524 Saebit")
    seen(page, f"letter-{language}")
    follow(page, "main form button[type=submit]")

    desk = window.open(f"/{language}/account/sign-in", size=size, scripts=False, language=language)
    enter(desk, official)
    for path in ("", "/doubtful", "/letters"):
        desk.goto(f"/{language}/desk/residents{path}")
        seen(desk, f"office{path.replace('/', '-')}-{language}")
    with desk.expect_popup() as opened:
        desk.click("main button[formaction]")
    paper = opened.value
    paper.wait_for_load_state()
    code = re.search(r"[0-9A-Z]{5}-[0-9A-Z]{5}", paper.inner_text("main"))[0]  # type: ignore[index]
    seen(paper, f"paper-{language}")
    paper.emulate_media(media="print")
    assert paper.locator(".screen").first.is_hidden()
    address, sheet = paper.locator("address").bounding_box(), paper.locator(".sheet").bounding_box()
    assert address is not None
    assert sheet is not None
    assert abs(address["x"] - sheet["x"] - 20 / 25.4 * 96) < 2  # 20 mm: where the envelope's window is
    assert paper.locator(".sheet").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")
    follow(desk, "main form .actions button:not([formaction])")
    seen(desk, f"sent-{language}")

    page.goto(f"/{language}/account/verify/code/{code}")
    seen(page, f"code-{language}")
    follow(page, "main form button[type=submit]")
    assert page.input_value("textarea[name=why]") == "For the elderly"
    seen(page, f"again-{language}")
    follow(page, "main form button[type=submit]")
    assert "supported: Benches" in page.inner_text("body")


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("ar", PHONE)])
def test_an_official_and_an_administrator_at_work(
    window: Window, app: Flask, make: Factory, language: str, size: Any
) -> None:
    citizen = email_of(app, make.account("citizen").public_id)
    admin = email_of(app, make.account("administrator", kind="staff").public_id)
    page = window.open(f"/{language}/account/sign-in", size=size, scripts=False, language=language)
    enter(page, admin)
    page.goto(f"/{language}/desk/residents")
    page.fill("main input[name=email]", citizen)
    follow(page, "main form button[type=submit]")
    seen(page, f"counter-{language}")
    page.fill("input[name=name]", "Kim")
    page.fill("input[name=birth_date]", "1980-02-29")
    page.fill("input[name=address_code]", "1")
    page.check("input[value=passport]")
    page.check("input[name=seen]")
    follow(page, "main form button[type=submit]")
    seen(page, f"verified-{language}")
    page.goto(f"/{language}/admin/service-accounts")
    page.fill("input[name=name]", "Sensors")
    seen(page, f"service-accounts-{language}")
    follow(page, "main form button[type=submit]")
    page.fill("input[name=name]", "nightly")
    seen(page, f"service-account-{language}")
    follow(page, "main form[action$='/tokens'] button[type=submit]")
    assert "egov_" in page.inner_text("main pre")
    seen(page, f"made-{language}")
    page.goto(f"/{language}/account/tokens/new")
    page.fill("input[name=name]", "report")
    seen(page, f"own-key-{language}")
    follow(page, "main form button[type=submit]")
    assert "egov_" in page.inner_text("main pre")


def test_axe_finds_nothing(window: Window, app: Flask, make: Factory) -> None:
    official = email_of(app, make.account("administrator", kind="staff").public_id)
    page = window.open("/en/ideas/new", size=PHONE)
    page.fill("input[name=title]", "Benches")
    follow(page, "main form button[type=submit]")
    assert violations(page) == []
    page.goto("/en/account/sign-in")
    enter(page, official)
    for path in (
        "account/verify",
        "account/verify/letter",
        "account/verify/code",
        "account/tokens/new",
        "desk/residents",
        "desk/residents/letters",
        "admin/service-accounts",
    ):
        page.goto(f"/en/{path}")
        assert violations(page) == [], path
