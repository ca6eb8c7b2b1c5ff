"""A link to a file is no key: what somebody downloaded, nobody gets who only has the address."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from baseline.routes import Route, routes
from baseline.samples import address
from baseline.town import Town, Visitor
from werkzeug.test import TestResponse

from egovframe.core.modules.admin import reach
from egovframe.core.web import guards
from egovframe.testing.visits import token_of

FORMS = {
    "account.download_data": ("citizen", "/en/account/my-data", {"format": "json"}),
    "admin_audit.export": ("auditor", "/en/admin/audit", {}),
}
"""Downloads that a form begins: who may, where the form stands, and what is chosen."""
FORMS_TRY = ({}, {"format": "csv"}, {"format": "json"}, {"format": "jsonl"})


def asked(town: Town, visitor: Visitor, route: Route, token: str = "", **data: str) -> TestResponse:
    body = {"csrf_token": token, **data} if not route.is_safe else None
    return town.ask(visitor, route.method, address(town, route), data=body)


def downloads(town: Town) -> dict[str, tuple[Route, Visitor, dict[str, str]]]:
    """Return every route that answers somebody who may with a file, found by asking."""
    found = {}
    for route in routes(town.app):
        if route.guard is None or route.guard.rule == "public" or not route.is_page:
            continue
        if route.is_safe:
            for name in ("administrator", "auditor"):
                answer = asked(town, town.visitors[name], route)
                if answer.status_code == 200 and answer.mimetype != "text/html":
                    found[route.endpoint] = (route, town.visitors[name], dict[str, str]())
        elif route.endpoint in FORMS:
            name, page, data = FORMS[route.endpoint]
            visitor = town.visitors[name]
            assert visitor.client is not None
            token = token_of(visitor.client, page)
            for chosen in ({**data, **more} for more in FORMS_TRY):
                answer = asked(town, visitor, route, token, **chosen)
                if answer.status_code == 200 and answer.mimetype != "text/html":
                    found[route.endpoint] = (route, visitor, chosen)
                    break
    return found


def replayed(town: Town, known: dict[str, tuple[Route, Visitor, dict[str, str]]]) -> Iterator[str]:
    """Yield every download that somebody gets who is signed out, with a form of their own."""
    nobody = Visitor("signed out", client=town.app.test_client())
    assert nobody.client is not None
    token = token_of(nobody.client, "/en/account/sign-in")
    for name, (route, _owner, data) in known.items():
        answer = asked(town, nobody, route, token, **data)
        if answer.status_code not in {303, 401, 403} or "attachment" in answer.headers.get("Content-Disposition", ""):
            yield f"{name}: {answer.status_code}"


def test_a_link_to_a_file_opens_nothing_for_who_is_signed_out(town: Town) -> None:
    known = downloads(town)
    assert {"account.download_data", "admin_audit.export", "admin_audit.heads_file"} <= set(known)
    assert list(replayed(town, known)) == []


def test_a_download_without_a_guard_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    known = downloads(town)
    monkeypatch.setattr(guards, "check", lambda *_: None)
    monkeypatch.setattr(reach, "holds_everywhere", lambda *_: True)
    assert any("admin_audit.heads_file" in line for line in replayed(town, known))
