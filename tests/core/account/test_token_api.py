"""``/api/v1/tokens``: opened with a password, used as a bearer, revoked."""

from __future__ import annotations

from email import message_from_bytes, policy
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.actor import SYSTEM
from egovframe.core.auth import CHEAP, Account, ApiToken, create_account, disable_account, hash_password
from egovframe.core.modules.jobs import build_worker
from egovframe.core.persistence import Database
from egovframe.core.web import runtime

PASSWORD = "quiet-harbour-lantern"
HASHED = hash_password(PASSWORD, CHEAP)
PATH = "/api/v1/tokens"
READ, MANAGE = "auth:account:read", "auth:account:manage"
OWNER = {"email": "kim@city.example", "password": PASSWORD}


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    return runtime(app).database


@pytest.fixture
def kim(database: Database) -> int:
    """The owner of the tokens."""
    with database.writing() as session:
        return create_account(
            session, SYSTEM, email=OWNER["email"], display_name="Kim", password=HASHED, language="en"
        ).id


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def opened(client: FlaskClient, **more: Any) -> dict[str, Any]:
    response = client.post(PATH, json={**OWNER, **more})
    assert response.status_code == 201, response.get_data(as_text=True)
    assert response.headers["Cache-Control"] == "no-store"
    found: dict[str, Any] = response.get_json()
    return found


def test_a_token_is_shown_once_listed_and_revoked(client: FlaskClient, kim: int, database: Database) -> None:
    made = opened(client, name="nightly export", permissions=[READ], days=3)
    with database.reading() as session:
        assert made["token"] not in session.scalars(select(ApiToken.token_hash)).all()
    listed = client.get(PATH, headers=bearer(made["token"]))
    assert listed.status_code == 200
    assert made["token"] not in listed.get_data(as_text=True)
    (facts,) = listed.get_json()["tokens"]
    assert (facts["id"], facts["name"], facts["permissions"]) == (made["id"], "nightly export", [READ])
    assert facts["expires_at"].endswith("Z")
    again = client.get(PATH, headers=bearer(made["token"])).get_json()["tokens"][0]
    assert again["last_used_at"] is not None
    assert client.delete(f"{PATH}/{made['id']}", headers=bearer(made["token"])).status_code == 204
    dead = client.get(PATH, headers=bearer(made["token"]))
    assert dead.status_code == 401
    assert dead.mimetype == "application/problem+json"
    assert "Bearer" in dead.headers["WWW-Authenticate"]


REFUSED: list[tuple[dict[str, Any], int]] = [
    ({"password": "wrong-wrong-wrong"}, 401),
    ({"email": "nobody@city.example"}, 401),
    ({"email": "no address"}, 422),
    ({"role": "administrator"}, 422),
    ({"is_admin": True}, 422),
    ({"owner_id": 1}, 422),
    ({"permissions": "room:thing:read"}, 422),
    ({"permissions": ["everything"]}, 422),
    ({"permissions": ["no:such:right"]}, 422),
    ({"permissions": ["auth:account:read", "no:such:right"]}, 422),
    ({"days": 0}, 422),
    ({"days": 400}, 422),
    ({"days": 10**30}, 422),
    ({"password": None}, 422),
    ({"password": "x" * 100_000}, 422),
    ({"name": "a\u0000b"}, 422),
    ({"name": "x" * 101}, 422),
]


def test_refusals_make_no_token(client: FlaskClient, kim: int, database: Database) -> None:
    for change, status in REFUSED:
        response = client.post(PATH, json={**OWNER, **change})
        assert (change, response.status_code) == (change, status)
        assert response.mimetype == "application/problem+json"
        assert PASSWORD not in response.get_data(as_text=True)
    with database.reading() as session:
        assert session.scalars(select(ApiToken)).all() == []


def test_unknown_and_wrong_answer_alike(client: FlaskClient, kim: int) -> None:
    bodies = []
    for change in ({"password": "wrong-wrong-wrong"}, {"email": "nobody@city.example"}):
        body = client.post(PATH, json={**OWNER, **change}).get_json()
        body.pop("instance")
        bodies.append(body)
    assert bodies[0] == bodies[1]


def test_guessing_meets_the_same_limit_as_the_page(client: FlaskClient, kim: int) -> None:
    wrong = {**OWNER, "password": "wrong-wrong-wrong"}
    assert [client.post(PATH, json=wrong).status_code for _ in range(11)] == [401] * 10 + [429]
    assert client.post(PATH, json=OWNER).status_code == 429


def test_others_tokens_are_not_there(client: FlaskClient, kim: int, database: Database) -> None:
    with database.writing() as session:
        create_account(session, SYSTEM, email="lee@city.example", display_name="Lee", password=HASHED)
    mine = opened(client)
    other = opened(client, email="lee@city.example")
    assert client.delete(f"{PATH}/{mine['id']}", headers=bearer(other["token"])).status_code == 404
    assert client.delete(f"{PATH}/zzzzzzzzzzzz", headers=bearer(other["token"])).status_code == 404
    assert [each["id"] for each in client.get(PATH, headers=bearer(other["token"])).get_json()["tokens"]] == [
        other["id"]
    ]
    assert client.get(PATH, headers=bearer(mine["token"])).status_code == 200


def test_cookies_mean_nothing_to_the_api_and_tokens_nothing_to_pages(
    client: FlaskClient, kim: int, database: Database
) -> None:
    token = opened(client)["token"]
    client.set_cookie("egov_session", token)
    assert client.get(PATH).status_code == 401
    assert client.get("/en/account/").status_code == 303
    client.delete_cookie("egov_session")
    assert client.get("/en/account/", headers=bearer(token)).status_code == 303


def test_other_headers_open_nothing(client: FlaskClient, kim: int) -> None:
    for header in ("Bearer", "Bearer ", "Basic a2ltOng=", "Bearer eyJhbGciOiJub25lIn0.e30.", "no"):
        response = client.get(PATH, headers={"Authorization": header})
        assert response.status_code == 401
        assert "WWW-Authenticate" in response.headers


def test_a_disabled_account_has_dead_tokens(client: FlaskClient, kim: int, database: Database) -> None:
    token = opened(client)["token"]
    with database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, kim))
    assert client.get(PATH, headers=bearer(token)).status_code == 401
    assert client.post(PATH, json=OWNER).status_code == 401


def test_a_dead_token_does_not_break_what_everybody_may_read(client: FlaskClient, kim: int, database: Database) -> None:
    token = opened(client)["token"]
    with database.writing() as session:
        disable_account(session, SYSTEM, session.get_one(Account, kim))
    for path in ("/api/v1/departments", "/healthz", "/api/v1/openapi.json"):
        assert client.get(path, headers=bearer(token)).status_code == 200, path
        assert client.get(path, headers=bearer("egov_nobody")).status_code == 200, path


def test_an_unknown_right_is_named(client: FlaskClient, kim: int) -> None:
    answer = client.post(PATH, json={**OWNER, "permissions": ["no:such:right"]})
    assert "no:such:right" in answer.get_json()["errors"]["permissions"][0]


@pytest.mark.parametrize("permissions", [[], [READ]], ids=["no rights", "one right"])
def test_a_narrowed_token_manages_itself_alone(client: FlaskClient, kim: int, permissions: list[str]) -> None:
    whole, narrow, sister = opened(client), opened(client, permissions=permissions), opened(client, permissions=[])
    listed = client.get(PATH, headers=bearer(narrow["token"])).get_json()["tokens"]
    assert [each["id"] for each in listed] == [narrow["id"]]
    for other in (whole, sister):
        assert client.delete(f"{PATH}/{other['id']}", headers=bearer(narrow["token"])).status_code == 404
        assert client.get(PATH, headers=bearer(other["token"])).status_code == 200, "it works on"
    assert client.delete(f"{PATH}/{narrow['id']}", headers=bearer(narrow["token"])).status_code == 204
    assert client.get(PATH, headers=bearer(narrow["token"])).status_code == 401
    rest = client.get(PATH, headers=bearer(whole["token"])).get_json()["tokens"]
    assert {each["id"] for each in rest} == {whole["id"], sister["id"]}, "an unlimited one manages them all"
    assert client.delete(f"{PATH}/{sister['id']}", headers=bearer(whole["token"])).status_code == 204


def test_the_owner_is_told_of_a_new_key(app: Flask, client: FlaskClient, kim: int) -> None:
    opened(client, name="nightly export")
    build_worker(runtime(app).database, runtime(app).hooks, context=app.app_context).run_pending()
    (letter,) = (runtime(app).settings.data_dir / "outbox").glob("*.eml")
    message = message_from_bytes(letter.read_bytes(), policy=policy.default)
    assert OWNER["email"] in str(message["To"])
    assert message["Subject"] == "A new key for programs was made for your account"
    body = message.get_body(("plain",))
    assert body is not None
    assert "nightly export" in body.get_content()
    assert "/en/account/sessions" in body.get_content()
