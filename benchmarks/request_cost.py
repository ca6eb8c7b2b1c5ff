"""The framework's own CPU time of one request: ours minus bare Flask and SQLAlchemy sending the very same statements.

Targets: 1.5 ms for an API read, 4 ms for a full page. Measured in one process without a network; the statements of our
answer are recorded once and given to the peer, which sends them and shows every row. All else is ours: routing,
session, guard, objects, rights, serialising, layout, headers, compression.

Run: ``python3 dev.py bench request_cost``
"""

from __future__ import annotations

import math
import sys
import time
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event

from benchmarks.bare import Statement, bare_app
from benchmarks.city import demo_city, options
from benchmarks.figures import Figure, report
from egovframe.cli.context import CityContext
from egovframe.cli.server import settle_memory
from egovframe.core.web import runtime

CASES = [
    ("API read (complaints, 20 of a list)", "/api/v1/complaints?page_size=20", "/api", 1.5),
    ("API read (where is this point?)", "/api/v1/areas/locate?lat=37.5665&lon=126.978", "/api", 1.5),
    ("full page (list of complaints)", "/en/complaints", "/page", 4.0),
    ("full page (home)", "/en/", "/page", 4.0),
]
BATCHES = 15


def statements_of(app: Flask, path: str) -> list[Statement]:
    """Return the reads that one answer needs, with their values."""
    seen: list[Statement] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_rest: Any) -> None:
        if statement.lstrip().upper().startswith("SELECT"):
            seen.append((statement, values))

    client, engine = app.test_client(), runtime(app).database.engine
    client.get(path)
    event.listen(engine, "before_cursor_execute", note)
    answer = client.get(path)
    event.remove(engine, "before_cursor_execute", note)
    if answer.status_code != 200:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return seen


def cpu_ms(asked: list[tuple[Flask, str]], rounds: int) -> list[float]:
    """Return the CPU milliseconds of one request of each: the least of batches, each an average.

    The batches take turns, and what other work on the machine adds to some of them is left out.
    """
    clients = [(app.test_client(), path) for app, path in asked]
    size = max(1, rounds // BATCHES)
    least = [math.inf] * len(asked)
    for client, path in clients:
        _batch(client, path, 20)
    for _ in range(BATCHES):
        least = [min(known, _batch(*one, size)) for known, one in zip(least, clients, strict=True)]
    return least


def _batch(client: FlaskClient, path: str, size: int) -> float:
    headers = {"Accept-Encoding": "gzip", "Accept-Language": "en"}
    started = time.process_time()
    for _ in range(size):
        client.get(path, headers=headers)
    return (time.process_time() - started) * 1000 / size


def main() -> int:
    """Measure every case beside its peer."""
    given = options(__doc__)
    figures = []
    with demo_city(given.database) as environ:
        overrides = {"database_url": environ["EGOVFRAME_DATABASE_URL"]} if given.database else {}
        app = CityContext(Path(environ["EGOVFRAME_CONFIG"]), overrides).app()
        for name, path, peer_path, target in CASES:
            statements = statements_of(app, path)
            peer = bare_app(runtime(app).database.engine, statements, statements)
            settle_memory()
            bare, ours = cpu_ms([(peer, peer_path), (app, path)], given.rounds)
            beside = f"ours {ours:.2f} ms, bare {bare:.2f} ms with the same {len(statements)} statements"
            figures.append(Figure(f"{name}: own cost", ours - bare, "ms", target, peer=beside))
        runtime(app).database.dispose()
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())
