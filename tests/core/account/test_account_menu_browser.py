"""The account menu as people see it: without scripts, on a phone and at a desk, in both directions."""

from __future__ import annotations

import os
from typing import Any

import pytest
from flask import Flask

from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window

from .parts import PASSWORD, person

pytestmark = IN_BROWSER


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def kim(app: Flask) -> None:
    """An administrator: nobody's menu is longer."""
    person(runtime(app).database, role="administrator")


@pytest.mark.parametrize(("language", "size"), [("en", PHONE), ("ar", PHONE), ("en", DESK), ("ar", DESK)])
def test_it_opens_without_scripts_and_fits(window: Window, kim: None, language: str, size: Any) -> None:
    page = window.open(f"/{language}/account/sign-in", size=size, scripts=False, language=language)
    page.fill("input[name=email]", "kim@city.example")
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main button[type=submit]")
    page.goto(f"/{language}/account/my-data")
    menu = ".burger .drop.account" if size is PHONE else ".tools .drop.account"
    if size is PHONE:
        page.locator(".burger > summary").click()
    page.locator(f"{menu} > summary").click()
    if folder := os.environ.get("EGOVFRAME_PICTURES"):
        page.screenshot(path=f"{folder}/account-menu-{language}-{size['width']}.png", full_page=True)
    assert wider_than_window(page) <= 0
    assert page.locator(f"{menu} .menu-group").count() == 4
    here = page.locator(f"{menu} [aria-current=page]")
    assert here.count() == 1
    link = here.bounding_box()
    assert link is not None
    assert link["height"] >= 44
    if size is DESK:
        leave = page.locator(f"{menu} form button").bounding_box()
        assert leave is not None
        assert leave["y"] + leave["height"] <= size["height"], "signing out is always in sight"
    follow(page, f"{menu} nav li a >> nth=-1")
    assert page.url.endswith(f"/{language}/admin")


@pytest.mark.parametrize(("language", "size"), [("ar", PHONE), ("en", DESK)])
def test_axe_finds_nothing_in_the_open_menu(window: Window, kim: None, language: str, size: Any) -> None:
    page = window.open(f"/{language}/account/sign-in", size=size, language=language)
    page.fill("input[name=email]", "kim@city.example")
    page.fill("input[name=password]", PASSWORD)
    follow(page, "main form:not(.passkey) button[type=submit]")
    page.goto(f"/{language}/account/my-data")
    if size is PHONE:
        page.locator(".burger > summary").click()
    page.locator(".drop.account > summary:visible").click()
    assert violations(page) == []
