"""The call centre at work, without scripts, on a desk and on a phone."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from helpers.complaints import PASSWORD
from playwright.sync_api import Browser

from egovframe.core.auth import Account
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, served, violations, wider_than_window

pytestmark = IN_BROWSER


@pytest.fixture
def rooms(city: Flask, agent_account: Account, browser: Browser) -> Iterator[Window]:
    """The city with an agent, served, and windows onto it."""
    with served(city) as address:
        windows = Window(browser, address)
        yield windows
        windows.close()


@pytest.mark.parametrize(
    ("language", "size", "scripts"), [("en", DESK, False), ("ko", PHONE, False), ("ar", PHONE, True)]
)
def test_an_agent_takes_a_complaint_down(rooms: Window, language: str, size: Any, scripts: bool) -> None:
    page = rooms.open(f"/{language}/account/sign-in", size=size, scripts=scripts, language=language)
    page.fill("main input[name=email]", "agent@city.example")
    page.fill("main input[name=password]", PASSWORD)
    follow(page, "main form button[type=submit]")
    page.goto(f"/{language}/desk/complaints/new")
    if scripts:
        assert violations(page) == []
    page.select_option("select[name=category]", "street-light")
    page.fill("textarea[name=description]", "The lamp at number 12 is dark.")
    page.fill("main input[name=email]", "mina@example.org")
    assert wider_than_window(page) <= 0
    picture(page, f"agent-new-{language}")
    follow(page, "main form button[type=submit]")
    assert page.locator("main .reference strong").count() == 1
    assert page.locator("main .code strong").count() == 1
    assert wider_than_window(page) <= 0
    picture(page, f"agent-filed-{language}")
    if scripts:
        assert violations(page) == []


def picture(page: Any, name: str) -> None:
    if folder := os.environ.get("EGOVFRAME_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)
