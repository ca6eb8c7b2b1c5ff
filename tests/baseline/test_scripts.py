"""No script runs from what is stored: every free text of every table holds a polyglot, and Chromium visits every page.

The texts are planted below the verbs, so that a page may not rely on a verb to have cleaned what it shows. What a page
must not do is seen three ways: a dialog, a report of the content security policy, an element of ours in the document.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from baseline.routes import routes
from baseline.samples import address
from baseline.town import Town
from playwright.sync_api import Error as PlaywrightError

from egovframe.core.web import SIGNED_IN
from egovframe.testing.browser import served

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LISTEN = """
window.reports = [];
document.addEventListener('securitypolicyviolation',
  e => window.reports.push(e.violatedDirective + ' ' + e.blockedURI));
"""
READERS = (("anonymous", "ar"), ("citizen", "ko"), ("administrator", "en"))
"""Who visits every page, and in which language."""


def crawl(town: Town, browser: Any, only: str = "") -> list[str]:
    """Visit every page as every reader and return what ran or broke out."""
    found: list[str] = []

    def refuse(dialog: Any) -> None:
        found.append(f"dialog {dialog.message}")
        dialog.dismiss()

    with served(town.app) as base:
        for name, lang in READERS:
            context = browser.new_context(base_url=base, locale=lang)
            context.set_default_timeout(15_000)
            context.add_init_script(LISTEN)
            client = town.visitors[name].client
            if client is not None:
                cookie = client.get_cookie(SIGNED_IN, domain="localhost")
                assert cookie is not None
                context.add_cookies([{"name": SIGNED_IN, "value": cookie.value, "url": base}])
            page = context.new_page()
            page.on("dialog", refuse)
            for route in routes(town.app):
                if route.method == "GET" and route.is_page and route.endpoint.startswith(only):
                    found += _visit(page, address(town, route, lang=lang), f"{route} as {name}")
            context.close()
    return found


def _visit(page: Any, path: str, label: str) -> Iterator[str]:
    try:
        answer = page.goto(path, wait_until="load")
    except PlaywrightError as error:
        if "Download is starting" not in str(error):
            raise
        return  # a file is kept, not shown: nothing in it runs here
    if answer is None or "html" not in answer.headers.get("content-type", ""):
        return
    if answer.status >= 500:
        yield f"{label}: {answer.status}"
    if page.evaluate("document.querySelector('[data-xss]') !== null"):
        yield f"{label}: our element is in the document"
    if page.evaluate("window.xss === 1"):
        yield f"{label}: our script ran"
    yield from (f"{label}: policy report {report}" for report in page.evaluate("window.reports || []"))


def test_no_script_runs_from_any_stored_text(planted: Town, browser: Any) -> None:
    assert crawl(planted, browser) == []


def test_a_page_that_forgets_to_escape_is_reported(
    planted: Town, browser: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = planted.app.jinja_env
    # What is compiled here must neither come from the templates that all towns share nor go there.
    monkeypatch.setattr(environment, "bytecode_cache", None)
    kept = environment.autoescape
    environment.autoescape = False
    environment.cache.clear()  # type: ignore[union-attr]
    try:
        found = crawl(planted, browser, only="civic_participation.listing")
    finally:
        environment.autoescape = kept
        environment.cache.clear()  # type: ignore[union-attr]
    assert any("our element is in the document" in line for line in found)
