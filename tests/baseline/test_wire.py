"""What only a raw connection can send: too many headers, endless lines, unknown methods. Others are served on."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress

import pytest
from baseline.town import Town

from egovframe.cli.server import listen

SECONDS = 5.0
"""How long an answer may take on a machine that is busy with other tests; it takes milliseconds."""


def request(line: str, *headers: str, body: bytes = b"") -> bytes:
    """Return a request as it goes over the wire."""
    length = [f"Content-Length: {len(body)}"] if body else []
    return "\r\n".join([line, "Host: localhost", "Connection: close", *headers, *length, "", ""]).encode() + body


def form(fields: bytes) -> bytes:
    """Return a form that is sent to the sign-in page."""
    kind = "Content-Type: application/x-www-form-urlencoded"
    return request("POST /en/account/sign-in HTTP/1.1", kind, body=fields)


def parts(count: int) -> bytes:
    """Return a form of so many parts."""
    part = b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n'
    kind = "Content-Type: multipart/form-data; boundary=x"
    return request("POST /en/account/sign-in HTTP/1.1", kind, body=part * count + b"--x--\r\n")


def api(body: bytes) -> bytes:
    """Return JSON that is sent to the API."""
    return request("POST /api/v1/tokens HTTP/1.1", "Content-Type: application/json", body=body)


GET = "GET /en/ HTTP/1.1"
HOSTILE = {
    "many headers": (request(GET, *(f"X-{number}: 1" for number in range(100_000))), {400, 431}),
    "a long header": (request(GET, "X-Long: " + "a" * 1_000_000), {400, 431}),
    "a long address": (request("GET /en/search?" + "&q=1" * 100_000 + " HTTP/1.1"), {400, 414, 431}),
    "many cookies": (request(GET, "Cookie: " + "; ".join(f"c{number}=1" for number in range(50_000))), {400, 431}),
    "a length that is none": (request("POST /api/v1/tokens HTTP/1.1", "Content-Length: ten"), {400}),
    "a length below nothing": (request("POST /api/v1/tokens HTTP/1.1", "Content-Length: -1"), {400}),
    "a folded header": (request(GET, "X-One: a\r\n Content-Length: 5"), {200, 400}),
    "a name with a blank": (request(GET, "X One: a"), {400}),
    "no HTTP": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", {400}),
    "TRACE": (request("TRACE /en/ HTTP/1.1", "X-Secret: s3cret"), {405, 501}),
    "an unknown method": (request("BREW /en/ HTTP/1.1"), {405, 501}),
    "many fields": (form(b"&a=1" * 100_000), {400, 413, 422}),
    "many parts": (parts(20_000), {400, 413, 422}),
    "nested JSON": (api(b'{"email": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"), {400, 422}),
}


def ask(port: int, sent: bytes) -> tuple[int, bytes, float]:
    """Send bytes; return the status, the answer and the seconds it took. A server may stop reading early."""
    begun = time.monotonic()
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        with suppress(ConnectionResetError, BrokenPipeError):  # it has said no already
            connection.sendall(sent)
        answer = b""
        with suppress(ConnectionResetError):  # the system's way to say that not everything was read
            while piece := connection.recv(65536):
                answer += piece
    status = int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.") else 0
    return status, answer, time.monotonic() - begun


@pytest.fixture(scope="module")
def port(town: Town) -> Iterator[int]:
    """The town behind the server that cities run."""
    server = listen(town.app, "127.0.0.1", 0, 4)
    thread = threading.Thread(target=server.run, name="wire-server")
    thread.start()
    yield int(server.effective_port)  # type: ignore[union-attr]
    server.close()
    thread.join(10)


@pytest.mark.parametrize("name", HOSTILE)
def test_it_is_refused_and_others_are_served_on(port: int, name: str) -> None:
    sent, expected = HOSTILE[name]
    status, answer, seconds = ask(port, sent)
    assert status in expected, answer[:300]
    assert seconds < SECONDS
    assert b"s3cret" not in answer
    assert b"Traceback" not in answer
    assert ask(port, request("GET /healthz HTTP/1.1"))[0] == 200


def test_an_ordinary_request_of_the_same_make_is_answered(port: int) -> None:
    assert ask(port, request(GET, *(f"X-{number}: 1" for number in range(50))))[0] == 200
    assert ask(port, parts(3))[0] == 400  # without our token: read, and refused for that
