"""A real browser for tests: Debian's Chromium driven by Playwright, and a server that it can reach.

Set ``EGOVFRAME_CHROMIUM`` to the program, or have ``chromium`` on the PATH. ``EGOVFRAME_REQUIRE_BROWSER=1`` turns the
skip without a browser into a failure.
"""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page, ViewportSize

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
HOW = "no Chromium: apt install chromium (or playwright install chromium), or set EGOVFRAME_CHROMIUM to the program"
PHONE: ViewportSize = {"width": 320, "height": 640}
DESK: ViewportSize = {"width": 1280, "height": 900}
"""The two sizes every page is looked at: WCAG's narrowest (1.4.10), and a desk."""
IN_BROWSER = [pytest.mark.browser, pytest.mark.parametrize("database_address", ["sqlite"], indirect=True)]
"""The ``pytestmark`` of tests in a browser: pages look alike on both databases, so one is enough."""
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--force-color-profile=srgb"]
AXE_RULES = {"runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}}


def find_chromium() -> str:
    """Return the browser's program; skip the test with a line that says how to get one, or fail where it must be."""
    given = os.environ.get("EGOVFRAME_CHROMIUM")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    if found and shutil.which(found):
        return found
    if os.environ.get("EGOVFRAME_REQUIRE_BROWSER") == "1":
        pytest.fail(HOW)
    pytest.skip(HOW)


@contextmanager
def launched() -> Iterator[Browser]:
    """Start the browser and close it afterwards."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a test tool, absent in a plain installation

    program = find_chromium()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


class _Quiet(WSGIRequestHandler):
    """Logs nothing: the application has its own log."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """Serve the application in threads on a free port of the loopback and give its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True, request_handler=_Quiet)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True, name="test-server"
    )
    thread.start()
    try:
        yield f"http://localhost:{server.server_port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


class Window:
    """Opens pages of one server in chosen circumstances, and closes them all at the end."""

    def __init__(self, browser: Browser, base_url: str) -> None:
        self._browser = browser
        self._base_url = base_url
        self._contexts: list[Any] = []

    def open(
        self,
        path: str = "/",
        *,
        size: ViewportSize = DESK,
        scripts: bool = True,
        language: str = "en",
        **options: Any,
    ) -> Page:
        """Return a page of a fresh visitor at the path.

        Args:
            path: below the server's address.
            size: PHONE or DESK, or any width and height in CSS pixels.
            scripts: False to see the page as without JavaScript.
            language: the browser's preferred language.
            options: more of Playwright's ``new_context``, such as ``forced_colors`` or ``reduced_motion``.
        """
        context = self._browser.new_context(
            base_url=self._base_url, viewport=size, java_script_enabled=scripts, locale=language, **options
        )
        context.set_default_timeout(10_000)
        self._contexts.append(context)
        page: Page = context.new_page()
        page.goto(path)
        return page

    def close(self) -> None:
        """Close every page."""
        for context in self._contexts:
            context.close()


def follow(page: Page, target: str | Locator) -> None:
    """Click what leads to another page, and wait until that page is there.

    Playwright's own click returns while the next page is still on its way, so that a look right after it may see
    either page.

    Args:
        page: where the click happens.
        target: a selector, of which the first match is clicked, or a locator.
    """
    with page.expect_navigation():
        (page.locator(target).first if isinstance(target, str) else target).click()


def violations(page: Page) -> list[str]:
    """Return what axe finds against WCAG 2.2 A and AA, one line each: rule, what to do, where."""
    from axe_playwright_python.sync_playwright import Axe  # noqa: PLC0415 - a test tool

    found = Axe().run(page, options={**AXE_RULES, "resultTypes": ["violations"]}).response["violations"]
    return [
        f"{rule['id']}: {rule['help']} at {' '.join(map(str, node['target']))}"
        for rule in found
        for node in rule["nodes"]
    ]


def wider_than_window(page: Page) -> int:
    """Return by how many pixels the page scrolls sideways; 0 is right at every size (WCAG 1.4.10)."""
    width: int = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return width


__all__ = [
    "DESK",
    "PHONE",
    "Window",
    "find_chromium",
    "follow",
    "launched",
    "served",
    "violations",
    "wider_than_window",
]
