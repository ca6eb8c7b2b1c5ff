"""The settings in a real browser: accessible and fitting, in both directions, also with something refused."""

from __future__ import annotations

from flask import Flask

from egovframe.core.modules.settings import put
from egovframe.core.web import SIGNED_IN, runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, follow, violations, wider_than_window
from egovframe.testing.factories import Factory

pytestmark = IN_BROWSER
PATHS = (
    "admin/settings",
    "admin/settings/auth.letter_days",
    "admin/settings/privacy.look_delays",
    "admin/settings/civic_participation.require_account",
    "admin/privacy",
    "admin/privacy/rules/case",
)


def test_every_page_is_accessible_and_fits(app: Flask, make: Factory, window: Window) -> None:
    admin = make.account("administrator", kind="staff")
    with runtime(app).database.writing() as session:
        put(session, admin, "auth.letter_days", 21)
        put(session, admin, "privacy.look_delays", {"case": 30, "investigation": 60})
    cookie = make.client(admin).get_cookie(SIGNED_IN, domain="localhost")
    assert cookie is not None
    kept = {"name": SIGNED_IN, "value": cookie.value, "domain": "localhost", "path": "/", "expires": -1}
    state = {"cookies": [{**kept, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}
    wrong = []
    for language, size in (("en", DESK), ("ar", PHONE), ("ko", PHONE)):
        page = window.open(f"/{language}/", size=size, language=language, storage_state=state)
        for path in PATHS:
            answer = page.goto(f"/{language}/{path}")
            assert answer is not None
            assert answer.status == 200, path
            wrong += [f"{language} {path}: {each}" for each in violations(page)]
            if wider_than_window(page):
                wrong.append(f"{language} {path}: wider than the window")
        page.goto(f"/{language}/admin/settings/auth.letter_days")
        page.fill("input[name=value]", "999")
        follow(page, "form.form button[type=submit]")
        assert page.locator("#errors").is_visible()
        assert page.input_value("input[name=value]") == "999"
        wrong += [f"{language} refused: {each}" for each in violations(page)]
    assert wrong == []
