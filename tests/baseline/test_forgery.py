"""No foreign site makes a browser act here: every unsafe route, with cookies of somebody who may do everything."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from typing import Any

import pytest
from baseline.routes import Route, routes
from baseline.samples import address
from baseline.town import Town
from flask_wtf.csrf import CSRFProtect

from egovframe.core.web import csrf
from egovframe.testing.visits import token_of

PAGE_WITH_FORM = "/en/account/password"
CROSS = {"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"}


def unsafe(town: Town) -> Iterator[Route]:
    return (route for route in routes(town.app) if not route.is_safe)


def forged(town: Town) -> Iterator[str]:
    """Yield what a foreign site could do: one line a route and way."""
    admin = town.once_more("administrator")
    assert admin.client is not None
    own = token_of(admin.client, PAGE_WITH_FORM)
    foreign = token_of(town.app.test_client(), "/en/account/sign-in")
    # What this process answered before must not matter (CKAN kept an exemption for all after the first call).
    town.ask(town.visitors["anonymous"], "POST", "/api/v1/complaints", json={})
    town.ask(town.visitors["narrowed token"], "GET", "/api/v1/tokens")
    for route in unsafe(town):
        path = address(town, route, unknown=True)
        if not route.is_page:
            yield from _by_cookie_alone(town, route, path)
            continue
        assert admin.client is not None
        tries = {
            "without a token": ({}, {}),
            "with somebody else's token": ({"csrf_token": foreign}, {}),
            "from another site": ({"csrf_token": own}, CROSS),
            "from another site by Origin": ({"csrf_token": own}, {"Origin": "https://evil.example"}),
            "from a neighbouring host": ({"csrf_token": own}, {"Sec-Fetch-Site": "same-site"}),
        }
        for way, (data, headers) in tries.items():
            answer = town.ask(admin, route.method, path, data=data, headers=headers)
            if answer.status_code != 400:
                yield f"{route} {way}: {answer.status_code}"
                admin = town.once_more("administrator")  # where a guard is switched off, this one may have signed out


def _by_cookie_alone(town: Town, route: Route, path: str) -> Iterator[str]:
    """Where no cookie is read there is nothing to ride on: what needs somebody must not know who it is."""
    client = town.visitors["administrator"].client
    assert client is not None
    answer = client.open(path, method=route.method, json={}, headers=CROSS)
    if route.guard is not None and route.guard.rule != "public" and answer.status_code != 401:
        yield f"{route} by cookie alone: {answer.status_code}"


def test_every_unsafe_route_refuses_a_foreign_site(town: Town) -> None:
    assert list(forged(town)) == []


def test_a_token_that_nobody_asks_for_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(CSRFProtect, "protect", lambda _self: None)
    found = list(forged(town))
    pages = {str(route) for route in unsafe(town) if route.is_page}
    named = {line.partition(" without a token")[0] for line in found if "without a token" in line}
    assert len(named) > len(pages) * 0.9, pages - named


def test_an_origin_that_nobody_looks_at_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csrf, "refuse_foreign_origins", lambda: None)
    assert any("from another site" in line for line in forged(town))


def test_an_exemption_that_outlives_its_call_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: an API view switches the check off for the whole process, as CKAN's did."""
    extension = town.app.extensions[csrf.EXTENSION]
    monkeypatch.setattr(extension, "protect", extension.protect)  # put back afterwards
    endpoint = "civic_participation_api.file"
    real = town.app.view_functions[endpoint]

    def exempting(**values: str) -> Any:
        extension.protect = lambda: None
        return real(**values)

    functools.update_wrapper(exempting, real)
    monkeypatch.setitem(town.app.view_functions, endpoint, exempting)
    assert any("without a token" in line for line in forged(town))
