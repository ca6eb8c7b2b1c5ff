"""The question beside a border in a real browser: on a narrow phone and a desk, with and without scripts."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from egovframe.actor import SYSTEM
from egovframe.core.modules.organisation import import_organisation, rows_of
from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, served, violations, wider_than_window

pytestmark = IN_BROWSER

CONTINUE = "main form .actions button:not([name])"


@pytest.fixture
def rooms(city: Flask, browser: Browser) -> Iterator[Window]:
    """The city, where holes in the road have an official in the west only, served."""
    rows = {"jurisdictions": [{"post": "roads.west", "subject": "pothole", "area": "district:west"}]}
    with runtime(city).database.writing() as session:
        assert not import_organisation(session, SYSTEM, list(rows_of(rows))).refused
    with served(city) as address:
        windows = Window(browser, address)
        yield windows
        windows.close()


def to_the_question(rooms: Window, language: str, scripts: bool) -> Page:
    page = rooms.open(f"/{language}/complaints/new", size=PHONE, scripts=scripts, language=language)
    follow(page, "button[name=category][value=pothole]")
    page.fill("input[name=address]", "Lotus Lane 12")
    page.locator("details:has(input[name=lat]) > summary").click()
    page.fill("input[name=lat]", "37.55")
    page.fill("input[name=lon]", "126.9999")
    follow(page, CONTINUE)
    return page


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no-scripts"])
def test_the_question_is_seen_answered_and_kept(rooms: Window, language: str, scripts: bool) -> None:
    page = to_the_question(rooms, language, scripts)
    question = page.locator("#border")
    assert question.is_visible()
    box = question.bounding_box()
    assert box is not None
    assert box["y"] < PHONE["height"] - 100, "seen without scrolling"
    if scripts:
        assert page.evaluate("document.activeElement.id") == "border"
        for size in (PHONE, DESK):
            page.set_viewport_size(size)
            assert violations(page) == []
            assert wider_than_window(page) == 0
    page.locator("input[name=area][value='district:east']").check()
    follow(page, "#border button")
    assert page.url.endswith("/details")
    page.fill("textarea[name=description]", "A deep hole.")
    follow(page, "main form .actions button")
    assert {"en": "Eastside", "ko": "동구", "ar": "Eastside"}[language] in page.inner_text("main")
    assert wider_than_window(page) == 0


def test_no_answer_is_said_and_leads_to_the_question(rooms: Window) -> None:
    page = to_the_question(rooms, "en", scripts=True)
    follow(page, CONTINUE)
    assert violations(page) == []
    assert "Choose one of these." in page.inner_text("#errors")
    page.locator("#errors a").click()
    page.keyboard.press("Space")
    assert page.locator("input[name=area]:checked").input_value() == "district:west"
