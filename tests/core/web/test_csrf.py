"""A foreign site cannot make a reader's browser act here."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

FORM = {"name": "Ada", "email": "ada@example.org", "story": "dark", "urgency": "low"}


def token_of(visitor: FlaskClient) -> str:
    """Return the token in the form."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', visitor.get("/en/write").get_data(as_text=True))
    assert found
    return found[1]


def test_our_own_form_is_taken(visitor: FlaskClient) -> None:
    answer = visitor.post("/en/write", data={**FORM, "csrf_token": token_of(visitor)})
    assert answer.status_code == 303
    assert "Thank you" in visitor.get(answer.headers["Location"]).get_data(as_text=True)


@pytest.mark.parametrize("token", [None, "", "x", "ImFhYSI.aaaa.bbbb"])
def test_a_form_without_our_token_is_refused(visitor: FlaskClient, token: str | None) -> None:
    visitor.get("/en/write")
    sent = FORM if token is None else {**FORM, "csrf_token": token}
    answer = visitor.post("/en/write", data=sent)
    assert answer.status_code == 400
    assert "too old or came from another site" in answer.get_data(as_text=True)


def test_the_token_of_another_visitor_is_refused(visitor: FlaskClient) -> None:
    foreign = token_of(visitor.application.test_client())
    visitor.get("/en/write")
    assert visitor.post("/en/write", data={**FORM, "csrf_token": foreign}).status_code == 400


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost.evil.example"},
    ],
)
def test_even_with_our_token_a_foreign_origin_is_refused(visitor: FlaskClient, headers: dict[str, str]) -> None:
    token = token_of(visitor)
    assert visitor.post("/en/write", data={**FORM, "csrf_token": token}, headers=headers).status_code == 400


@pytest.mark.parametrize(
    "headers", [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "http://localhost"}, {"Origin": "null"}]
)
def test_our_own_origin_passes(visitor: FlaskClient, headers: dict[str, str]) -> None:
    token = token_of(visitor)
    assert visitor.post("/en/write", data={**FORM, "csrf_token": token}, headers=headers).status_code == 303


def test_a_call_of_the_api_opens_no_door_for_pages(visitor: FlaskClient) -> None:
    called = visitor.post("/api/v1/town/things", json={"name": "lamp"})
    assert called.status_code == 201
    visitor.get("/en/write")
    assert visitor.post("/en/write", data=FORM, headers={"Origin": "https://evil.example"}).status_code == 400
    assert visitor.post("/en/write", data=FORM).status_code == 400
