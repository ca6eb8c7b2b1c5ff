"""In a real browser: a passkey with Chromium's own authenticator, and the resident who forgot the password."""

from __future__ import annotations

import re
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from flask import Flask

from egovframe.config import Settings
from egovframe.core.modules.jobs import build_worker
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window

from .parts import PASSWORD, code_now, has_factor, person

pytestmark = IN_BROWSER
KEY = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    return runtime(app).database


def sign_in(page: Any, password: str = PASSWORD) -> None:
    page.fill("#f-email", "kim@city.example")
    page.fill("#f-password", password)
    follow(page, "form.form:not(.passkey) button[type=submit]")


def authenticator(page: Any) -> tuple[Any, str]:
    """Plug a virtual key into the browser."""
    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    made = devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    return devtools, made["authenticatorId"]


def test_a_passkey_is_made_and_opens_the_account(window: Window, database: Database) -> None:
    kim = person(database)
    page = window.open("/en/account/sign-in")
    devtools, device = authenticator(page)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    sign_in(page)
    page.goto("/en/account/passkeys/new")
    page.fill("#f-name", "My phone")
    follow(page, "form.passkey button")
    assert page.locator(".codes li").count() == 10
    assert has_factor(database, kim)
    stored = devtools.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [(each["rpId"], each["isResidentCredential"]) for each in stored] == [("localhost", True)]

    page.context.clear_cookies()
    page.goto("/en/account/sign-in?next=/en/account/history")
    follow(page, "form.passkey button")
    assert urlsplit(page.url).path == "/en/account/history"
    assert "Passkey" in page.inner_text("main")

    page.context.clear_cookies()
    page.goto("/en/account/sign-in")
    sign_in(page)
    assert urlsplit(page.url).path == "/en/account/second-factor"
    follow(page, "form.passkey button")
    assert page.goto("/en/account/sessions").status == 200  # type: ignore[union-attr]
    assert urlsplit(page.url).path == "/en/account/sessions"
    assert said == []

    # Negative control: another device has no key that opens.
    devtools.send("WebAuthn.removeVirtualAuthenticator", {"authenticatorId": device})
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": KEY})
    page.context.clear_cookies()
    page.goto("/en/account/sign-in")
    page.click("form.passkey button")
    page.locator("form.passkey [data-problem]:not([hidden])").wait_for()
    assert urlsplit(page.url).path == "/en/account/sign-in"


@pytest.mark.parametrize(("language", "size"), [("en", DESK), ("ko", PHONE), ("ar", PHONE), ("ar", DESK)])
def test_the_pages_are_accessible_and_fit(window: Window, database: Database, language: str, size: Any) -> None:
    kim = person(database)
    page = window.open(f"/{language}/account/sign-in", size=size)
    sign_in(page)
    page.goto(f"/{language}/account/factors")
    follow(page, "form[action$='app/begin'] button")
    check(page)
    page.fill("#f-code", code_now(database, kim))
    follow(page, "form.form button[type=submit]")
    check(page)  # recovery codes
    for path in ("factors", "passkeys/new", "history", "sessions", "prove", "lost-factor"):
        page.goto(f"/{language}/account/{path}")
        check(page)
    page.context.clear_cookies()
    page.goto(f"/{language}/account/sign-in")
    sign_in(page)
    assert page.url.endswith("/second-factor")
    check(page)


def check(page: Any) -> None:
    assert violations(page) == [], page.url
    assert wider_than_window(page) == 0, page.url


def test_a_resident_with_an_old_phone_in_arabic_gets_back_in(
    window: Window, database: Database, settings: Settings, app: Flask
) -> None:
    """Scripts off, 320 pixels, right to left: recover, read the mail, choose a password, sign in."""
    person(database, language="ar")
    page = window.open("/ar/account/sign-in", size=PHONE, scripts=False, language="ar")
    assert page.locator("html").get_attribute("dir") == "rtl"
    follow(page, "main a[href$='/account/recover']")
    page.fill("#f-email", "kim@city.example")
    follow(page, "main form button[type=submit]")
    assert urlsplit(page.url).path == "/ar/account/check-mail"
    mail = delivered(app, settings)
    assert mail["Content-Language"] == "ar"
    link = re.search(r"https?://\S+/ar/account/recover/\S+", mail.get_body(("plain",)).get_content())
    assert link is not None
    page.goto(urlsplit(link[0]).path)
    box, label = page.locator("#f-password").bounding_box(), page.locator("label[for=f-password]").bounding_box()
    assert abs(box["x"] + box["width"] - label["x"] - label["width"]) < 40  # the label begins at the right edge
    page.fill("#f-password", "شجرة-زيتون-عند-النهر")
    follow(page, "main form button[type=submit]")
    assert urlsplit(page.url).path == "/ar/account/sign-in"
    assert page.locator(".alert.success").count() == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    sign_in(page, "شجرة-زيتون-عند-النهر")
    assert page.goto("/ar/account/").url.endswith("/ar/account/")  # type: ignore[union-attr]
    assert page.locator("form[action$='sign-out']").count() > 0


def delivered(app: Flask, settings: Settings) -> Any:
    """Run the jobs and return the mail that lies in the outbox."""
    build_worker(runtime(app).database, runtime(app).hooks, context=app.app_context).run_pending()
    (file,) = Path(settings.data_dir, "outbox").glob("*.eml")
    return message_from_bytes(file.read_bytes(), policy=policy.default)
