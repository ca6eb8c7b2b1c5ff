"""``GET /api/v1/codes/{table}`` over the whole application."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.actor import SYSTEM
from egovframe.core.i18n import Translated
from egovframe.core.modules.codes import put_code, put_code_table
from egovframe.core.web import runtime

CLOSED = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city without plugins."""
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture(autouse=True)
def surface(app: Flask) -> None:
    with app.app_context(), runtime().database.writing() as session:
        put_code_table(session, SYSTEM, "surface", Translated.of("en", en="Surface", ko="노면"))
        put_code(session, SYSTEM, "surface", "road", Translated.of("en", en="Road", ko="도로"))
        put_code(session, SYSTEM, "surface", "gravel", Translated.of("en", en="Gravel"), parent="road")
        put_code(session, SYSTEM, "surface", "ice", Translated.of("en", en="Ice"), valid_until=CLOSED)


def test_codes_come_in_the_readers_language_and_say_which(client: FlaskClient) -> None:
    answer = client.get("/api/v1/codes/surface", headers={"Accept-Language": "ko"})
    assert (answer.status_code, answer.headers["Content-Language"]) == (200, "ko")
    assert (answer.json["title"], answer.json["language"]) == ("노면", "ko")
    shown = [(code["code"], code["title"], code["language"], code["parent"]) for code in answer.json["codes"]]
    assert shown == [("road", "도로", "ko", None), ("gravel", "Gravel", "en", "road")]


def test_past_and_retired_codes_are_there_for_the_asking(client: FlaskClient) -> None:
    def codes(query: str) -> list[str]:
        return [code["code"] for code in client.get(f"/api/v1/codes/surface?{query}").json["codes"]]

    assert codes("at=2019-06-01T00:00:00Z") == ["ice", "road", "gravel"]
    assert codes("all=true") == ["ice", "road", "gravel"]


@pytest.mark.parametrize(
    ("path", "status"), [("nothing", 404), ("surface?at=yesterday", 422), ("surface?colour=red", 400)]
)
def test_what_cannot_be_answered_is_a_problem_document(client: FlaskClient, path: str, status: int) -> None:
    answer = client.get(f"/api/v1/codes/{path}")
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
