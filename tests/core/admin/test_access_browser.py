"""The pages about accounts, roles and access in a real browser: accessible and fitting, in both directions."""

from __future__ import annotations

from flask import Flask

from egovframe.core.web import SIGNED_IN
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, violations, wider_than_window
from egovframe.testing.factories import Factory

pytestmark = IN_BROWSER


def test_every_page_is_accessible_and_fits(app: Flask, make: Factory, window: Window) -> None:
    admin = make.account("administrator", kind="staff")
    department = make.department("roads")
    kim = make.account("officer", scope=frozenset({("department", department)}), kind="staff")
    make.official(kim, department, "roads-kim")
    make.official(admin, department, "roads-head")
    cookie = make.client(admin).get_cookie(SIGNED_IN, domain="localhost")
    assert cookie is not None
    kept = {"name": SIGNED_IN, "value": cookie.value, "domain": "localhost", "path": "/", "expires": -1}
    state = {"cookies": [{**kept, "httpOnly": True, "secure": False, "sameSite": "Lax"}], "origins": []}
    paths = (
        "admin/accounts",
        f"admin/accounts/{kim.public_id}",
        f"admin/accounts/{kim.public_id}/rights",
        f"admin/accounts/{kim.public_id}/leave",
        "admin/roles",
        "admin/roles/officer",
        "admin/access?permission=cases:case:work&department=roads",
        "account/delegation",
    )
    wrong = []
    for language, size in (("en", DESK), ("ar", PHONE), ("ko", PHONE)):
        page = window.open(f"/{language}/", size=size, language=language, storage_state=state)
        for path in paths:
            answer = page.goto(f"/{language}/{path}")
            assert answer is not None
            assert answer.status == 200, path
            wrong += [f"{language} {path}: {each}" for each in violations(page)]
            if wider_than_window(page):
                wrong.append(f"{language} {path}: wider than the window")
    assert wrong == []
