"""The auditor's pages in a real browser: accessible and narrow enough in every language."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask

from egovframe.core.modules.audit import audit, entries_of, publish_daily_head, seal
from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, violations, wider_than_window
from egovframe.testing.factories import Factory

pytestmark = IN_BROWSER


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_the_auditors_pages_are_accessible_and_fit(app: Flask, window: Window, make: Factory, language: str) -> None:
    database, officer = runtime(app).database, make.account("officer", kind="staff")
    with database.writing() as session:
        facts = {"title": {"en": "A long title of a thing without a break " * 3}, "personal": {"personal": "t.c"}}
        audit(session, officer, "codes:code:put", "code:lamps/7", before=facts, after={"title": "short"}, reason="why")
    seal(database)
    publish_daily_head(database)
    with database.reading() as session:
        number = entries_of(session, "code:lamps/7")[0].id
    cookie = make.client(make.account("auditor", kind="staff")).get_cookie("egov_session", domain="localhost")
    assert cookie is not None
    known = {"name": "egov_session", "value": cookie.value, "domain": "localhost", "path": "/", "expires": -1}
    state: Any = {"cookies": [{**known, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}
    for size in (PHONE, DESK):
        page = window.open(f"/{language}/", size=size, storage_state=state)
        for path in ("audit", f"audit/entries/{number}", "audit/chain"):
            page.goto(f"/{language}/admin/{path}")
            assert page.url.endswith(path)
            assert wider_than_window(page) <= 0, (path, size)
            assert violations(page) == [], (path, size)
        page.close()
