"""The street in a real browser: Korean, on a narrow phone, without scripts; and every page in three languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask
from helpers.complaints import EAST, PASSWORD, WEST
from playwright.sync_api import Browser, Page

from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, served, violations, wider_than_window

pytestmark = IN_BROWSER


@pytest.fixture
def rooms(city: Flask, browser: Browser) -> Iterator[Window]:
    """The city, served, and windows onto it."""
    with served(city) as address:
        windows = Window(browser, address)
        yield windows
        windows.close()


def fill_in_place(page: Page, place: dict[str, float]) -> None:
    if page.locator("input[name=lat]").is_hidden():
        page.locator("details:has(input[name=lat]) > summary").click()
    page.fill("input[name=lat]", str(place["lat"]))
    page.fill("input[name=lon]", str(place["lon"]))


def file_complaint(page: Page, text: str, place: dict[str, float] = WEST) -> str:
    """Walk from the first step to the reporter's own page; return its tracking code."""
    follow(page, "button[name=category][value=street-light]")
    page.fill("input[name=address]", "연꽃길 12")
    fill_in_place(page, place)
    follow(page, "main form .actions button:not([name])")
    page.fill("textarea[name=description]", text)
    page.fill("input[name=email]", "kim@example.org")
    follow(page, "main form .actions button")
    follow(page, "main form .actions button")
    found = re.search(r"[0-9A-Z]{4}(?:-[0-9A-Z]{4}){3}", page.inner_text("main"))
    assert found is not None
    return found[0]


def sign_in(page: Page, email: str) -> None:
    page.fill("main input[name=email]", email)
    page.fill("main input[name=password]", PASSWORD)
    follow(page, "main form button[type=submit]")


@pytest.mark.parametrize("scripts", [False, True], ids=["no-scripts", "scripts"])
def test_a_citizen_with_an_old_phone_gets_an_answer(rooms: Window, scripts: bool) -> None:
    citizen = rooms.open("/ko/complaints/new", size=PHONE, scripts=scripts, language="ko")
    code = file_complaint(citizen, "가로등이 목요일부터 꺼져 있어요.")
    assert "도로 서구" in citizen.inner_text("main")
    assert wider_than_window(citizen) == 0

    official = rooms.open("/ko/account/sign-in?next=/ko/desk", size=PHONE, scripts=scripts, language="ko")
    sign_in(official, "west@city.example")
    follow(official, "a[href*='/desk/cases/']")
    assert "가로등이 목요일부터 꺼져 있어요." in official.inner_text("main")
    assert "서구" in official.inner_text(".why")
    form = official.locator("form[action*='/resolve']")
    if not form.locator("textarea").is_visible():
        official.locator("details:has(form[action*='/resolve']) > summary").click()
    form.locator("textarea").fill("오늘 오전에 램프를 교체했습니다.")
    follow(official, form.locator("button[type=submit]"))
    assert wider_than_window(official) == 0

    citizen.goto(f"/c/{code}")
    assert f"/ko/complaints/track/{code}" in citizen.url
    assert "오늘 오전에 램프를 교체했습니다." in citizen.inner_text("main")
    assert wider_than_window(citizen) == 0


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_every_page_of_complaints_is_accessible(rooms: Window, language: str) -> None:
    page = rooms.open(f"/{language}/complaints/new", language=language)
    code = file_complaint(page, "The lamp is dark.", EAST)
    done = page.url
    looked_at = [
        f"/{language}/",
        f"/{language}/complaints",
        f"/{language}/complaints/map",
        f"/{language}/complaints/track",
        f"/{language}/complaints/track/{code}",
        f"/{language}/complaints/new",
        f"/{language}/complaints/new?q=lamp",
        done,
        *(done.replace("/done", step) for step in ("/what", "/where", "/details")),
    ]
    findings = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)
        for address in looked_at:
            page.goto(address)
            findings += [f"{size['width']} {address}: {finding}" for finding in violations(page)]
            if wider_than_window(page):
                findings.append(f"{size['width']} {address}: scrolls sideways")
            assert page.get_attribute("html", "dir") == ("rtl" if language == "ar" else "ltr")
    assert findings == []


def test_what_was_refused_is_said_and_kept(rooms: Window) -> None:
    page = rooms.open("/ar/complaints/new", size=PHONE, language="ar")
    follow(page, "button[name=category][value=street-light]")
    page.fill("input[name=address]", "شارع الميناء 7")
    fill_in_place(page, {"lat": 10.0, "lon": 10.0})
    follow(page, "main form .actions button:not([name])")
    assert page.locator("[role=alert]").is_visible()
    assert page.input_value("input[name=address]") == "شارع الميناء 7"
    assert violations(page) == []


def test_filing_by_keyboard_alone(rooms: Window) -> None:
    page = rooms.open("/en/complaints/new")
    for _press in range(60):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.value") == "street-light":
            break
    page.keyboard.press("Enter")
    page.wait_for_url("**/where")
    page.focus("input[name=address]")
    page.keyboard.type("Lotus Lane 12")
    page.keyboard.press("Enter")
    page.wait_for_url("**/details")
    page.focus("textarea[name=description]")
    page.keyboard.type("The lamp is dark.")
    page.focus("input[name=email]")
    page.keyboard.press("Enter")
    page.wait_for_url("**/check")


LABEL_CENTRES = """() => {
    const map = document.querySelector(".leaflet-container").getBoundingClientRect();
    return [...document.querySelectorAll(".leaflet-tooltip.area-name")].map((label) => {
        const box = label.getBoundingClientRect();
        return (box.left + box.right) / 2 - map.left;
    });
}"""
"""Where the names of districts stand, in pixels from the left of the map."""


def test_names_on_the_map_stand_in_their_districts_in_both_directions(rooms: Window) -> None:
    centres = {}
    for language in ("en", "ar"):
        page = rooms.open(f"/{language}/complaints/new", size=DESK, language=language)
        follow(page, "button[name=category][value=street-light]")
        page.wait_for_selector(".leaflet-tooltip.area-name")
        centres[language] = page.evaluate(LABEL_CENTRES)
    assert len(centres["en"]) == 2
    assert centres["ar"] == pytest.approx(centres["en"], abs=4)


def test_the_first_load_of_a_citizens_page_is_light(city: Flask) -> None:
    visitor = city.test_client()
    accepted = {"Accept-Encoding": "gzip"}
    page = visitor.get("/ko/complaints/new", headers=accepted)
    assert page.headers["Content-Encoding"] == "gzip"
    plain = visitor.get("/ko/complaints/new").text
    parts = set(re.findall(r'(?:href|src)="(/(?:static|theme)/[^"#]+)', plain))
    weight = len(page.data) + sum(len(visitor.get(part, headers=accepted).data) for part in parts)
    assert len(parts) >= 4
    assert weight <= 60 * 1024
