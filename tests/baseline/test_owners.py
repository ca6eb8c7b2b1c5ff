"""What belongs to one person is nobody else's: each route that reaches a thing by its id, as its owner and a stranger.

A stranger's answer is the one for an id that names nothing, and nothing is written. Routes that a right opens are
asked with ids that exist by everybody who has not got the right.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from baseline.matrix import outcome
from baseline.routes import Route, routes
from baseline.samples import UNKNOWN, UNKNOWN_NUMBER, address, takes_numbers
from baseline.things import OWNED, OWNERLESS
from baseline.town import Town, Visitor
from baseline.watching import fingerprints, writes
from sqlalchemy import true
from werkzeug.test import TestResponse

from egovframe.core.auth.factors import naming
from egovframe.core.auth.services import sessions
from egovframe.core.modules.admin import reach
from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.persistence import now
from egovframe.core.web import guards
from egovframe.testing.visits import token_of

FORM = "/en/account/password"
OWNER, STRANGERS = "officer", ("citizen", "auditor")


def send(town: Town, visitor: Visitor, route: Route, parameters: dict[str, str]) -> TestResponse:
    """Ask as a browser (or a program) would that has everything right but whose it is."""
    path = address(town, route, **parameters)
    more: dict[str, Any] = {}
    if not route.is_safe and route.is_page and visitor.client is not None:
        form = OWNED[route.endpoint].form if route.endpoint in OWNED else {}
        more["data"] = {**form, "csrf_token": token_of(visitor.client, FORM)}
    elif not route.is_safe:
        more["json"] = {}
    return town.ask(visitor, route.method, path, **more)


def told(answer: TestResponse, names: dict[str, str]) -> tuple[int, str, str, int]:
    """Return what can be told of an answer apart from the names it was asked by and what differs by chance."""
    place, text = answer.headers.get("Location", ""), answer.text
    for name in names.values():
        place, text = place.replace(name, "…"), text.replace(name, "…")
    return answer.status_code, answer.mimetype, place, len(text) // 100 if answer.status_code < 400 else 0


def unknown(route: Route) -> dict[str, str]:
    """Return parameters that name nothing; the table of a row is named as it is."""
    names = {name: UNKNOWN_NUMBER if takes_numbers(route, name) else UNKNOWN for name in route.parameters}
    return {**names, "table": "civic_participation_contact"} if "table" in names else names


def owned(town: Town) -> list[Route]:
    """Return the routes that reach somebody's thing."""
    return [route for route in routes(town.app) if route.endpoint in OWNED]


def leaks(town: Town, only: str = "") -> Iterator[str]:
    """Yield a line for every route that tells a stranger's thing from nothing, or its owner nothing."""
    owner = town.once_more(OWNER)
    strangers = [town.once_more(name) for name in STRANGERS]
    for route in owned(town):
        if not route.endpoint.startswith(only):
            continue
        parameters = OWNED[route.endpoint].make(town, owner)
        before = fingerprints(town)
        for stranger in strangers:
            nothing = told(send(town, stranger, route, unknown(route)), unknown(route))
            seen = told(send(town, stranger, route, parameters), parameters)
            if seen != nothing:
                yield f"{route} as {stranger.name}: {seen}, for what does not exist {nothing}"
        after = fingerprints(town)
        if before != after:
            yield f"{route} as a stranger changes {[name for name in before if before[name] != after[name]]}"
        answer = send(town, owner, route, parameters)
        if answer.status_code >= 400 or told(answer, parameters) == nothing:
            yield f"{route} as its owner: {answer.status_code}"
        owner = town.once_more(OWNER)  # some of these end every session of their owner


def test_every_route_with_an_id_says_whose_things_it_reaches(town: Town) -> None:
    open_to_people = {
        route.endpoint
        for route in routes(town.app)
        if route.parameters and route.guard is not None and route.guard.rule != "permission"
    }
    assert open_to_people - set(OWNED) - set(OWNERLESS) == set(), "add these to tests/baseline/things.py"
    assert (set(OWNED) | set(OWNERLESS)) - open_to_people == set(), "no such route any more"


def test_a_stranger_is_told_what_everybody_is_told(each_town: Town) -> None:
    assert list(leaks(each_town)) == []


@pytest.mark.parametrize(
    ("place", "name", "endpoint"),
    [(sessions, "_live", "account.end_session"), (naming, "select", "account.rename_passkey")],
)
def test_a_verb_that_forgets_whose_it_is_is_reported(
    town: Town, monkeypatch: pytest.MonkeyPatch, place: Any, name: str, endpoint: str
) -> None:
    """Control: the condition on the owner is taken out of the statement."""
    real = getattr(place, name)

    class Forgetful:
        def __init__(self, *what: Any) -> None:
            self.statement = real(*what)

        def where(self, _owner: Any, *others: Any) -> Any:
            return self.statement.where(*others)

    monkeypatch.setattr(place, name, (lambda *_: (true(),)) if name == "_live" else Forgetful)
    found = list(leaks(town, only=endpoint))
    assert any(f"[{endpoint}] as citizen" in line for line in found), found


def test_no_list_shows_what_is_somebody_elses(town: Town) -> None:
    owner, stranger = town.once_more(OWNER), town.once_more("citizen")
    names = {
        name
        for endpoint in sorted(OWNED)
        for key, name in OWNED[endpoint].make(town, owner).items()
        if key in {"public_id", "loan_id"}
    }
    assert len(names) > 8
    shown: dict[str, set[str]] = {owner.name: set(), stranger.name: set()}
    for route in routes(town.app):
        if route.method != "GET" or route.parameters or route.guard is None or route.guard.rule != "signed_in":
            continue
        for visitor in (owner, stranger):
            text = town.ask(visitor, "GET", address(town, route)).text
            shown[visitor.name] |= {name for name in names if name in text}
    assert shown[stranger.name] == set()
    assert len(shown[owner.name]) > 5, "its owner sees it, or the search sees nothing"


def trespasses(town: Town, only: str = "") -> Iterator[str]:
    """Yield what somebody without the right was answered, or changed, by an unsafe method with ids that exist."""
    keys = {
        visitor.name: token_of(visitor.client, FORM)
        for visitor in town.visitors.values()
        if visitor.client is not None and not visitor.dead
    }
    for route in routes(town.app):
        if route.is_safe or route.guard is None or route.guard.rule == "public" or not route.endpoint.startswith(only):
            continue
        for visitor in town.visitors.values():
            if outcome(town, route, visitor) == "passes":
                continue
            form = {"csrf_token": keys.get(visitor.name, "")}
            path = address(town, route)
            with writes(town) as written:
                body: dict[str, Any] = {"data": form} if route.is_page else {"json": {}}
                answer = town.ask(visitor, route.method, path, **body)
            known = visitor.client is not None if route.is_page else bool(visitor.headers)
            if answer.status_code not in ({403, 404} if known and not visitor.dead else {401}):
                yield f"{route} as {visitor.name}: {answer.status_code}"
            if set(written) - {"core_audit", "core_audit_index"}:
                yield f"{route} as {visitor.name} writes {sorted(set(written))}"


def test_what_exists_is_changed_by_nobody_who_may_not(town: Town) -> None:
    assert list(trespasses(town)) == []


def test_a_view_that_changes_things_for_everybody_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Control: a view behind no guard writes into a table, and takes it back, so that the town stays as it is."""

    def open_door(**_: str) -> str:
        with town.database.writing() as session:
            session.add(StoredSetting(key="baseline", value=1, changed_at=now(session), changed_by="x"))
            session.flush()
            session.rollback()
        return "done"

    open_door.__guard__ = town.app.view_functions["admin_privacy.release"].__guard__  # type: ignore[attr-defined]
    monkeypatch.setitem(town.app.view_functions, "admin_privacy.release", open_door)
    monkeypatch.setattr(guards, "check", lambda *_: None)
    monkeypatch.setattr(reach, "holds_everywhere", lambda *_: True)
    found = list(trespasses(town, only="admin_privacy.release"))
    assert any("writes ['core_setting']" in line for line in found), found
    assert any(line.endswith("as citizen: 200") for line in found), found
