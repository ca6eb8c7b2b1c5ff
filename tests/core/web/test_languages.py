"""The language of an answer, and how a reader changes it."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


@pytest.mark.parametrize(
    ("accept", "path"),
    [
        ("ko-KR,ko;q=0.9,en;q=0.5", "/ko/"),
        ("ar", "/ar/"),
        ("fr", "/en/"),
        ("", "/en/"),
        ("x" * 5000, "/en/"),
        (";;q", "/en/"),
    ],
)
def test_the_root_leads_into_the_readers_language(visitor: FlaskClient, accept: str, path: str) -> None:
    answer = visitor.get("/", headers={"Accept-Language": accept})
    assert answer.status_code == 302
    assert answer.headers["Location"] == path
    assert {"Accept-Language", "Cookie"} <= {part.strip() for part in answer.headers["Vary"].split(",")}


def test_the_language_read_last_is_remembered(visitor: FlaskClient) -> None:
    visitor.get("/ko/")
    assert visitor.get("/", headers={"Accept-Language": "ar"}).headers["Location"] == "/ko/"


def test_an_unknown_language_is_not_found(visitor: FlaskClient) -> None:
    assert visitor.get("/fr/").status_code == 404
    assert visitor.get("/ko-KR/").status_code == 404


def test_pages_say_their_language_and_direction(visitor: FlaskClient) -> None:
    answer = visitor.get("/ar/")
    assert '<html lang="ar" dir="rtl"' in answer.get_data(as_text=True)
    assert answer.headers["Content-Language"] == "ar"


def test_the_switch_stays_on_the_page_with_its_query(visitor: FlaskClient) -> None:
    text = visitor.get("/en/search?q=a%26b&endpoint=x").get_data(as_text=True)
    assert 'href="/ko/search?q=a%26b&amp;endpoint=x" lang="ko"' in text
    assert 'href="/ar/search?q=a%26b&amp;endpoint=x" lang="ar" hreflang="ar" dir="rtl"' in text


@pytest.mark.parametrize(
    ("query", "accept", "language"),
    [("?lang=ar", "ko", "ar"), ("", "ko", "ko"), ("?lang=xx", "", "en"), ("", "", "en")],
)
def test_the_api_answers_in_the_language_asked_for(
    visitor: FlaskClient, query: str, accept: str, language: str
) -> None:
    answer = visitor.get(f"/api/v1/town/things{query}", headers={"Accept-Language": accept})
    assert answer.headers["Content-Language"] == language
    assert "Accept-Language" in answer.headers["Vary"]
