"""One's own data as people see them: an old phone, no scripts, Arabic; checked by axe."""

from __future__ import annotations

import os
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from egovframe.actor import SYSTEM
from egovframe.core.i18n import Translated
from egovframe.core.modules.privacy.services import publish_notice
from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window
from egovframe.testing.factories import PASSWORD, Factory

pytestmark = IN_BROWSER
MINE = ("my-data", "my-data/correct", "my-data/consents", "my-data/erase", "email", "notices", "notices/privacy")
ADMINS = ("privacy", "privacy/rules/absence", "privacy/holds", "privacy/notices", "privacy/notices/privacy")


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def noticed(app: Flask) -> None:
    """A city that has published its notice in three languages."""
    with runtime(app).database.writing() as session:
        names = {"en": "Privacy notice", "ko": "개인정보 안내", "ar": "إشعار الخصوصية"}
        texts = {"en": "We keep little.\n\nNot long.", "ko": "적게 보관해요.", "ar": "نحتفظ بالقليل."}
        title, body = Translated.from_texts("en", names), Translated.from_texts("en", texts)
        publish_notice(session, SYSTEM, "privacy", kind="privacy", title=title, body=body)


def enter(window: Window, language: str, number: int = 1, **options: Any) -> Page:
    page = window.open(f"/{language}/account/sign-in", language=language, **options)
    page.fill("input[name=email]", f"person{number}@test.example")
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main button[type=submit]")
    return page


def picture(page: Page, name: str) -> None:
    if folder := os.environ.get("EGOVFRAME_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_somebody_agrees_reads_and_is_erased_on_an_old_phone(window: Window, make: Factory, noticed: None) -> None:
    make.account()
    page = enter(window, "ar", size=PHONE, scripts=False)
    assert "/ar/account/agree" in page.url
    assert page.locator("html").get_attribute("dir") == "rtl"
    assert "نحتفظ بالقليل" in page.content()
    assert wider_than_window(page) <= 0
    picture(page, "agree-ar")
    follow(page, "main form button[type=submit]")
    assert "/agree" not in page.url
    page.goto("/ar/account/my-data")
    picture(page, "my-data-ar")
    follow(page, 'main a[href="/ar/account/my-data/erase"]')
    assert wider_than_window(page) <= 0
    picture(page, "erase-ar")
    page.fill("input[name=password]", "wrong-password-here")
    follow(page, "main form.form button[type=submit]")
    assert page.locator("#errors").count() == 1
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main form.form button[type=submit]")
    assert page.url.endswith("/ar/account/my-data/erased")
    picture(page, "erased-ar")
    page.goto("/ar/account/my-data")
    assert "/sign-in" in page.url


@pytest.mark.parametrize(("language", "size"), [("ar", PHONE), ("ko", PHONE), ("en", DESK)])
def test_every_page_fits_and_axe_finds_nothing(
    window: Window, make: Factory, noticed: None, language: str, size: Any
) -> None:
    make.account()
    make.account("administrator")
    page = enter(window, language, size=size)
    assert violations(page) == []
    follow(page, "main form button[type=submit]")
    for path in MINE:
        page.goto(f"/{language}/account/{path}")
        assert violations(page) == [], path
        assert wider_than_window(page) <= 0, path
        picture(page, f"{path.replace('/', '-')}-{language}")
    admin = enter(window, language, 2, size=size)
    follow(admin, "main form button[type=submit]")
    for path in ADMINS:
        admin.goto(f"/{language}/admin/{path}")
        assert violations(admin) == [], path
        assert wider_than_window(admin) <= 0, path
        picture(admin, f"admin-{path.replace('/', '-')}-{language}")


@pytest.mark.parametrize(("language", "size", "scripts"), [("ar", PHONE, False), ("en", DESK, True)])
def test_a_shorter_period_is_previewed_and_stored_with_one_more_click(
    window: Window, make: Factory, language: str, size: Any, scripts: bool
) -> None:
    make.account("administrator")
    page = enter(window, language, size=size, scripts=scripts)
    page.goto(f"/{language}/admin/privacy/rules/absence")
    page.fill("input[name=keep_days]", "10")
    follow(page, "main form.form button[type=submit]")
    assert page.locator("main table").count() == 1
    assert wider_than_window(page) <= 0
    if scripts:
        assert violations(page) == []
    picture(page, f"rule-preview-{language}")
    follow(page, "main form.form button[type=submit]")
    assert page.url.endswith(f"/{language}/admin/privacy")
