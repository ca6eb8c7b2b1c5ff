"""Every refusal: a page in the reader's language, problem+json for programs, never an exception's text."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask, Response
from flask.testing import FlaskClient

from egovframe.core.web import Problem, register_front

STATUSES = [400, 401, 403, 404, 405, 410, 413, 414, 415, 422, 429, 500, 503]


@pytest.mark.parametrize("status", STATUSES)
def test_each_status_has_a_page_that_says_what_to_do(visitor: FlaskClient, status: int) -> None:
    answer = visitor.get(f"/en/abort/{status}")
    text = answer.get_data(as_text=True)
    assert answer.status_code == status
    assert answer.mimetype == "text/html"
    assert f"Error {status}" in text
    assert answer.headers["X-Request-ID"] in text
    assert 'lang="en"' in text


def test_an_unknown_address_speaks_the_language_of_its_path(visitor: FlaskClient) -> None:
    text = visitor.get("/ar/nowhere").get_data(as_text=True)
    assert '<html lang="ar" dir="rtl"' in text


def test_the_unforeseen_is_a_page_without_its_message(visitor: FlaskClient) -> None:
    answer = visitor.get("/en/boom")
    text = answer.get_data(as_text=True)
    assert answer.status_code == 500
    assert "7XK2" not in text
    assert "ZeroDivision" not in text
    assert "It is our fault" in text


def test_programs_get_a_problem_document(visitor: FlaskClient) -> None:
    answer = visitor.get("/api/v1/nowhere")
    assert answer.mimetype == "application/problem+json"
    assert answer.json is not None
    assert answer.json["status"] == 404
    assert answer.json["type"] == "urn:egovframe:problem:not-found"
    assert answer.json["instance"].endswith(answer.headers["X-Request-ID"])
    assert answer.json["title"]
    assert answer.json["detail"]


def test_headers_of_a_refusal_are_kept(visitor: FlaskClient) -> None:
    refused = visitor.delete("/api/v1/town/things")
    assert refused.status_code == 405
    assert set(refused.headers["Allow"].split(", ")) == {"GET", "HEAD", "OPTIONS", "POST"}
    gone = visitor.get("/en/gone")
    assert gone.headers["Retry-After"] == "7"
    assert "POST" not in visitor.post("/en/search").headers["Allow"]


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"{", "application/json", 400),
        (b'{"name": NaN}', "application/json", 400),
        (b'{"name": "a", "name": "b"}', "application/json", 400),
        (b"[" * 100_000 + b"]" * 100_000, "application/json", 400),
        (b'{"name": ' + b"[" * 70 + b"]" * 70 + b"}", "application/json", 400),
        (b'{"name": "\xff"}', "application/json", 400),
        (b'{"name": "a"}', "text/plain", 415),
        (b"name=a", "application/x-www-form-urlencoded", 415),
        (b"", "application/json", 422),
        (b"[]", "application/json", 422),
        (b'"text"', "application/json", 422),
        (b'{"name": 1}', "application/json", 422),
        (b'{"name": "\\u0000"}', "application/json", 422),
        (b'{"name": "\\ud800"}', "application/json", 422),
        (b'{"name": "a", "size": 1e400}', "application/json", 422),
        (b'{"name": "a", "size": 1' + b"0" * 30 + b"}", "application/json", 422),
        (b'{"name": "a", "size": ' + b"9" * 5000 + b"}", "application/json", 400),
        (b'{"name": "a", "is_admin": true}', "application/json", 422),
    ],
)
def test_a_bad_body_is_never_a_server_error(visitor: FlaskClient, body: bytes, kind: str, status: int) -> None:
    answer = visitor.post("/api/v1/town/things", data=body, content_type=kind)
    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"


def test_messages_come_by_field(visitor: FlaskClient) -> None:
    answer = visitor.post("/api/v1/town/things", json={"name": "x" * 50, "colour": "red"})
    assert answer.json is not None
    assert answer.status_code == 422
    assert "20" in answer.json["errors"]["name"][0]
    assert answer.json["errors"]["colour"]


def test_a_misspelt_filter_is_refused(visitor: FlaskClient) -> None:
    assert visitor.get("/api/v1/town/things?name=a").json == [{"name": "a"}]
    answer = visitor.get("/api/v1/town/things?nmae=a")
    assert answer.status_code == 400
    assert answer.json is not None
    assert "nmae" in answer.json["errors"]


def test_a_protocol_front_writes_its_own_errors(shell: Flask) -> None:
    def plain(problem: Problem) -> Response:
        return Response(f"{problem.code}!", problem.status, content_type="text/plain")

    register_front(shell, "/open311/", plain)
    answer = shell.test_client().get("/open311/nothing")
    assert (answer.status_code, answer.data, answer.mimetype) == (404, b"not-found!", "text/plain")


def test_the_wrong_bearer_is_told_so(visitor: FlaskClient) -> None:
    for value in ("Basic abc", "Bearer", "Bearer unknown"):
        answer = visitor.get("/api/v1/town/me", headers={"Authorization": value})
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_pages_with_a_guard_lead_to_the_sign_in_where_there_is_one(visitor: FlaskClient) -> None:
    assert visitor.get("/en/mine").status_code == 401


@pytest.mark.parametrize(
    "path", ["/en/%00", "/en/%ff%fe", "/en/search?q=%00", "/en/search?q=%ff", "/en/search?q=" + "x" * 9000]
)
def test_odd_addresses_are_no_server_error(visitor: FlaskClient, path: str) -> None:
    assert visitor.get(path).status_code < 500


def test_undeclared_routes_are_found_and_refused(shell: Flask) -> None:
    from egovframe.core.web import undeclared

    assert undeclared(shell) == []
    shell.add_url_rule("/en/forgotten", "forgotten", lambda: "open")
    assert undeclared(shell) == ["GET forgotten"]
    answer: Any = shell.test_client().get("/en/forgotten")
    assert answer.status_code == 500
