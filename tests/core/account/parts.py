"""What tests of the account pages share."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pyotp
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from egovframe.actor import SYSTEM
from egovframe.core.auth import CHEAP, Account, create_account, grant_role, hash_password
from egovframe.core.auth.factors.models import TotpApp
from egovframe.core.modules.events import EventRow
from egovframe.core.persistence import Database

PASSWORD = "quiet-harbour-lantern"
HASHED = hash_password(PASSWORD, CHEAP)
COOKIE = "egov_session"
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
CODE = re.compile(r">([a-z2-9]{5}-[a-z2-9]{5})<")
HALF_MINUTE = timedelta(seconds=30)


def person(database: Database, email: str = "kim@city.example", role: str | None = None, **facts: Any) -> int:
    """Make an account with the usual password and return its key."""
    with database.writing() as session:
        account = create_account(session, SYSTEM, email=email, display_name="Kim Minjoon", password=HASHED, **facts)
        if role:
            grant_role(session, SYSTEM, account, role)
        return account.id


def send(client: FlaskClient, path: str, page: str | None = None, **data: str) -> TestResponse:
    """Load the page, take its CSRF token, send the form."""
    shown = client.get(page or path)
    found = TOKEN.search(shown.get_data(as_text=True))
    assert found is not None, (shown.status_code, shown.location)
    return client.post(path, data={"csrf_token": found[1], **data})


def enter(client: FlaskClient, email: str = "kim@city.example", password: str = PASSWORD, **more: str) -> TestResponse:
    """Send the sign-in form."""
    return send(client, "/en/account/sign-in", email=email, password=password, **more)


def cookie(client: FlaskClient) -> str | None:
    """Return the browser's session id."""
    found = client.get_cookie(COOKIE)
    return None if found is None else found.value


def is_in(client: FlaskClient) -> bool:
    """Whether the person's own pages open."""
    return client.get("/en/account/").status_code == 200


def clock_of(database: Database, key: int) -> pyotp.TOTP:
    """Return the app of an account, as a phone has it."""
    with database.reading() as session:
        return pyotp.TOTP(session.scalars(select(TotpApp).where(TotpApp.account_id == key)).one().secret)


def code_now(database: Database, key: int, steps: int = 0) -> str:
    """Return what the app shows, some half minutes from now."""
    app = clock_of(database, key)
    return app.generate_otp(app.timecode(database.now()) + steps)


def set_up_app(client: FlaskClient, database: Database, key: int) -> list[str]:
    """Set an app up through the pages; return the recovery codes."""
    send(client, "/en/account/factors/app/begin", "/en/account/factors")
    done = send(client, "/en/account/factors/app", code=code_now(database, key))
    assert done.status_code == 200, done.get_data(as_text=True)
    return CODE.findall(done.get_data(as_text=True))


def has_factor(database: Database, key: int) -> bool:
    """Whether the account has a second factor."""
    with database.reading() as session:
        return session.get_one(Account, key).second_factor


def changes(database: Database) -> list[str]:
    """Return what owners were told about their factors."""
    with database.reading() as session:
        rows = session.scalars(select(EventRow).where(EventRow.name == "auth.FactorsChanged").order_by(EventRow.id))
        return [row.payload["change"] for row in rows]
