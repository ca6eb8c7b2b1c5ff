"""Statements do not grow with rows: a list of three and one of fifteen cost the same."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from helpers.complaints import WEST

from egovframe.core.persistence import Database
from egovframe.testing.queries import count_queries

COMPLAINT: dict[str, Any] = {"category": "street-light", **WEST, "description": "The lamp is dark."}


def file_some(visitor: FlaskClient, count: int) -> None:
    for _number in range(count):
        assert visitor.post("/api/v1/complaints", json=COMPLAINT).status_code == 201


@pytest.mark.parametrize(
    ("path", "most"), [("/en/", 4), ("/en/complaints", 3), ("/en/complaints/map", 7), ("/api/v1/complaints", 1)]
)
def test_public_pages(visitor: FlaskClient, db: Database, path: str, most: int) -> None:
    file_some(visitor, 3)
    visitor.get(path)
    with count_queries(db) as few:
        visitor.get(path)
    file_some(visitor, 12)
    with count_queries(db) as many:
        visitor.get(path)
    assert len(many) == len(few), str(many)
    assert len(many) <= most, str(many)


def test_the_inbox(visitor: FlaskClient, official: FlaskClient, db: Database) -> None:
    file_some(visitor, 3)
    official.get("/en/desk")
    with count_queries(db) as few:
        official.get("/en/desk")
    file_some(visitor, 12)
    with count_queries(db) as many:
        official.get("/en/desk")
    assert len(many) == len(few), str(many)


def test_filing_takes_a_bounded_number_of_statements(visitor: FlaskClient, db: Database) -> None:
    file_some(visitor, 2)
    with count_queries(db) as counted:
        file_some(visitor, 1)
    assert len(counted) <= 30, str(counted)


def test_reading_and_the_desk_take_a_bounded_number_of_statements(
    visitor: FlaskClient, official: FlaskClient, db: Database
) -> None:
    filed = visitor.post("/api/v1/complaints", json=COMPLAINT).get_json()
    path = f"/api/v1/complaints/{filed['reference']}"
    headers = {"X-Tracking-Code": filed["tracking_code"]}
    visitor.get(path, headers=headers)
    with count_queries(db) as reading:
        assert visitor.get(path, headers=headers).status_code == 200
    assert len(reading) <= 4, str(reading)
    official.get("/en/desk")
    with count_queries(db) as listing:
        assert official.get("/en/desk").status_code == 200
    assert len(listing) <= 12, str(listing)
