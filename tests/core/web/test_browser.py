"""In a real browser: accessible, nothing inline, light enough, and usable by keyboard and without scripts."""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.testing.browser import DESK, PHONE, Window, follow, served, violations

PAGES = ("/", "/gallery", "/write", "/desk", "/search?q=light", "/nowhere")
LIMIT = 60_000
AIM = 35_000


@pytest.fixture
def town_window(browser: Any, shell: Flask) -> Iterator[Window]:
    """A browser window on the shell."""
    with served(shell) as address:
        window = Window(browser, address)
        yield window
        window.close()


@pytest.mark.browser
@pytest.mark.parametrize(
    ("language", "size", "scheme", "paths"),
    [
        ("en", DESK, "light", PAGES),
        ("ar", PHONE, "dark", PAGES),
        ("ko", PHONE, "light", ("/", "/gallery")),
        ("ar", DESK, "light", ("/", "/desk")),
        ("ko", DESK, "dark", ("/gallery",)),
        ("en", PHONE, "light", ("/gallery", "/desk")),
    ],
)
def test_pages_are_accessible_and_fit(
    town_window: Window, language: str, size: Any, scheme: str, paths: tuple[str, ...]
) -> None:
    page = town_window.open("/healthz", size=size, color_scheme=scheme)
    for path in paths:
        page.goto(f"/{language}{path}")
        problems = page.evaluate("document.documentElement.scrollWidth") - size["width"]
        assert problems <= 0, f"{path} is {problems} px too wide"
        assert violations(page) == [], path


@pytest.mark.browser
def test_the_gallery_breaks_no_policy(town_window: Window) -> None:
    page = town_window.open("/en/write")
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("/en/gallery", "/en/desk", "/api/docs"):
        page.goto(page.url.split("/en/")[0].split("/api/")[0] + path)
        page.wait_for_load_state("networkidle")
    assert said == []
    assert page.locator(".opblock").count() > 0, "Swagger UI shows the operations"


@pytest.mark.browser
def test_a_press_on_the_map_fills_the_fields(town_window: Window) -> None:
    page = town_window.open("/en/gallery")
    place = page.locator("#pick .leaflet-container")
    place.wait_for()
    place.click(position={"x": 200, "y": 150})
    assert 37.4 < float(page.input_value("#lat")) < 37.7
    assert 126.8 < float(page.input_value("#lon")) < 127.2


@pytest.mark.browser
def test_without_scripts_menu_language_and_map_are_there(town_window: Window) -> None:
    page = town_window.open("/en/gallery", size=PHONE, scripts=False)
    page.click(".burger > summary")
    assert page.locator(".burger nav a").first.is_visible()
    page.click(".burger .drop > summary")
    follow(page, ".burger .drop a[lang=ko]")
    assert page.url.endswith("/ko/gallery")
    assert page.locator("#areas svg.picture path.area").count() == 3
    page.click("#areas summary")
    assert page.locator("#areas .rows a").first.is_visible()


@pytest.mark.browser
def test_keys_lead_through_page_and_queue(town_window: Window) -> None:
    page = town_window.open("/en/desk")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    page.wait_for_function("document.activeElement.id === 'main'")
    page.keyboard.press("j")
    assert "Pothole" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("k")
    assert "Street light" in page.evaluate("document.activeElement.textContent")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.name") == "q"
    page.keyboard.type("j")
    assert page.input_value("#seek-top") == "j"


@pytest.mark.browser
def test_targets_are_large_enough_for_a_thumb(town_window: Window) -> None:
    page = town_window.open("/en/write", size=PHONE)
    small = page.evaluate(
        """() => [...document.querySelectorAll("button, .ds-button, summary, input, select, textarea, .choice")]
            .filter((e) => e.checkVisibility() && !["hidden", "radio", "checkbox"].includes(e.type))
            .filter((e) => e.getBoundingClientRect().height < 44).map((e) => e.outerHTML.slice(0, 120))"""
    )
    assert [each for each in small if "plain" not in each] == []


@pytest.mark.browser
def test_the_first_error_is_focused(town_window: Window) -> None:
    page = town_window.open("/en/gallery")
    assert page.evaluate("document.activeElement.id") == "errors"
    page.click('.errors a[href="#f-story"]')
    page.wait_for_function("document.activeElement.id === 'f-story'")


@pytest.mark.parametrize("path", PAGES)
def test_nothing_is_inline(visitor: FlaskClient, path: str) -> None:
    text = visitor.get(f"/en{path}").get_data(as_text=True)
    assert not re.search(r"<[^>]+\sstyle\s*=", text)
    assert not re.search(r"<[^>]+\son[a-z]+\s*=", text)
    assert "<style" not in text
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert "javascript:" not in text
    assert not re.search(r"(?:src|href)=\"(?:https?:)?//", text)


def weight(visitor: FlaskClient, path: str) -> int:
    """Return the compressed bytes of a first load: the page and what it names."""
    accept = {"Accept-Encoding": "gzip"}
    page = visitor.get(path, headers=accept)
    text = gzip.decompress(page.data).decode()
    files = set(re.findall(r'(?:href|src)="(/(?:static|theme)/[^"#]+)', text))
    return len(page.data) + sum(len(visitor.get(file, headers=accept).data) for file in files)


@pytest.mark.parametrize("path", ["/en/", "/ko/write", "/ar/", "/en/search?q=light"])
def test_a_first_load_is_light(visitor: FlaskClient, path: str) -> None:
    assert weight(visitor, path) <= AIM <= LIMIT


def test_without_the_year_of_caching_a_second_load_would_be_as_heavy(visitor: FlaskClient) -> None:
    page = visitor.get("/en/write", headers={"Accept-Encoding": "gzip"})
    assert len(page.data) < 15_000
    assert weight(visitor, "/en/write") > 15_000
