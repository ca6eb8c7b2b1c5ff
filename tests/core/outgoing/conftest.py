"""Real servers on the loopback that do what a test tells them, and count who came."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field

import pytest

Say = Callable[[socket.socket, bytes], None]


@dataclass
class Outside:
    """A server: its address, what it was asked, and what it says to whom."""

    host: str
    port: int
    say: Say
    requests: list[bytes] = field(default_factory=list)

    def url(self, name: str = "", path: str = "/", scheme: str = "http") -> str:
        host = name or (f"[{self.host}]" if ":" in self.host else self.host)
        return f"{scheme}://{host}:{self.port}{path}"


def plain(body: bytes = b"hello", *headers: str, status: str = "200 OK") -> Say:
    """Say one ordinary answer."""
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return lambda to, _request: to.sendall("\r\n".join(lines).encode() + body)


@contextmanager
def listening(say: Say, host: str = "127.0.0.1", port: int = 0, tls: ssl.SSLContext | None = None) -> Iterator[Outside]:
    """Serve until the block ends."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.create_server((host, port), family=family) as door:
        door.settimeout(0.05)
        server = Outside(host, door.getsockname()[1], say)
        stop = threading.Event()
        threads = [threading.Thread(target=_accept, args=(door, server, stop, tls), daemon=True)]
        threads[0].start()
        try:
            yield server
        finally:
            stop.set()
            threads[0].join(10)


def _accept(door: socket.socket, server: Outside, stop: threading.Event, tls: ssl.SSLContext | None) -> None:
    while not stop.is_set():
        try:
            to, _address = door.accept()
        except TimeoutError:
            continue
        threading.Thread(target=_serve, args=(to, server, tls), daemon=True).start()


def _serve(to: socket.socket, server: Outside, tls: ssl.SSLContext | None) -> None:
    to.settimeout(10)
    try:
        with tls.wrap_socket(to, server_side=True) if tls else to as talk:
            request = b""
            while b"\r\n\r\n" not in request:
                block = talk.recv(65536)
                if not block:
                    return
                request += block
            server.requests.append(request)
            server.say(talk, request)
    except OSError:
        return  # the client hung up: that is what most of these tests are about


@pytest.fixture
def serve() -> Iterator[Callable[..., Outside]]:
    """Start servers: ``serve(plain(), "127.0.0.2")``."""
    with ExitStack() as stack:
        yield lambda *args, **more: stack.enter_context(listening(*args, **more))
