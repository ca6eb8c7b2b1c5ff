"""The whole journey in a real browser without scripts, against a provider that is not ours: oidc-provider-mock, built
on Authlib's server side, in a process of its own. And how our own pages look."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import Any

import pytest
import urllib3
from flask import Flask

from egovframe.config import Settings
from egovframe.core.auth.outside import configure_providers
from egovframe.core.web import runtime
from egovframe.outgoing import OutgoingClient, OutgoingPolicy
from egovframe.testing.browser import DESK, PHONE, Window, follow, violations, wider_than_window

from .conftest import refusals

PERSON = {"sub": "jiwoo", "email": "jiwoo@mail.example", "email_verified": True, "name": "박지우", "locale": "ko"}
pytestmark = pytest.mark.browser


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as door:
        return int(door.getsockname()[1])


@pytest.fixture(scope="session")
def independent() -> Iterator[str]:
    """The address of the independent provider."""
    port = free_port()
    command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-nonce"]
    command += ["--user-claims", json.dumps(PERSON)]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env={**os.environ, "NO_COLOR": "1"}, **quiet) as process:  # type: ignore[call-overload]
        try:
            _wait_for(port, process)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(10)


def _wait_for(port: int, process: Any) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and process.poll() is None:
        try:
            if urllib3.request("GET", f"http://127.0.0.1:{port}/", retries=False, timeout=5).status == 200:
                return
        except urllib3.exceptions.HTTPError:
            time.sleep(0.05)  # its process is still starting: nothing to wait on but its port
    pytest.fail("the independent provider does not start")


@pytest.fixture
def city_settings(city_settings: dict[str, Any], independent: str) -> dict[str, Any]:
    """The independent provider beside the others, and a sign-in that needs nothing but it."""
    title = {"en": "Citizen Card", "ko": "시민 카드", "ar": "بطاقة المواطن"}
    entry = {"title": title, "issuer": independent, "client_id": "any", "client_secret": "any"}
    return {**city_settings, "oidc": {"card": entry, **city_settings["oidc"]}}


@pytest.fixture
def window(window: Window, app: Flask, settings: Settings, live_server: str) -> Window:
    """The window, with providers that know the address at which the portal is served in this test."""
    client = OutgoingClient(OutgoingPolicy.of(settings.outgoing))
    configure_providers(runtime(app).database, settings.oidc, live_server, client)
    return window


def test_a_phone_without_scripts_signs_in_and_out_on_both_sides(
    window: Window, app: Flask, live_server: str, independent: str
) -> None:
    page = window.open("/ko/account/sessions", size=PHONE, scripts=False, language="ko")
    assert "/ko/account/sign-in?next=" in page.url
    follow(page, "a:has-text('시민 카드')")
    assert page.url.startswith(independent)
    follow(page, "button[value=jiwoo]")
    assert page.url == f"{live_server}/ko/account/sessions"
    assert refusals(runtime(app).database) == []
    page.goto("/ko/account/")
    assert "박지우" in page.content()
    page.locator("details.burger > summary").click()
    page.locator("details.burger details.drop > summary").first.click()
    follow(page, page.locator("details.burger form[action$='sign-out'] button"))
    assert page.url == f"{live_server}/ko/account/signed-out/card"
    follow(page, "main a.ds-button")
    assert page.url.startswith(f"{independent}/oauth2/end_session?")
    assert "id_token_hint" in page.url
    follow(page, "button:has-text('End session')")
    assert page.url == f"{live_server}/ko/"
    page.goto("/ko/account/")
    assert "sign-in" in page.url


def test_stopping_at_the_provider_leads_back_with_a_clear_page(window: Window, live_server: str) -> None:
    page = window.open("/ar/account/sign-in?next=/ar/account/sessions", size=DESK, language="ar")
    follow(page, "a:has-text('بطاقة المواطن')")
    follow(page, "button[value=deny]")
    assert page.url.startswith(f"{live_server}/ar/account/sign-in/with/card/return")
    assert "لم ينجح تسجيل الدخول" in page.content()
    assert "توقفتَ لدى المزوّد" in page.content()
    follow(page, "main a.ds-button")
    follow(page, "button[value=jiwoo]")
    assert page.url == f"{live_server}/ar/account/sessions"


@pytest.mark.parametrize("language", ["en", "ko", "ar"])
def test_the_pages_can_be_read_by_everybody(window: Window, language: str) -> None:
    for size in (PHONE, DESK):
        page = window.open(f"/{language}/account/sign-in", size=size, language=language)
        look(page)
        follow(page, "a[href*='/with/city']")
        page.goto(f"/{language}/account/ways")
        assert page.locator("main .rows > li").count() == 4
        look(page)
        page.goto(f"/{language}/account/sign-in/with/city/return?state=none")
        look(page)


def look(page: Any) -> None:
    assert violations(page) == []
    assert wider_than_window(page) == 0
