"""What every answer carries, whatever its status: policy, type, caching, cookies, no door for other origins."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from baseline.inputs import schemas_of
from baseline.routes import Route, routes
from baseline.samples import address
from baseline.town import Town, Visitor, fresh_address
from flask import request, url_for
from werkzeug.test import TestResponse

from egovframe.app import create_app
from egovframe.config import load_settings
from egovframe.core.auth import Account
from egovframe.core.modules.notifications.delivering import tools_of
from egovframe.core.modules.notifications.rendering import Renderer
from egovframe.core.web import runtime, security
from egovframe.core.web.account import addresses
from egovframe.demo import DemoFolder
from egovframe.testing.databases import TEST_SECRET
from egovframe.testing.factories import PASSWORD
from egovframe.testing.visits import token_of

EVIL = "https://evil.example"


def wrong_headers(route: Route, visitor: Visitor, answer: TestResponse, cache: str = "") -> Iterator[str]:
    """Yield what is wrong with an answer's headers.

    Args:
        cache: how the view says that its answers are kept (``caches``).
    """
    headers = answer.headers
    policy = headers.get("Content-Security-Policy", "")
    for needed in ("default-src 'self'", "object-src 'none'", "frame-ancestors 'none'"):
        if needed not in policy:
            yield f"policy {policy!r}"
    if "unsafe-inline" in policy or "unsafe-eval" in policy or "*" in policy:
        yield f"policy {policy!r}"
    for name, value in {"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY"}.items():
        if headers.get(name) != value:
            yield f"{name} {headers.get(name)!r}"
    if "Referrer-Policy" not in headers:
        yield "no Referrer-Policy"
    if headers.get("Access-Control-Allow-Credentials") or headers.get("Access-Control-Allow-Origin") == EVIL:
        yield "another origin may read with credentials"
    yield from _wrong_caching(route, visitor, answer, cache)
    yield from wrong_cookies(answer)


def _wrong_caching(route: Route, visitor: Visitor, answer: TestResponse, cache: str) -> Iterator[str]:
    caching = answer.headers.get("Cache-Control", "")
    if not caching:
        yield "no Cache-Control"
    if cache == "public" and answer.status_code in {200, 302}:
        return  # the same for everybody, whoever asks
    if cache == "no-store" and "no-store" not in caching:
        yield f"declared no-store, and {caching!r}"
    personal = route.is_page and visitor.client is not None and not visitor.dead
    personal = personal or (not route.is_page and bool(visitor.headers) and not visitor.dead)
    asks = route.guard is not None and route.guard.rule != "public"
    if personal and (route.is_page or asks) and "no-store" not in caching:
        yield f"made for one person, and {caching!r}"
    if route.is_page and "Cookie" not in answer.headers.get("Vary", ""):
        yield f"Vary {answer.headers.get('Vary')!r}"
    if personal and "public" in caching and asks:
        yield f"made for one person, and {caching!r}"


def wrong_cookies(answer: TestResponse, *, https: bool = False) -> Iterator[str]:
    """Yield what is wrong with the cookies that an answer sets."""
    for cookie in answer.headers.getlist("Set-Cookie"):
        parts = {part.strip().lower() for part in cookie.split(";")[1:]}
        for needed in ("httponly", "samesite=lax", "path=/"):
            if needed not in parts:
                yield f"cookie without {needed}: {cookie.partition('=')[0]}"
        if https and ("secure" not in parts or not cookie.startswith("__Host-")):
            yield f"cookie that travels in the clear: {cookie.partition('=')[0]}"
        if any(part.startswith("domain=") for part in parts):
            yield f"cookie for other hosts: {cookie.partition('=')[0]}"


def asked(town: Town, only: tuple[str, ...]) -> Iterator[tuple[Route, Visitor, TestResponse]]:
    """Ask every route in every way that makes another kind of answer: 200, 404, 405, refused."""
    for route in routes(town.app):
        for name in only:
            visitor = town.visitors[name]
            known, unknown = address(town, route, unknown=not route.is_safe), address(town, route, unknown=True)
            for method, path in {(route.method, known), (route.method, unknown), ("PROPFIND", unknown)}:
                yield route, visitor, town.ask(visitor, method, path, headers={"Origin": EVIL})


def kept(town: Town, route: Route, answer: TestResponse) -> str:
    """Return what the view declares, where the view itself answered."""
    reached = answer.status_code not in {400, 404, 405}
    return str(getattr(town.app.view_functions[route.endpoint], "__cache__", "")) if reached else ""


def test_every_answer_carries_what_protects_its_reader(town: Town) -> None:
    found = {
        f"{route} as {visitor.name}, {answer.status_code}: {wrong}"
        for route, visitor, answer in asked(town, ("anonymous", "citizen", "administrator", "disabled account"))
        for wrong in wrong_headers(route, visitor, answer, kept(town, route, answer))
    }
    assert sorted(found) == []


def test_a_lost_header_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    visitor, route = town.visitors["citizen"], next(each for each in routes(town.app) if each.endpoint == "core.home")
    for name in ("Content-Security-Policy", "X-Content-Type-Options", "Cache-Control", "Vary"):
        answer = town.ask(visitor, "GET", "/en/")
        del answer.headers[name]
        assert list(wrong_headers(route, visitor, answer)), name
    answer = town.ask(visitor, "GET", "/en/")
    answer.headers["Content-Security-Policy"] += "; script-src 'unsafe-inline'"
    assert list(wrong_headers(route, visitor, answer))
    answer.headers["Set-Cookie"] = "egov_session=1; Path=/"
    assert list(wrong_cookies(answer))
    monkeypatch.setattr(security, "is_personal", lambda: False)
    assert any("one person" in wrong for wrong in wrong_headers(route, visitor, town.ask(visitor, "GET", "/en/")))


def test_cookies_of_an_https_city_never_travel_in_the_clear(town: Town, tmp_path: Path) -> None:
    place = DemoFolder(tmp_path / "https")
    place.make()
    overrides = {
        "secret_key": TEST_SECRET,
        "database_url": runtime(town.app).settings.database_url,
        "environment": "test",
        "public_url": "https://city.example",
    }
    app = create_app(load_settings(place.folder, environ={}, overrides=overrides))
    try:
        client = app.test_client()
        seen = 0
        for route in routes(app):
            if route.method == "GET" and not route.parameters:
                path = "/en" + route.rule.rule.partition(">")[2] if route.is_page else route.rule.rule
                given = {"REMOTE_ADDR": fresh_address()}
                answer = client.get(path, base_url="https://city.example", environ_overrides=given)
                assert list(wrong_cookies(answer, https=True)) == [], path
                assert "max-age" in answer.headers["Strict-Transport-Security"], path
                seen += len(answer.headers.getlist("Set-Cookie"))
        assert seen > 1
    finally:
        runtime(app).database.dispose()


def answered_as(town: Town, host: str, only: str = "") -> Iterator[str]:
    """Yield every route that answers under a foreign host, or repeats its name."""
    for route in routes(town.app):
        if route.rule.rule in security.PROBES or not route.endpoint.startswith(only):
            continue
        path = address(town, route, unknown=not route.is_safe)
        answer = town.ask(town.visitors["anonymous"], route.method, path, headers={"Host": host})
        if answer.status_code != 400 or "evil.example" in answer.text:
            yield f"{route}: {answer.status_code}"


@pytest.mark.parametrize("host", ["evil.example", "localhost.evil.example", "evil.example:80"])
def test_a_foreign_host_is_answered_nowhere(town: Town, host: str) -> None:
    assert list(answered_as(town, host)) == []


def test_a_host_that_nobody_looks_at_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(security, "host_of_request", lambda: "localhost")
    assert any("core.home" in line for line in answered_as(town, "evil.example", only="core."))


def link_in_a_mail(town: Town) -> str:
    """Return the link of a recovery mail that is written while somebody asks under a foreign host."""
    renderer = tools_of(town.database).renderer
    with town.app.test_request_context("/en/account/recover", base_url="https://evil.example", headers=FORWARDED):
        return renderer.render("auth.recover", "account:x", {"token": "x", "until": datetime.now(UTC)}).link


def test_links_in_mails_lead_to_the_configured_address(town: Town) -> None:
    assert link_in_a_mail(town).startswith(runtime(town.app).settings.public_url)


def test_a_link_made_from_the_request_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def trusting(_self: Renderer, endpoint: str, language: str, **values: Any) -> str:
        return str(url_for(endpoint, lang=language, _external=True, **values))

    monkeypatch.setattr(Renderer, "link", trusting)
    assert link_in_a_mail(town).startswith("https://evil.example")


FORWARDED = {"X-Forwarded-Host": "evil.example", "X-Forwarded-Proto": "gopher", "Forwarded": "host=evil.example"}
TARGETS = (
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "javascript:alert(1)",
    "https://evil.example/x",
    "/\t/evil.example",
)


def leads_away(answer: TestResponse) -> bool:
    """Whether a redirect leaves the portal, or an answer names the foreign host in a link."""
    target = answer.headers.get("Location", "/").replace("\\", "/").replace("\t", "")
    return not (target.startswith("/") and not target.startswith("//"))


def led_away(town: Town, only: str = "") -> Iterator[str]:
    """Yield every page that leads to where its address said."""
    for route in routes(town.app):
        if route.method != "GET" or route.is_api or not route.endpoint.startswith(only):
            continue
        for target in TARGETS:
            for name in ("anonymous", "citizen"):
                answer = town.ask(
                    town.visitors[name], "GET", address(town, route), headers=FORWARDED, query_string={"next": target}
                )
                if leads_away(answer):
                    yield f"{route} as {name} with next={target}: {answer.headers['Location']}"
                if "//evil.example" in answer.text.replace("%2F", "/").split("next=")[0]:
                    yield f"{route} as {name}: names the foreign host"


def sent_away(town: Town) -> Iterator[str]:
    """Yield every form with a hidden ``next`` that leads to where it said."""
    for route in routes(town.app):
        schemas = [] if route.is_safe or not route.is_page else schemas_of(town.app, route)
        if not any("next" in schema.load_fields for schema in schemas):
            continue
        for target in TARGETS:
            visitor = town.once_more("citizen")
            with town.database.reading() as session:
                email = session.get_one(Account, visitor.actor.account_id).email
            client = visitor.client if route.guard and route.guard.rule != "public" else town.app.test_client()
            assert client is not None
            form = "/en/account/password" if client is visitor.client else "/en/account/sign-in"
            names = {name for schema in schemas for name in schema.load_fields}
            known = {"email": email, "password": PASSWORD, "next": target}
            data = {name: value for name, value in known.items() if name in names}
            data["csrf_token"] = token_of(client, form)
            answer = client.post(address(town, route), data=data, environ_overrides={"REMOTE_ADDR": fresh_address()})
            if answer.status_code < 400 and leads_away(answer):
                yield f"{route} with next={target}: {answer.headers['Location']}"


def test_no_answer_leads_away(town: Town) -> None:
    assert list(led_away(town)) == []


def test_no_form_leads_away(town: Town) -> None:
    assert list(sent_away(town)) == []


def test_a_next_page_that_nobody_checks_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(addresses, "LOCAL", re.compile(".+", re.DOTALL))
    found = list(sent_away(town))
    assert any("account.enter]" in line for line in found)
    assert any("account.prove_now]" in line for line in found)


def opened_to(town: Town, only: str = "") -> Iterator[str]:
    """Yield every route that lets scripts of another origin read: asked, asked before, and from a frame without one."""
    for route in routes(town.app):
        if not route.endpoint.startswith(only):
            continue
        path = address(town, route, unknown=not route.is_safe)
        for origin in (EVIL, "null"):
            headers = {"Origin": origin, "Access-Control-Request-Method": route.method}
            for method in ("OPTIONS", "GET"):
                answer = town.ask(town.visitors["citizen"], method, path, headers=headers)
                allowed = answer.headers.get("Access-Control-Allow-Origin", "")
                if allowed in {origin, "null"} or answer.headers.get("Access-Control-Allow-Credentials"):
                    yield f"{route} {method} from {origin}: {allowed}"


def test_no_other_origin_may_read(town: Town) -> None:
    assert list(opened_to(town)) == []


def test_a_view_that_lets_every_origin_read_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    home = town.app.view_functions["core.home"]

    def friendly(**values: Any) -> Any:
        answer = town.app.make_response(home(**values))
        answer.headers["Access-Control-Allow-Origin"] = request.headers.get("Origin", "")
        return answer

    friendly.__guard__ = home.__guard__  # type: ignore[attr-defined]
    monkeypatch.setitem(town.app.view_functions, "core.home", friendly)
    assert len(list(opened_to(town, only="core.home"))) == 2
