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
from baseline.town import Town, build
from playwright.sync_api import Error as PlaywrightError
from sqlalchemy import Column, String, Text, update

from egovframe.core.i18n import Translated
from egovframe.core.persistence import METADATA, EncryptedText
from egovframe.core.web import SIGNED_IN
from egovframe.testing.browser import served
from egovframe.testing.databases import SqliteTemplates

pytestmark = [pytest.mark.browser, pytest.mark.slow]

LONG = (
    "'\"><b data-xss></b><script>window.xss=1;alert(1)</script><img src=x onerror=alert(2)><svg/onload=alert(3)>"
    "</title></textarea><a href=javascript:alert(4) data-xss>x</a>{{7*7}}\u202e"
)
SHORT = '"><b data-xss>'
MACHINES = ("core_job", "core_event", "core_audit", "core_schedule", "core_idempotency", "core_rate", "core_case_type")
"""Tables that machines read; what people see of them is shown elsewhere from other columns."""
NOT_FREE = {
    "core_account.password_hash": "a hash",
    "core_account.language": "a language tag",
    "core_case.external_source": "a name of an importer",
    "core_case.tracking_code": "found by its digest",
    "core_case.language": "a language tag",
    "core_case.reporter_reference": "a reference that is resolved",
    "core_work_calendar.timezone": "a zone",
    "core_setting.value": "JSON by declared types",
    "civic_participation_draft.values": "JSON of a form being filled in",
    "core_notification.facts": "JSON that templates of messages are filled from",
}
"""Columns that no text of a person reaches, with what they hold."""
LISTEN = """
window.reports = [];
document.addEventListener('securitypolicyviolation',
  e => window.reports.push(e.violatedDirective + ' ' + e.blockedURI));
"""
READERS = (("anonymous", "en"), ("citizen", "ar"), ("officer", "ko"), ("auditor", "ar"), ("administrator", "en"))
"""Who visits every page, and in which language."""


def free_columns() -> Iterator[Column[Any]]:
    """Yield every column that may hold what somebody wrote."""
    for table in METADATA.sorted_tables:
        if table.name.startswith(MACHINES):
            continue
        unique = {column.name for constraint in table.constraints for column in getattr(constraint, "columns", ())}
        unique |= {column.name for index in table.indexes for column in index.columns}
        for column in table.columns:
            bare = column.primary_key or column.unique or column.index or column.foreign_keys or column.name in unique
            if not bare and _is_text(column) and f"{table.name}.{column.name}" not in NOT_FREE:
                yield column


def _is_text(column: Column[Any]) -> bool:
    kind = column.type
    if column.name.endswith(("_hash", "_digest", "_index", "code", "mac", "icon", "language", "kind", "state", "mode")):
        return False
    if type(kind).__name__ == "TranslatedText" or isinstance(kind, EncryptedText):
        return True
    return isinstance(kind, Text) or (isinstance(kind, String) and (kind.length or 1000) >= 60)


def plant(town: Town) -> list[str]:
    """Write the polyglot into every free column of every row; return the columns."""
    planted = []
    with town.database.writing() as session:
        for column in free_columns():
            length = getattr(column.type, "length", None) or 1000
            text: Any = LONG if length >= len(LONG) else SHORT
            if type(column.type).__name__ == "TranslatedText":
                text = Translated("en", dict.fromkeys(town.languages, SHORT + "x"))
            session.connection().execute(update(column.table).values({column.name: text}))
            planted.append(str(column))
    return planted


@pytest.fixture(scope="module")
def planted(sqlite_templates: SqliteTemplates, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Town]:
    """A town of its own whose every text is hostile."""
    folder = tmp_path_factory.mktemp("scripts")
    town = build(folder, sqlite_templates.copy(folder))
    for route in routes(town.app):
        if route.method == "GET" and route.is_page:
            address(town, route)  # samples are looked up while texts still are what they were
    columns = plant(town)
    assert {"core_account.display_name", "core_case.title", "core_case_entry.text"} <= set(columns)
    yield town
    town.database.dispose()


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
