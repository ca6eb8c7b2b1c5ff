"""A city to measure: made anew in a folder, on SQLite or on a fresh database of a PostgreSQL server, with demo data."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from egovframe.testing.databases import PostgresTemplates

SECRET = "only-for-measuring-0123456789abcdefghij"


@contextmanager
def demo_city(server: str | None = None) -> Iterator[dict[str, str]]:
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


def _filled(folder: Path, address: str | None) -> dict[str, str]:
    environ = {**os.environ, "EGOVFRAME_SECRET_KEY": SECRET, "EGOVFRAME_CONFIG": str(folder)}
    environ |= {"EGOVFRAME_DATABASE_URL": address} if address else {}
    command = [sys.executable, "-m", "egovframe", "demo", "--data", str(folder), "--no-serve", "--small"]
    subprocess.run(command, env=environ, check=True, stdout=subprocess.DEVNULL)
    return environ


def options(doc: str) -> argparse.Namespace:
    """Read ``--database`` and ``--rounds``, which every benchmark of a city takes."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--database", help="a PostgreSQL server to measure on; SQLite when left out")
    parser.add_argument("--rounds", type=int, default=300)
    return parser.parse_args()


def pretty(value: object) -> str:
    """Return a value as JSON on one line."""
    return json.dumps(value, ensure_ascii=False)
