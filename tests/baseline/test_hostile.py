"""Whatever is sent, wherever: a refusal or plain text, never a server error, always soon."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator, Mapping
from typing import Any

import pytest
from baseline import payloads
from baseline.inputs import query_names, schemas_of
from baseline.routes import Route, routes
from baseline.samples import COUNTED_UP, UNKNOWN_NUMBER, address, takes_numbers
from baseline.town import Town, Visitor
from baseline.watching import writes
from flask import Flask
from marshmallow import fields
from werkzeug.test import TestResponse

from egovframe.core.auth import public
from egovframe.core.web import api
from egovframe.testing.visits import token_of

CPU_SECONDS, SECONDS = 3.0, 25.0
"""For one request: of this thread's own work, whatever else the machine does, and on the wall, which a sleeping
statement would cost. The promise of less than a second is measured on an idle machine by the bench."""
FORM = "/en/account/password"


class Attack:
    """Sends everything to everything as somebody who may do everything, and collects what went wrong."""

    def __init__(self, town: Town, texts: Mapping[str, str] = payloads.TEXTS) -> None:
        self.town = town
        self.texts = texts
        self.heavy: set[str] = set()
        self.visitor: Visitor = town.once_more("administrator")
        assert self.visitor.client is not None
        self.token = token_of(self.visitor.client, FORM)
        self.wrong: list[str] = []
        self.sent = 0

    def send(self, route: Route, what: str, path: str, **more: Any) -> TestResponse | None:
        """Send one request and judge the answer."""
        began, worked = time.perf_counter(), time.thread_time()
        self.sent += 1
        try:
            answer = self.town.ask(self.visitor, route.method, path, **more)
        except UnicodeError:
            return None  # the client itself cannot write it down
        took, worked = time.perf_counter() - began, time.thread_time() - worked
        if answer.status_code >= 500:
            self.wrong.append(f"{route} {what}: {answer.status_code}")
        if took > SECONDS or worked > CPU_SECONDS:
            self.wrong.append(f"{route} {what}: {took:.1f} s, of them {worked:.1f} s at work")
        if "evil" in answer.headers.get("Set-Cookie", "") or "62615533" in answer.text[:200_000]:
            self.wrong.append(f"{route} {what}: it was run")
        return answer

    def paths(self, route: Route) -> None:
        """Put each text into each parameter of the address."""
        for name in route.parameters:
            for what, text in self.texts.items():
                try:
                    path = address(self.town, route, unknown=True, **{name: text})
                except (ValueError, UnicodeError):
                    continue  # no address can hold it
                self.send(route, f"{what} in the address ({name})", path, data=self.form(route))

    def queries(self, route: Route) -> None:
        """Put each text into every name of the query at once."""
        path = address(self.town, route, unknown=not route.is_safe)
        names = query_names(self.town.app, route)
        for what, text in self.texts.items():
            if len(text) > 10_000 and len(names) > 3:
                text = text[:5_000]
            self.send(route, f"{what} in the query", path, query_string=dict.fromkeys(names, text))
        for what in payloads.ONE_BY_ONE:  # the refusal of one name must not hide what another would do
            for name in names[1:] and names:
                self.send(route, f"{what} as {name}", path, query_string={name: self.texts.get(what, "")})
        everything = self.first("queries")
        for what, raw in payloads.RAW_QUERY.items():
            if len(raw) > 10_000 and not everything:
                raw = raw[: len(raw) // 10]  # as with forms: the parser is the same for every view
            self.send(route, f"{what} in the query", f"{path}?{names[0] if names else 'x'}={raw}")

    def forms(self, route: Route) -> None:
        """Put each text into each field of a page's form, and into all of them."""
        path = address(self.town, route, unknown=True)
        for schema in schemas_of(self.town.app, route):
            for what, text in self.texts.items():
                values = dict.fromkeys(schema.load_fields, text)
                self.send(route, f"{what} in the form", path, data={**values, "csrf_token": self.token})
        for kind in payloads.CONTENT_TYPES:
            self.send(route, f"as {kind or 'nothing'}", path, data=b"x" * 100, headers={"Content-Type": kind})
        # The parser stands before every view: the largest ones are sent to one view only, to the others a tenth.
        count = 100_000 if self.first("forms") else 2_000
        many = "&".join(f"k{number}=1" for number in range(count))
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        self.send(route, f"{count} fields", path, data=f"csrf_token={self.token}&{many}", headers=headers)
        parts = b"".join(
            b'--x\r\nContent-Disposition: form-data; name="k%d"\r\n\r\n1\r\n' % n for n in range(count // 5)
        )
        headers = {"Content-Type": "multipart/form-data; boundary=x"}
        self.send(route, f"{count // 5} parts", path, data=parts + b"--x--\r\n", headers=headers)

    def bodies(self, route: Route) -> None:
        """Send what is no JSON, and JSON with each text in each field."""
        path = address(self.town, route, unknown=True)
        everything = self.first("bodies")
        for what, body in payloads.JSON_BODIES.items():
            if len(body) > 1_000_000 and not everything:
                continue
            self.send(route, what, path, data=body, headers={"Content-Type": "application/json"})
        for kind in payloads.CONTENT_TYPES:
            self.send(route, f"as {kind or 'nothing'}", path, data=b'{"text": "x"}', headers={"Content-Type": kind})
        for schema in schemas_of(self.town.app, route):
            for what, text in self.texts.items():
                values = {field.data_key or name: _shaped(field, text) for name, field in schema.load_fields.items()}
                self.send(route, f"{what} in the body", path, json=values)

    def first(self, what: str) -> bool:
        """Whether this is the first time in this attack."""
        new = what not in self.heavy
        self.heavy.add(what)
        return new

    def form(self, route: Route) -> dict[str, str]:
        """Return the token that a page's unsafe methods ask for."""
        return {"csrf_token": self.token} if route.is_page and not route.is_safe else {}


def _shaped(field: Any, text: str) -> Any:
    return [text] if isinstance(field, fields.List) else text


def attacked(town: Town, *, only: str = "", texts: Mapping[str, str] = payloads.TEXTS) -> Attack:
    """Send everything to every route (or to the endpoints that begin with ``only``)."""
    attack = Attack(town, texts)
    for route in routes(town.app):
        if not route.endpoint.startswith(only):
            continue
        attack.paths(route)
        if route.is_safe:
            attack.queries(route)
        elif route.is_page:
            attack.forms(route)
        else:
            attack.bodies(route)
    return attack


@pytest.mark.slow
def test_nothing_that_is_sent_breaks_a_route(town: Town) -> None:
    attack = attacked(town)
    assert attack.wrong == []
    assert attack.sent > 1000


@pytest.mark.slow
def test_what_a_server_of_its_own_could_choke_on_does_not_break_it(postgres_town: Town) -> None:
    attack = attacked(postgres_town, texts={name: payloads.TEXTS[name] for name in payloads.FOR_POSTGRESQL})
    assert attack.wrong == []


def test_a_route_that_believes_what_it_is_told_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    @public
    def naive() -> str:
        from flask import render_template_string, request
        from sqlalchemy import text

        with town.database.reading() as session:
            session.execute(text(f"SELECT 1 WHERE '{request.args.get('q', '')}' = ''"))
        return render_template_string(request.args.get("q", ""))

    app: Flask = town.app
    monkeypatch.setitem(app.view_functions, "core.search", naive)
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)
    found = attacked(town, only="core.search").wrong
    assert any("quote" in line and ": 50" in line for line in found), found
    assert any("it was run" in line for line in found), found


def test_a_route_that_works_too_long_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    @public
    def slow() -> str:
        ends = time.thread_time() + 0.3
        while time.thread_time() < ends:
            pass
        return "done"

    monkeypatch.setitem(town.app.view_functions, "core.search", slow)
    monkeypatch.setattr(sys.modules[__name__], "CPU_SECONDS", 0.2)
    attack = Attack(town)
    [route] = [each for each in routes(town.app) if each.endpoint == "core.search" and each.method == "GET"]
    attack.send(route, "anything", address(town, route))
    assert "at work" in attack.wrong[0]


def assigned(town: Town) -> Iterator[str]:
    """Yield what became of names that nobody asked for, sent to every route that takes a body or a form."""
    attack = Attack(town)
    for route in routes(town.app):
        if route.is_safe:
            continue
        path = address(town, route, unknown=True)
        form = {"data": {**payloads.ASSIGNED, "csrf_token": attack.token}}
        body: dict[str, Any] = form if route.is_page else {"json": payloads.ASSIGNED}
        with writes(town) as written:
            answer = attack.send(route, "assigned", path, **body)
        if answer is None:
            continue
        takes = bool(schemas_of(town.app, route))
        if takes and answer.status_code < 400:
            yield f"{route}: {answer.status_code}"
        if takes and {name for name in written if name != "core_audit"} - {"core_audit_pending"}:
            yield f"{route}: writes {sorted(set(written))}"
        if answer.status_code < 400:
            attack = Attack(town)  # the one before may have signed out


def test_names_that_nobody_asked_for_are_refused(town: Town) -> None:
    assert list(assigned(town)) == []


def test_a_schema_that_takes_whatever_comes_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    from egovframe.core.web.account.schemas import NothingSchema

    if any(type(each) is NothingSchema for route in routes(town.app) for each in schemas_of(town.app, route)):
        monkeypatch.setattr(NothingSchema.Meta, "unknown", "exclude")
        monkeypatch.setattr(NothingSchema.opts, "unknown", "exclude")
    assert list(assigned(town)) != []


def believed(town: Town, only: str = "") -> Iterator[str]:
    """Yield every address of the API that takes a filter or an order that it does not declare."""
    for route in routes(town.app):
        if not route.is_safe or not route.rule.rule.startswith("/api/v1/") or route.endpoint == "core.openapi":
            continue
        if not route.endpoint.startswith(only):
            continue
        for name in ("sort", "order_by", "filter[email]", "include", "fields", "password_hash"):
            path = address(town, route)
            answer = town.ask(town.visitors["administrator"], "GET", path, query_string={name: "x"})
            if answer.status_code != 400:
                yield f"{route} ?{name}: {answer.status_code}"


def test_filters_and_orders_that_nobody_declared_are_refused(town: Town) -> None:
    assert list(believed(town)) == []


def test_a_filter_that_nobody_looks_at_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(api, "declared_query", lambda *_: None)
    assert len(list(believed(town, only="areas_api"))) > 5


def walked(town: Town, only: str = "") -> Iterator[str]:
    """Yield every guarded route that says of ids that are counted up anything but that there is nothing."""
    for route in routes(town.app):
        if not route.parameters or route.guard is None or route.guard.rule == "public" or route.method != "GET":
            continue
        if route.endpoint in COUNTED_UP or not route.endpoint.startswith(only):
            continue
        answers = set()
        bare = any(takes_numbers(route, name) for name in route.parameters)
        for number in ("1", "2", "3", "00000001", UNKNOWN_NUMBER if bare else "zzzzzzzzzzzz"):
            path = address(town, route, **dict.fromkeys(route.parameters, number))
            answer = town.ask(town.visitors["administrator"], "GET", path)
            answers.add((answer.status_code, answer.mimetype))
        if len(answers) != 1 or answers.pop()[0] != 404:
            yield str(route)


def test_walking_through_numbers_finds_nothing_and_says_nothing(town: Town) -> None:
    """Ids that are counted up, and ids of another's things: the same answer as for what does not exist."""
    assert list(walked(town)) == []


def test_a_page_that_counts_its_ids_up_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def counted(account_id: str) -> tuple[str, int]:
        return ("found", 200) if account_id == "2" else ("nothing", 404)

    guard = town.app.view_functions["admin_accounts.account"].__guard__
    counted.__guard__ = guard  # type: ignore[attr-defined]
    monkeypatch.setitem(town.app.view_functions, "admin_accounts.account", counted)
    assert list(walked(town, only="admin_accounts.account"))
