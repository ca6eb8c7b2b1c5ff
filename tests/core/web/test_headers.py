"""What every answer carries, whatever it is: security headers, caching, compression, request ids."""

from __future__ import annotations

import gzip
import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.core.web import runtime
from egovframe.core.web.compression import pack

EVERYWHERE = [
    ("GET", "/", 302),
    ("GET", "/en/", 200),
    ("GET", "/en/nowhere", 404),
    ("GET", "/xx/", 404),
    ("GET", "/en/secret", 401),
    ("GET", "/en/boom", 500),
    ("GET", "/en/gone", 503),
    ("GET", "/en/abort/410", 410),
    ("POST", "/en/search", 405),
    ("POST", "/en/write", 400),
    ("GET", "/api/v1/nowhere", 404),
    ("GET", "/api/v1/town/boom", 500),
    ("DELETE", "/api/v1/town/things", 405),
    ("GET", "/api/v1/openapi.json", 200),
    ("GET", "/api/docs", 200),
    ("GET", "/healthz", 200),
    ("GET", "/readyz", 200),
    ("GET", "/status", 200),
    ("GET", "/metrics", 200),
    ("GET", "/static/000000000000/core/nothing.css", 404),
]


@pytest.mark.parametrize(("method", "path", "status"), EVERYWHERE)
def test_every_answer_carries_the_security_headers(visitor: FlaskClient, method: str, path: str, status: int) -> None:
    answer = visitor.open(path, method=method)
    assert answer.status_code == status
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "Referrer-Policy" in answer.headers
    assert "Permissions-Policy" in answer.headers
    assert "Cache-Control" in answer.headers
    assert re.fullmatch(r"[0-9a-z]{20}", answer.headers["X-Request-ID"])
    assert "Strict-Transport-Security" not in answer.headers


def test_a_route_may_be_stricter_than_the_shell(visitor: FlaskClient) -> None:
    answer = visitor.get("/en/own")
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["Referrer-Policy"] == "no-referrer"


def test_an_id_sent_by_the_caller_is_not_taken_over(visitor: FlaskClient) -> None:
    sent = "injected-by-the-caller"
    assert visitor.get("/healthz", headers={"X-Request-ID": sent}).headers["X-Request-ID"] != sent


def test_pages_without_a_form_are_revalidated_and_pages_with_one_are_not(visitor: FlaskClient) -> None:
    first = visitor.get("/en/search")
    assert first.headers["Cache-Control"] == "no-cache"
    again = visitor.get("/en/search", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.data == b""
    with_form = visitor.get("/en/write")
    assert "ETag" not in with_form.headers
    assert "private" in with_form.headers["Cache-Control"]
    assert "Cookie" in with_form.headers["Vary"]


def test_text_is_packed_for_those_who_take_it(visitor: FlaskClient) -> None:
    plain = visitor.get("/en/gallery")
    packed = visitor.get("/en/gallery", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert int(packed.headers["Content-Length"]) == len(packed.data) < len(plain.data) / 2
    assert b"<!doctype html>" in gzip.decompress(packed.data)
    assert "Accept-Encoding" in plain.headers["Vary"]
    assert "Content-Encoding" not in visitor.get("/en/gallery", headers={"Accept-Encoding": "gzip;q=0"}).headers
    assert "Content-Encoding" not in visitor.get("/healthz", headers={"Accept-Encoding": "gzip"}).headers


def test_equal_pages_have_unequal_lengths_on_the_line() -> None:
    body = b"the same page with the same secret " * 50
    lengths = {len(pack(body)) for _ in range(60)}
    assert len(lengths) > 10
    assert all(gzip.decompress(pack(body)) == body for _ in range(5))


@pytest.mark.parametrize(
    "host", ["evil.example", "evil.example:80", "localhost.evil.example", "", "[::2]", "a b", "localhost:x"]
)
def test_a_foreign_host_is_refused(visitor: FlaskClient, host: str) -> None:
    answer = visitor.get("/en/", headers={"Host": host})
    assert answer.status_code == 400
    assert "evil" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "LOCALHOST:80", "[::1]:80"])
def test_our_own_hosts_are_answered(visitor: FlaskClient, host: str) -> None:
    assert visitor.get("/en/", headers={"Host": host}).status_code == 200


def test_probes_answer_under_any_address(visitor: FlaskClient) -> None:
    assert visitor.get("/readyz", headers={"Host": "10.0.0.7"}).status_code == 200


class TestOnHttps:
    """A portal whose public address is https."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"public_url": "https://saebit.example"}

    def test_cookies_and_transport_are_strict(self, visitor: FlaskClient) -> None:
        answer = visitor.get("/en/write", base_url="https://saebit.example")
        cookies = answer.headers.getlist("Set-Cookie")
        assert cookies
        for cookie in cookies:
            assert cookie.startswith("__Host-")
            assert all(part in cookie for part in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"))
            assert "Domain" not in cookie
        assert "max-age=" in answer.headers["Strict-Transport-Security"]

    def test_on_http_they_are_plain(self, shell: Flask) -> None:
        assert runtime(shell).settings.is_https


def test_cookies_on_a_classroom_laptop_have_plain_names(visitor: FlaskClient) -> None:
    cookies = visitor.get("/en/write").headers.getlist("Set-Cookie")
    assert any(
        cookie.startswith("egov_state=") and "HttpOnly" in cookie and "SameSite=Lax" in cookie for cookie in cookies
    )
    assert not any("Secure" in cookie or "__Host-" in cookie for cookie in cookies)


class TestBodies:
    """Bounds on what one request may send."""

    @pytest.fixture
    def city_settings(self) -> dict[str, Any]:
        return {"limits": {"body_bytes": 20_000, "form_memory_bytes": 10_000, "form_parts": 20}}

    def test_a_large_body_is_refused(self, visitor: FlaskClient) -> None:
        page = visitor.post("/en/write", data={"story": "x" * 30_000})
        assert page.status_code == 413
        call = visitor.post("/api/v1/town/things", json={"name": "x" * 30_000})
        assert call.status_code == 413
        assert call.json is not None
        assert call.json["type"].endswith("too-large")

    def test_too_many_parts_are_refused(self, visitor: FlaskClient) -> None:
        answer = visitor.post("/en/write", data={f"f{n}": "x" for n in range(40)}, content_type="multipart/form-data")
        assert answer.status_code == 413
