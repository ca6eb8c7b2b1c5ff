"""Who still works for the city is not erased before the role has ended."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from egovframe.core.auth import Account
from egovframe.core.web import runtime
from egovframe.testing.factories import PASSWORD, Factory
from egovframe.testing.visits import submit


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


def test_an_officer_is_told_why_and_nothing_is_erased(app: Any, make: Factory) -> None:
    client = make.client(make.account("officer"))
    path = "/en/account/my-data/erase"
    page = client.get(path).text
    assert "This is not possible yet" in page
    assert "An administrator ends the role first" in page
    assert submit(client, "/en/account/my-data", path, password=PASSWORD).status_code == 422
    with runtime(app).database.reading() as session:
        assert session.scalars(select(Account)).one().state == "active"


def test_a_wrong_password_erases_nothing(app: Any, make: Factory) -> None:
    client = make.client(make.account())
    assert submit(client, "/en/account/my-data/erase", password="not-the-password").status_code == 422
    assert client.get("/en/account").status_code == 200
