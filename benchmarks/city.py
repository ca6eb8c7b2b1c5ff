"""A city to measure: the small demo city, made anew on SQLite or on a fresh database of a PostgreSQL server."""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from egovframe.testing.postgres import PostgresTemplates

Environ = Mapping[str, str]


@contextmanager
def demo_city(server: str | None = None) -> Iterator[Environ]:
    """Yield the environment variables of a small demo city.

    Args:
        server: address of a PostgreSQL server on which a database is made and dropped; None for SQLite.
    """
    with tempfile.TemporaryDirectory(prefix="egovframe-bench-") as folder:
        if server is None:
            yield _filled(Path(folder), None)
            return
        databases = PostgresTemplates(server)
        with databases.blank() as address:
            yield _filled(Path(folder), address)
        databases.close()


def _filled(folder: Path, address: str | None) -> Environ:
    environ = {
        **os.environ,
        "EGOVFRAME_CONFIG": str(folder),
        **({"EGOVFRAME_DATABASE_URL": address} if address else {}),
    }
    words = ["demo", "--data", str(folder), "--no-serve", "--small"]
    subprocess.run([sys.executable, "-m", "egovframe", *words], env=environ, check=True, stdout=subprocess.DEVNULL)
    return environ


@contextmanager
def process(command: Sequence[str], environ: Environ) -> Iterator[subprocess.Popen[bytes]]:
    """Run a program for the block and end it afterwards."""
    running = subprocess.Popen([sys.executable, *command], env=environ, stdout=subprocess.DEVNULL)
    try:
        yield running
    finally:
        running.terminate()
        running.wait(20)


def first_answer(address: str, running: subprocess.Popen[bytes], patience: float = 60.0) -> float:
    """Return the monotonic instant of the first good answer; raise when the program ends or takes too long."""
    deadline = time.perf_counter() + patience
    while time.perf_counter() < deadline:
        if running.poll() is not None:
            raise RuntimeError(f"the server ended with {running.returncode}")
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                answer.read()
                return time.perf_counter()
        except (urllib.error.URLError, ConnectionError):
            time.sleep(0.005)
    raise RuntimeError(f"no answer from {address} within {patience:g} s")


def processor_seconds(pid: int) -> float:
    """Return the CPU seconds that a process has used: what is left when other work shares the machine."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def free_port() -> int:
    """Return a port that nobody listens on at the moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def options(doc: str | None) -> argparse.Namespace:
    """Read ``--database`` and ``--rounds``, which every benchmark of a city takes."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--database", help="a PostgreSQL server to measure on; SQLite when left out")
    parser.add_argument("--rounds", type=int, default=300)
    return parser.parse_args()


__all__ = ["demo_city", "first_answer", "free_port", "options", "process", "processor_seconds"]
