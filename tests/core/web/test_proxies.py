"""Whose word about the visitor's address is believed: that of as many proxies as the city says, and nobody else's."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from flask import Flask, request

from egovframe.cli.server import limits, listen
from egovframe.config import load_settings
from egovframe.core.auth import public
from egovframe.core.web import runtime
from egovframe.errors import SettingsError

CLAIMED = "203.0.113.9, 198.51.100.7"


@pytest.fixture
def database_address(tmp_path: Any, sqlite_templates: Any) -> str:
    """One database is enough: none of this touches it."""
    address: str = sqlite_templates.copy(tmp_path)
    return address


@pytest.fixture(params=[0, 1, 2])
def proxies(request: pytest.FixtureRequest) -> int:
    found: int = request.param
    return found


@pytest.fixture
def city_settings(proxies: int) -> dict[str, Any]:
    return {"trusted_proxies": proxies, "plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def mirror(app: Flask) -> Flask:
    """The city with a page that says how it sees its visitor."""

    @public
    def seen() -> str:
        return f"{request.remote_addr} {request.scheme} {request.host}"

    app.add_url_rule("/seen", "core.seen", seen)
    return app


def test_the_address_is_counted_from_the_right(mirror: Flask, proxies: int) -> None:
    headers = {"X-Forwarded-For": CLAIMED, "X-Forwarded-Proto": "https, http", "X-Forwarded-Host": "evil.example"}
    address, scheme, host = mirror.test_client().get("/seen", headers=headers).text.split()
    assert address == {0: "127.0.0.1", 1: "198.51.100.7", 2: "203.0.113.9"}[proxies]
    assert scheme == {0: "http", 1: "http", 2: "https"}[proxies]
    assert host == "localhost"


def test_fewer_entries_than_proxies_are_not_believed(mirror: Flask, proxies: int) -> None:
    answer = mirror.test_client().get("/seen", headers={"X-Forwarded-For": "203.0.113.9"})
    assert answer.text.split()[0] == ("203.0.113.9" if proxies == 1 else "127.0.0.1")


def test_a_foreign_host_is_refused_however_it_comes(mirror: Flask) -> None:
    client = mirror.test_client()
    assert client.get("/seen", headers={"Host": "evil.example"}).status_code == 400
    assert client.get("/seen", headers={"Forwarded": "host=evil.example;for=203.0.113.9"}).text.endswith("localhost")


@contextmanager
def running(app: Flask) -> Iterator[int]:
    """The real server, whose loop is turned by a thread until the block ends."""
    server: Any = listen(app, "127.0.0.1", 0, 2)
    stop = threading.Event()

    def turn() -> None:
        while not stop.is_set():
            server.asyncore.loop(timeout=0.05, map=server._map, count=1)

    thread = threading.Thread(target=turn)
    thread.start()
    try:
        yield server.effective_port
    finally:
        stop.set()
        thread.join(5)
        for channel in list(server.active_channels.values()):
            channel.handle_close()
        server.task_dispatcher.shutdown()
        server.close()


def test_the_server_hands_on_what_the_application_counts(mirror: Flask, proxies: int) -> None:
    with running(mirror) as port:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        connection.request("GET", "/seen", headers={"X-Forwarded-For": CLAIMED, "Connection": "close"})
        text = connection.getresponse().read().decode()
        connection.close()
    assert text.split()[0] == {0: "127.0.0.1", 1: "198.51.100.7", 2: "203.0.113.9"}[proxies]
    assert limits(runtime(mirror).settings, 1)["clear_untrusted_proxy_headers"] is (proxies == 0)


@pytest.mark.parametrize("count", [-1, 11])
def test_an_absurd_number_of_proxies_is_refused(city_folder: Any, count: int) -> None:
    with pytest.raises(SettingsError, match="trusted_proxies"):
        load_settings(city_folder, environ={}, overrides={"trusted_proxies": count})
