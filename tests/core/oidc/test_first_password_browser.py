"""The pages of an account without a password: on a phone and at a desk, in both directions, checked by axe."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import Account, Identity, Passkey, begin_session, create_account
from egovframe.core.persistence import now
from egovframe.core.web import runtime
from egovframe.testing.browser import DESK, IN_BROWSER, PHONE, Window, violations, wider_than_window

pytestmark = IN_BROWSER
BEFORE = ("password/first", "email", "", "my-data/erase", "ways", "prove?next=/en/account/ways")
AFTER = ("password/first", "factors", "passkeys/{key}/name", "email/confirm/spent")


def jiwoo(session: Session) -> str:
    """Make an account that only a provider opens, and return the cookie of its session."""
    account = create_account(session, SYSTEM, email=None, display_name="Park Jiwoo")
    at = now(session)
    facts = {"provider": "city", "subject_index": "x", "created_at": at, "last_used_at": at}
    session.add(Identity(account_id=account.id, **facts))
    key = {"credential_hash": "h", "credential_id": "c", "public_key": "k", "created_at": at}
    session.add(Passkey(account_id=account.id, name="My phone with a long name " * 3, public_id="phone", **key))
    return begin_session(session, account.id)[0]


@pytest.mark.parametrize(("language", "size"), [("ar", PHONE), ("en", DESK)])
def test_the_pages_fit_and_axe_finds_nothing(window: Window, app: Flask, language: str, size: Any) -> None:
    database = runtime(app).database
    with database.writing() as session:
        cookie = jiwoo(session)
    page = window.open(f"/{language}/", size=size, language=language)
    page.context.add_cookies([{"name": "egov_session", "value": cookie, "url": page.url}])

    def look(path: str) -> None:
        answer = page.goto(f"/{language}/account/{path}")
        assert answer is not None
        assert answer.status == (410 if path.endswith("spent") else 200)
        assert wider_than_window(page) <= 0, path
        assert violations(page) == [], path

    for path in BEFORE:
        look(path)
    with database.writing() as session:
        account = session.scalars(select(Account)).one()
        account.email, account.email_index, account.confirmed_at = "park@x.example", "y", now(session)
    for path in AFTER:
        look(path.format(key="phone"))
