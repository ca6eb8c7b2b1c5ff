"""The inbox as people see it: on a phone, without scripts, in three languages, checked by axe."""

from __future__ import annotations

import os
from typing import Any

import pytest

from egovframe.core.auth import CHEAP, account_by_email, hash_password, register_account
from egovframe.core.modules.jobs import Worker
from egovframe.core.modules.notifications import notify
from egovframe.core.persistence import Database
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window

pytestmark = IN_BROWSER
PASSWORD = "a long enough password"


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def lee(base: Database, worker: Worker) -> str:
    """An account with two messages: the confirmation and a piece of news."""
    email = "lee@example.org"
    with base.writing() as session:
        register_account(session, email=email, display_name="Lee", password=hash_password(PASSWORD, CHEAP))
    with base.writing() as session:
        account = account_by_email(session, email)
        assert account is not None
        long = "A lamp in a street whose name is very long: Seocho-daero-78-gil" + "x" * 60
        notify(session, f"account:{account.id}", "tester.news", "case:1", {"title": long, "text": "It shines.\nBye."})
    worker.run_pending()
    return email


@pytest.mark.parametrize(("language", "size"), [("ko", PHONE), ("ar", PHONE), ("en", DESK)])
def test_messages_are_read_and_marked_without_scripts(window: Window, lee: str, language: str, size: Any) -> None:
    page = window.open(f"/{language}/account/sign-in", size=size, scripts=False, language=language)
    page.fill("input[name=email]", lee)
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main button[type=submit]")
    page.goto(f"/{language}/account/inbox")
    assert page.locator("main .line li").count() == 2
    assert page.locator("main .state.new").count() == 2
    assert wider_than_window(page) <= 0
    if folder := os.environ.get("EGOVFRAME_PICTURES"):
        page.screenshot(path=f"{folder}/inbox-{language}.png", full_page=True)
    follow(page, "main .line button")
    assert page.locator("main .state.new").count() == 1
    page.goto(f"/{language}/account/inbox")
    assert page.locator("html").get_attribute("dir") == ("rtl" if language == "ar" else "ltr")


@pytest.mark.parametrize("language", ["ko", "ar"])
def test_axe_finds_nothing(window: Window, lee: str, language: str) -> None:
    page = window.open(f"/{language}/account/sign-in", size=PHONE, language=language)
    page.fill("input[name=email]", lee)
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main button[type=submit]")
    page.goto(f"/{language}/account/inbox")
    assert page.locator("main .line li").count() == 2
    assert violations(page) == []
