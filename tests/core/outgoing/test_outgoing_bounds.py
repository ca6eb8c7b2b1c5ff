"""Time, size and certificates of the guarded client."""

from __future__ import annotations

import datetime as dt
import gzip
import socket
import ssl
import time
import tracemalloc
import zlib
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from egovframe.errors import OutgoingFailed, OutgoingTooLarge, OutgoingTooSlow, OutgoingUnreachable
from egovframe.outgoing import Answer, OutgoingClient, OutgoingPolicy

from .conftest import Outside, plain

MEGABYTE = 1024 * 1024


def client(seconds: float = 5, size: int = MEGABYTE, ca_file: str = "", **more: object) -> OutgoingClient:
    networks = (ip_network("127.0.0.0/8"),)
    policy = OutgoingPolicy(allowed_networks=networks, allow_http=True, seconds=seconds, size=size, ca_file=ca_file)
    return OutgoingClient(policy, **more)  # type: ignore[arg-type]


def drip(first: bytes, each: bytes, pause: float = 0.05) -> Callable[[socket.socket, bytes], None]:
    """Say something, then a little more again and again, always soon enough for a limit on single reads."""

    def say(to: socket.socket, _request: bytes) -> None:
        to.sendall(first)
        while True:
            to.sendall(each)
            time.sleep(pause)

    return say


@pytest.mark.parametrize(
    ("first", "each"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\n\r\n", b"x"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n"),
        (b"HTTP/1.1 200 OK\r\n", b"X"),
        (b"", b"H"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", gzip.compress(b"")),
    ],
    ids=[
        "slow body",
        "endless body",
        "slow chunks",
        "slow headers",
        "slow status",
        "endless 100",
        "empty gzip members",
    ],
)
def test_the_whole_exchange_is_bounded_in_time(first: bytes, each: bytes, serve: Callable[..., Outside]) -> None:
    server = serve(drip(first, each))
    began = time.monotonic()
    with pytest.raises(OutgoingTooSlow):
        client(seconds=0.6).get(server.url())
    assert time.monotonic() - began < 2


def test_a_silent_server_and_a_silent_resolver_are_too_slow(serve: Callable[..., Outside]) -> None:
    server = serve(lambda to, _request: to.recv(1) and None)
    with pytest.raises(OutgoingTooSlow):
        client(seconds=0.3).get(server.url())

    def sleepy(_host: str) -> list[str]:
        time.sleep(1)
        return ["127.0.0.1"]

    with pytest.raises(OutgoingTooSlow):
        client(seconds=0.3, resolve=sleepy).get("https://sleepy.example/")


def test_the_time_counts_all_redirects_together(serve: Callable[..., Outside]) -> None:
    def late(to: socket.socket, request: bytes) -> None:
        time.sleep(0.3)
        plain(b"", "Location: /on", status="302 Found")(to, request)

    server = serve(late)
    with pytest.raises(OutgoingTooSlow):
        client(seconds=0.7).get(server.url())
    assert len(server.requests) <= 3


def test_with_enough_time_the_slow_answer_arrives(serve: Callable[..., Outside]) -> None:
    def slow(to: socket.socket, _request: bytes) -> None:
        to.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n")
        for _ in range(3):
            to.sendall(b"x")
            time.sleep(0.1)

    assert client(seconds=5).get(serve(slow).url()).body == b"xxx"


def bomb(megabytes: int) -> bytes:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = b"\0" * MEGABYTE
    return b"".join([*(packer.compress(block) for _ in range(megabytes)), packer.flush()])


def test_a_gzip_bomb_costs_no_memory(serve: Callable[..., Outside]) -> None:
    packed = bomb(300)
    assert len(packed) < MEGABYTE
    server = serve(plain(packed, "Content-Encoding: gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(OutgoingTooLarge):
            client().get(server.url())
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()
    small = serve(plain(bomb(3), "Content-Encoding: gzip"))
    assert len(client(size=4 * MEGABYTE).get(small.url()).body) == 3 * MEGABYTE


def test_a_bomb_within_a_bomb_costs_no_memory(serve: Callable[..., Outside]) -> None:
    server = serve(plain(gzip.compress(bomb(300)), "Content-Encoding: gzip, gzip"))
    tracemalloc.start()
    try:
        with pytest.raises(OutgoingTooLarge):
            client().get(server.url())
        assert tracemalloc.get_traced_memory()[1] < 8 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_body_over_the_bound_is_refused(serve: Callable[..., Outside]) -> None:
    with pytest.raises(OutgoingTooLarge):
        client(size=1000).get(serve(plain(b"x" * 1001)).url())
    assert len(client(size=1001).get(serve(plain(b"x" * 1001)).url()).body) == 1001
    endless = serve(drip(b"HTTP/1.1 200 OK\r\n\r\n", b"x" * 65536, pause=0))
    with pytest.raises(OutgoingTooLarge):
        client().get(endless.url())
    declared = serve(plain(b"", "Content-Length: 99999999999"))
    with pytest.raises(OutgoingFailed):
        client().get(declared.url())


@pytest.mark.parametrize(
    "said",
    [
        b"garbage\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nshort",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 500 + b"\r\n",
        b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 5\r\n\r\nplain",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
        b"",
    ],
    ids=["no http", "cut short", "500 headers", "long header", "no gzip", "no chunk", "hung up"],
)
def test_what_is_no_proper_answer_is_told(said: bytes, serve: Callable[..., Outside]) -> None:
    server = serve(lambda to, _request: to.sendall(said))
    with pytest.raises(OutgoingUnreachable):
        client().get(server.url())


@pytest.mark.parametrize("body", [b"", b"[]", b"null", b"{", b"[" * 100_000, b"\xff"])
def test_an_answer_that_is_no_object_is_told(body: bytes) -> None:
    with pytest.raises(OutgoingFailed):
        Answer(200, {}, body, "https://one.example/").json()


def certificate(folder: Path, name: str) -> tuple[ssl.SSLContext, str]:
    """Return a server's TLS context for the name, and the file of who signed it (itself)."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = dt.datetime.now(dt.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(today - dt.timedelta(days=1))
        .not_valid_after(today + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{name}.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret = folder / f"{name}.key"
    secret.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file, secret)
    return context, str(file)


def test_the_certificate_must_be_the_hosts_though_the_address_is_pinned(
    serve: Callable[..., Outside], tmp_path: Path
) -> None:
    context, authority = certificate(tmp_path, "login.city.example")
    asked: list[str | None] = []
    context.sni_callback = lambda _socket, name, _context: asked.append(name)
    server = serve(plain(b"safe"), tls=context)

    def resolve(_host: str) -> list[str]:
        return ["127.0.0.1"]

    trusting = client(ca_file=authority, resolve=resolve)
    assert trusting.get(server.url("login.city.example", scheme="https")).body == b"safe"
    assert asked == ["login.city.example"]
    assert f"Host: login.city.example:{server.port}".encode() in server.requests[0]
    with pytest.raises(OutgoingUnreachable):
        trusting.get(server.url("other.city.example", scheme="https"))
    with pytest.raises(OutgoingUnreachable):
        client(resolve=resolve).get(server.url("login.city.example", scheme="https"))
    assert len(server.requests) == 1


def test_a_handshake_that_never_ends_is_too_slow(serve: Callable[..., Outside]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as door:
        with pytest.raises(OutgoingTooSlow):
            client(seconds=0.3).get(f"https://127.0.0.1:{door.getsockname()[1]}/")
