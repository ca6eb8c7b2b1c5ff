"""Every route answers every kind of visitor as it declares; new routes and roles are covered by being there."""

from __future__ import annotations

import pytest
from baseline.matrix import problems
from baseline.routes import routes
from baseline.samples import missing
from baseline.town import Town

from egovframe.core.web import guards, undeclared

FEW = {"anonymous", "without a role", "officer", "auditor", "administrator", "disabled account", "expired grants"}


def test_every_parameter_of_a_route_has_a_sample(town: Town) -> None:
    assert missing(routes(town.app)) == [], "add these to tests/baseline/samples.py"


def test_every_route_declares_who_may_call_it(town: Town) -> None:
    assert undeclared(town.app) == []


def test_every_route_answers_every_visitor_as_declared(town: Town) -> None:
    assert list(problems(town)) == []


def test_on_postgresql_too(postgres_town: Town) -> None:
    assert list(problems(postgres_town, only=FEW)) == []


def test_a_guard_that_no_longer_asks_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "check", lambda *_: None)
    found = list(problems(town, only={"anonymous", "without a role"}))
    guarded = {str(route) for route in routes(town.app) if route.guard is not None and route.guard.rule != "public"}
    reported = {line.partition(" as ")[0] for line in found}
    assert len(reported) > len(guarded) * 0.8, guarded - reported


def test_a_session_that_outlives_its_account_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    dead, alive = town.visitors["disabled account"], town.visitors["administrator"]
    monkeypatch.setattr(dead, "client", alive.client)
    monkeypatch.setattr(dead, "headers", alive.headers)
    found = list(problems(town, only={"disabled account"}))
    assert any("/admin" in line for line in found)
    assert any("/api/v1" in line for line in found)
