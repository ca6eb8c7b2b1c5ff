"""Serving an application: waitress in front, one worker thread behind, both stopped in order."""

from __future__ import annotations

import errno
import gc
import signal
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

import click
import waitress
from flask import Flask
from waitress.server import BaseWSGIServer, MultiSocketServer

from egovframe.cli.presence import serving
from egovframe.config import Settings
from egovframe.core.modules.jobs import build_worker
from egovframe.core.web import runtime

SLOW_SECONDS = 60
"""A connection that says nothing for so long is closed."""
CONNECTIONS = 500
BACKLOG = 1024
HEADER_BYTES = 64 * 1024
BODY_FACTOR = 4
"""The server itself cuts a body off at so many times the city's limit; below that the person reads a page."""


def serve_app(app: Flask, *, host: str, port: int, threads: int, worker: bool) -> None:
    """Answer requests, and run jobs, until SIGINT or SIGTERM.

    Args:
        app: the whole application.
        host: address to listen on.
        port: port to listen on.
        threads: requests answered at the same time.
        worker: whether jobs run in a thread of this process.

    Raises:
        click.ClickException: the port is taken, or the address is not this machine's.
    """
    server = listen(app, host, port, threads)
    settle_memory()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    try:
        with serving(runtime(app).settings.data_dir), background_worker(app, wanted=worker):
            server.run()
    finally:
        server.close()
        runtime(app).database.dispose()


def settle_memory() -> None:
    """Take what was made at the start out of the garbage collector's rounds: it stays as long as the process does.

    Requests then cost about a tenth less; what they leave behind is still collected, in larger portions.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)


def listen(app: Flask, host: str, port: int, threads: int) -> MultiSocketServer | BaseWSGIServer:
    """Return a server that has its port already: what is printed afterwards is true."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        own = socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = f"port {port} is taken: choose another with --port" if taken else f"{host}: {error.strerror}"
        raise click.ClickException(reason) from error
    return waitress.create_server(app, sockets=[own], **limits(runtime(app).settings, threads))


def limits(settings: Settings, threads: int) -> dict[str, object]:
    """Return what one visitor may cost the server."""
    return {
        "threads": threads,
        "connection_limit": CONNECTIONS,
        "channel_timeout": SLOW_SECONDS,
        "max_request_header_size": HEADER_BYTES,
        "max_request_body_size": settings.limits.body_bytes * BODY_FACTOR,
        # Without proxies nobody's word is passed on; with them the application counts whose to believe.
        "clear_untrusted_proxy_headers": settings.trusted_proxies == 0,
        "ident": "",
        "asyncore_use_poll": True,
    }


@contextmanager
def background_worker(app: Flask, *, wanted: bool = True) -> Iterator[None]:
    """Run jobs in a thread while the block lasts; on SQLite it waits while another process works."""
    if not wanted:
        yield
        return
    present, stop = runtime(app), threading.Event()
    hands = build_worker(
        present.database,
        present.hooks,
        context=app.app_context,
        heads=present.settings.data_dir / "audit" / "heads.jsonl",
    )
    thread = threading.Thread(target=hands.run, args=(stop,), name="worker")
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


def _leave(number: int, _frame: FrameType | None) -> None:
    signal.signal(number, signal.SIG_IGN)  # an impatient second Ctrl-C must not tear a commit
    raise SystemExit(0)
