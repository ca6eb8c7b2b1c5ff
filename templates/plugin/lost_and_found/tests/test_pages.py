"""Pages and API, as a visitor meets them."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

PAGES = "/en/lost-and-found"
API = "/api/v1/lost-and-found"


def post(client: FlaskClient, address: str, **values: str) -> TestResponse:
    """Send a form as a browser would: with the token that came with the page."""
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get(address).text)
    assert token
    return client.post(address, data={"csrf_token": token[1], **values})


def test_a_visitor_records_what_was_found(client: FlaskClient) -> None:
    answer = post(client, f"{PAGES}/new", what="Black umbrella", place="Harbour station")
    assert answer.status_code == 303
    page = client.get(PAGES)
    assert "Black umbrella" in page.text
    assert "Harbour station" in page.text


def test_what_is_missing_is_said_and_what_was_typed_is_kept(client: FlaskClient) -> None:
    answer = post(client, f"{PAGES}/new", what="", place="Harbour station")
    assert answer.status_code == 422
    assert "Harbour station" in answer.text
    assert "Please fill this in" in answer.text


def test_script_in_a_description_stays_text(client: FlaskClient) -> None:
    post(client, f"{PAGES}/new", what="<script>alert(1)</script>", place="Station")
    assert "<script>alert" not in client.get(PAGES).text


def test_a_form_without_token_is_refused(client: FlaskClient) -> None:
    assert client.post(f"{PAGES}/new", data={"what": "Umbrella", "place": "Station"}).status_code == 400


@pytest.mark.parametrize(("language", "words"), [("ko", "분실물 센터"), ("ar", "المفقودات")])
def test_other_languages(client: FlaskClient, language: str, words: str) -> None:
    assert words in client.get(f"/{language}/lost-and-found").text


def test_the_desk_is_not_for_visitors(client: FlaskClient) -> None:
    assert client.get("/en/desk/lost-and-found").status_code in {303, 401}


def test_the_api_records_and_lists(client: FlaskClient) -> None:
    answer = client.post(API, json={"what": "Silver bell", "place": "Riverside"})
    assert answer.status_code == 201
    assert answer.json["state"] == "kept"
    listed = client.get(API)
    assert [item["what"] for item in listed.json] == ["Silver bell"]
    assert '"total": 1' in listed.headers["X-Pagination"]


def test_the_api_names_the_field_that_is_wrong(client: FlaskClient) -> None:
    answer = client.post(API, json={"what": "ab", "place": "x", "owner": "me"})
    assert answer.status_code == 422
    assert set(answer.json["errors"]) == {"what", "owner"}
