"""The desk in a real browser: accessible in every language and size, usable by keyboard and without scripts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, served, violations, wider_than_window

pytestmark = IN_BROWSER


class Officer:
    """An officer's browser on a desk with cases."""

    def __init__(self, desk: Any, window: Window) -> None:
        self.desk = desk
        self.window = window
        client = desk.browser("Roads officer", "officer", department=desk.office.departments["roads"])
        self.cookie = client.get_cookie("egov_session", domain="localhost").value

    def open(self, path: str, **options: Any) -> Any:
        state = {"cookies": [{"name": "egov_session", "value": self.cookie, "domain": "localhost", "path": "/"}]}
        whole = [
            {**each, "expires": -1, "httpOnly": True, "secure": False, "sameSite": "Lax"} for each in state["cookies"]
        ]
        return self.window.open(path, storage_state={"cookies": whole, "origins": []}, **options)


@pytest.fixture
def officer(browser: Any, desk: Any) -> Iterator[Officer]:
    """Somebody at work."""
    for hours, address in ((2, "Lotus Lane 12"), (-30, "School gate"), (20, "Harbour road"), (80, "")):
        desk.office.open(due_hours=max(hours, 0.001), address=address, latitude=37.5665, longitude=126.978)
    with served(desk.app) as address:
        window = Window(browser, address)
        yield Officer(desk, window)
        window.close()


def test_the_desk_is_accessible_and_fits(officer: Officer) -> None:
    reference = officer.desk.office.open(address="Lotus Lane 12").case.reference
    for size in (PHONE, DESK):
        page = officer.open("/en/desk/", size=size)
        for language in ("en", "ko", "ar"):
            for path in ("/desk/?queue=all", f"/desk/cases/{reference}?queue=all", "/account/cases"):
                page.goto(f"/{language}{path}")
                assert wider_than_window(page) <= 0, path
                assert violations(page) == [], path
        page.close()


def test_a_case_is_answered_by_keyboard(officer: Officer) -> None:
    page = officer.open("/en/desk/")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/cases/**")
    page.locator("summary", has_text="Answer").focus()
    page.keyboard.press("Enter")
    box = page.get_by_label("Text").locator("visible=true")
    box.focus()
    page.keyboard.type("It works again.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("It works again.").wait_for()
    assert page.get_by_role("heading", name="What has happened").is_visible()


def test_a_case_is_answered_without_scripts_on_a_phone(officer: Officer) -> None:
    page = officer.open("/en/desk/", size=PHONE, scripts=False)
    follow(page, "[data-queue] a")
    page.locator("summary", has_text="Answer").click()
    page.locator("details[open] textarea").fill("Done")
    follow(page, "details[open] button[type=submit]")
    assert page.locator("article .state", has_text="Answered").is_visible()
