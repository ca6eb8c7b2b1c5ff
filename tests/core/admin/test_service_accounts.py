"""Accounts of programs and their keys: made by an administrator, shown once, dead with the account."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.core.auth import account_by_public_id, create_token_for
from egovframe.core.web import runtime
from egovframe.errors import Conflict
from egovframe.testing.factories import Factory
from egovframe.testing.visits import submit, token_of

LIST = "/en/admin/service-accounts"


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def admin(make: Factory) -> FlaskClient:
    """The administrator's browser."""
    return make.client(make.account("administrator", kind="staff"))


def opened(admin: FlaskClient, *roles: str) -> str:
    answer = submit(admin, LIST, name="Street light sensors", roles=list(roles))
    assert answer.status_code == 303, answer.text
    return str(answer.headers["Location"])


def key_of(admin: FlaskClient, page: str, *permissions: str) -> str:
    made = submit(admin, page, f"{page}/tokens", name="nightly", days="30", permissions=list(permissions))
    assert made.status_code == 200, made.text
    assert "no-store" in made.headers["Cache-Control"]
    return re.search(r"egov_[\w-]+", made.text)[0]  # type: ignore[index]


def reads_cases(app: Flask, key: str) -> int:
    return app.test_client().get("/api/v1/cases", headers={"Authorization": f"Bearer {key}"}).status_code


def test_a_key_does_what_was_chosen_and_is_shown_once(app: Flask, admin: FlaskClient) -> None:
    page = opened(admin, "officer")
    able, unable = key_of(admin, page, "cases:case:read"), key_of(admin, page)
    assert reads_cases(app, able) == 200
    assert reads_cases(app, unable) == 403
    assert able not in admin.get(page).text
    assert "Last used" in admin.get(page).text


def test_keys_end_one_by_one_and_with_the_account(app: Flask, admin: FlaskClient) -> None:
    page = opened(admin, "officer")
    first, second = key_of(admin, page, "cases:case:read"), key_of(admin, page, "cases:case:read")
    token = re.search(rf"{page}/tokens/([0-9a-z]+)/revoke", admin.get(page).text)[1]  # type: ignore[index]
    submit(admin, page, f"{page}/tokens/{token}/revoke")
    assert sorted([reads_cases(app, first), reads_cases(app, second)]) == [200, 401]
    submit(admin, page, f"{page}/state", enabled="0")
    assert [reads_cases(app, each) for each in (first, second)] == [401, 401]
    submit(admin, page, f"{page}/state", enabled="1")
    assert [reads_cases(app, each) for each in (first, second)] == [401, 401]  # for good
    assert reads_cases(app, key_of(admin, page, "cases:case:read")) == 200


def test_nobody_else_comes_in(app: Flask, make: Factory, admin: FlaskClient) -> None:
    page = opened(admin, "officer")
    for role in ("auditor", "officer", "registrar"):
        client = make.client(make.account(role, kind="staff"))
        assert client.get(LIST).status_code == 403
        token = token_of(client, "/en/account/password")
        assert client.post(f"{page}/tokens", data={"csrf_token": token, "name": "x", "days": "1"}).status_code == 403
    assert app.test_client().get(LIST).status_code == 303


def test_a_person_is_no_service_account(app: Flask, make: Factory, admin: FlaskClient) -> None:
    person = make.account("citizen")
    assert admin.get(f"{LIST}/{person.public_id}").status_code == 404
    database = runtime(app).database
    with pytest.raises(Conflict), database.writing() as session:
        from egovframe.actor import SYSTEM

        create_token_for(session, SYSTEM, account_by_public_id(session, person.public_id), name="x")


def test_people_make_their_own_keys(app: Flask, make: Factory) -> None:
    officer = make.client(make.account("officer", kind="staff"))
    form = officer.get("/en/account/tokens/new").text
    assert "cases:case:read" in form
    assert "auth:account:manage" not in form  # nothing that one does not hold oneself
    made = submit(officer, "/en/account/tokens/new", name="report", days="7", permissions=["cases:case:read"])
    key = re.search(r"egov_[\w-]+", made.text)[0]  # type: ignore[index]
    assert reads_cases(app, key) == 200
    listed = officer.get("/en/account/sessions").text
    assert "report" in listed
    assert key not in listed
    more = submit(officer, "/en/account/tokens/new", name="more", days="7", permissions=["auth:account:manage"])
    assert more.status_code == 422
    assert submit(officer, "/en/account/tokens/new", name="long", days="400").status_code == 422
