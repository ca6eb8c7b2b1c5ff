"""The server: refuses what cannot work, answers, hides what it is, and stops when it is told."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import click
import pytest
from flask import Flask

from egovframe.cli.presence import is_served, serving
from egovframe.cli.server import BODY_FACTOR, limits, listen
from egovframe.core.web import runtime

SECONDS = 60


@pytest.fixture
def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def egovframe(*words: str) -> subprocess.Popen[str]:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("EGOVFRAME_")}
    return subprocess.Popen(
        [sys.executable, "-m", "egovframe", *words],
        env={**environ, "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def said(process: subprocess.Popen[str]) -> tuple[int, str, str]:
    out, err = process.communicate(timeout=SECONDS)
    return process.returncode, out, err


@pytest.fixture
def demo(tmp_path: Path, free_port: int) -> Iterator[tuple[subprocess.Popen[str], Path, int]]:
    process = egovframe("demo", "--data", str(tmp_path / "demo"), "--port", str(free_port), "--small")
    try:
        yield process, tmp_path / "demo", free_port
    finally:
        process.kill()
        process.communicate()


def first_answer(process: subprocess.Popen[str], port: int, path: str) -> tuple[int, dict[str, str], str]:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and process.poll() is None:
        connection = HTTPConnection("127.0.0.1", port, timeout=SECONDS)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, dict(answer.headers.items()), answer.read().decode()
        except ConnectionRefusedError:
            time.sleep(0.1)
        finally:
            connection.close()
    pytest.fail(f"no answer; it said {said(process)}")


def test_a_demo_is_made_served_and_stopped_and_is_there_again(
    demo: tuple[subprocess.Popen[str], Path, int],
) -> None:
    process, folder, port = demo
    status, headers, page = first_answer(process, port, "/en/complaints")
    assert status == 200
    assert "Saebit" in page
    assert "Server" not in headers
    code, _out, err = said(egovframe("demo", "--data", str(folder), "--fresh", "--no-serve"))
    assert code == 1
    assert "stop it, then try again" in err
    process.send_signal(signal.SIGTERM)
    code, out, err = said(process)
    assert (code, err) == (0, "")
    assert f"http://localhost:{port}" in out
    assert "officer@demo.example" in out
    code, out, _err = said(egovframe("demo", "--data", str(folder), "--no-serve", "--small"))
    assert code == 0
    assert "Filled in" not in out
    code, out, err = said(egovframe("demo", "--data", str(folder), "--no-serve", "--small", "--fresh"))
    assert (code, err) == (0, "")
    assert out.count("Filled in") == 2


def test_a_schema_that_is_behind_is_refused_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "egovframe.toml").write_text('secret_key = "kq3nR8vXw2mZp5tYb7uJc9dFg4hLs6aE"\n')
    code, _out, err = said(egovframe("--city", str(tmp_path), "serve", "--port", "1"))
    assert code == 1
    assert "egovframe db upgrade" in err
    assert len(err.strip().splitlines()) == 1


def test_a_taken_port_is_said_to_be_taken(app: Flask) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(click.ClickException, match="is taken: choose another with --port"):
            listen(app, "127.0.0.1", taken.getsockname()[1], 1)


def test_limits_follow_the_citys_settings(app: Flask) -> None:
    settings = runtime(app).settings
    found = limits(settings, 3)
    assert found["threads"] == 3
    assert found["max_request_body_size"] == settings.limits.body_bytes * BODY_FACTOR
    assert found["clear_untrusted_proxy_headers"] is True


def test_a_folder_is_served_only_while_a_server_runs(tmp_path: Path) -> None:
    assert not is_served(tmp_path)
    with serving(tmp_path):
        assert is_served(tmp_path)
    assert not is_served(tmp_path)
