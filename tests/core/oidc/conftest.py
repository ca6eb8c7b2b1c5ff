"""A city that people can sign in to with two providers, both real servers."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import urllib3
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from egovframe.core.modules.audit import AuditEntry
from egovframe.core.persistence import Database
from egovframe.core.web import runtime

from .provider import CLIENT, SECRET, TestProvider, running

TITLE = {"en": "City Login", "ko": "시민 로그인", "ar": "دخول المدينة"}


@pytest.fixture
def provider() -> Iterator[TestProvider]:
    """The provider ``city``."""
    with running() as started:
        yield started


@pytest.fixture
def other() -> Iterator[TestProvider]:
    """The provider ``other``, which a mix-up attack would use."""
    with running() as started:
        yield started


@pytest.fixture
def provider_settings() -> dict[str, Any]:
    """What a test changes in ``[oidc.city]``."""
    return {}


@pytest.fixture
def city_settings(provider: TestProvider, other: TestProvider, provider_settings: dict[str, Any]) -> dict[str, Any]:
    """Two providers, and the allowance that lets them be asked on this machine."""
    common = {"client_id": CLIENT, "client_secret": SECRET}
    return {
        "plugins": {"disabled": ["civic_participation"]},
        "outgoing": {"allow_http": True, "allowed_networks": ["127.0.0.0/8"], "seconds": 3},
        "oidc": {
            "city": {"title": TITLE, "issuer": provider.issuer, **common, **provider_settings},
            "other": {"title": {"en": "Other"}, "issuer": other.issuer, **common},
        },
    }


@pytest.fixture
def database(app: Flask) -> Iterator[Database]:
    """The application's database."""
    return runtime(app).database


@pytest.fixture
def trip(client: FlaskClient) -> Trip:
    """A visitor who signs in with a provider."""
    return Trip(client)


class Trip:
    """One browser between the city and its providers, one step at a time, so that a test can come between."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client
        self.sent: list[str] = []
        """Every Set-Cookie of the first step."""

    def begin(self, name: str = "city", next_page: str = "", language: str = "en") -> str:
        """Press the button; return the provider's address that the browser is led to."""
        query = {"next": next_page} if next_page else {}
        answer = self.client.get(f"/{language}/account/sign-in/with/{name}", query_string=query)
        assert answer.status_code == 303, answer.text
        self.sent += answer.headers.getlist("Set-Cookie")
        return answer.headers["Location"]

    def visit(self, address: str) -> str:
        """Go to the provider; return the address of ours that it sends the browser back to."""
        answer = urllib3.request("GET", address, redirect=False, retries=False)
        assert answer.status == 302, answer.data
        return answer.headers["Location"]

    def back(self, address: str) -> TestResponse:
        """Come back to us; return the answer of the page that finishes."""
        parts = urlsplit(address)
        led = self.client.get(f"{parts.path}?{parts.query}")
        assert led.status_code == 303, led.text
        return self.client.get(led.headers["Location"])

    def sign_in(self, name: str = "city", next_page: str = "", language: str = "en") -> TestResponse:
        """Do it all."""
        return self.back(self.visit(self.begin(name, next_page, language)))

    @property
    def is_in(self) -> bool:
        """Whether somebody is signed in."""
        return self.client.get("/en/account/").status_code == 200


def parameter(address: str, name: str) -> str:
    """Return one parameter of an address."""
    return parse_qs(urlsplit(address).query)[name][0]


def changed(address: str, **parameters: str | None) -> str:
    """Return an address with other parameters; None takes one away."""
    for name, value in parameters.items():
        address = re.sub(rf"([?&]){name}=[^&]*", rf"\1{name}={value}" if value is not None else r"\1", address)
    return address


def refusals(database: Database) -> list[str]:
    """Return why sign-ins were refused, from the audit, oldest first."""
    statement = select(AuditEntry).where(AuditEntry.outcome == "refused").order_by(AuditEntry.id)
    with database.reading() as session:
        return [entry.reason for entry in session.scalars(statement)]
