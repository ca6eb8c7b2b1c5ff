"""A complaint's whole life through the API of a served city: file → take → answer → read by tracking code.

Targets (spec): 40 lifecycles a second on PostgreSQL with two serving processes, 25 on SQLite with one, each request
within 300 ms at the 95th percentile. The nearest published peer, DIGIT, tells 37 a second on 16 cores with an empty
database. Clients share the machine with servers and database, and the worker delivers messages meanwhile.

Run: ``python3 dev.py bench lifecycle`` or ``… lifecycle --database postgresql://…``
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
import tomllib
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.city import Environ, demo_city, first_answer, free_port, options, process, processor_seconds
from benchmarks.figures import Figure, percentile, report
from egovframe.config import CONFIG_NAME

PASSWORD, STAFF = "demo-city-2026", "admin@demo.example"
PERMISSIONS = ["cases:case:read", "cases:case:work"]
CLIENTS = 6
RATES = {"sqlite": 25, "postgresql": 40}


@dataclass
class Visitor:
    """One keep-alive connection that counts how long each request took.

    Attributes:
        port: of the server.
        token: staff's, for the two steps in between.
        requests: seconds of every request.
        lives: seconds of every lifecycle.
    """

    port: int
    token: str = ""
    requests: list[float] = field(default_factory=list)
    lives: list[float] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """Send JSON and return the answer's JSON."""
        started = time.perf_counter()
        text = None if body is None else json.dumps(body)
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self._connection.request(method, path, text, {"Content-Type": "application/json", **named})
        answer = self._connection.getresponse()
        content = answer.read()
        self.requests.append(time.perf_counter() - started)
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path} answered {answer.status}: {content[:300]!r}")
        return json.loads(content)

    def live(self, complaint: dict[str, Any]) -> None:
        """Lead one complaint through its life."""
        started = time.perf_counter()
        filed = self.ask("POST", "/api/v1/complaints", complaint)
        case, staff = f"/api/v1/cases/{filed['reference']}", f"Bearer {self.token}"
        version = filed["version"]
        for action, text in (("take", ""), ("resolve", "The lamp shines again. Thank you.")):
            changed = self.ask(
                "POST", f"{case}/actions/{action}", {"text": text}, Authorization=staff, If_Match=f'"{version}"'
            )
            version = changed["version"]
        path = f"/api/v1/complaints/{filed['reference']}"
        read = self.ask("GET", path, X_Tracking_Code=filed["tracking_code"])
        if read["state"] != "resolved":
            raise RuntimeError(f"{filed['reference']} is {read['state']} after its answer")
        self.lives.append(time.perf_counter() - started)


def measure(environ: Environ, servers: int, lives: int) -> tuple[float, float, list[Visitor]]:
    """Serve the city, let the clients live complaints; return the seconds, the servers' CPU seconds and the clients."""
    settings = tomllib.loads(Path(environ["EGOVFRAME_CONFIG"], CONFIG_NAME).read_text(encoding="utf-8"))
    with ExitStack() as stack:
        ports, running = [free_port() for _ in range(servers)], []
        for number, port in enumerate(ports):
            command = ["-m", "egovframe", "serve", "--port", str(port), *(["--no-worker"] if number else [])]
            running.append(stack.enter_context(process(command, environ)))
            first_answer(f"http://127.0.0.1:{port}/readyz", running[-1])
        opener = Visitor(ports[0])
        credentials = {"email": STAFF, "password": PASSWORD, "name": "benchmark", "permissions": PERMISSIONS}
        token = opener.ask("POST", "/api/v1/tokens", credentials)["token"]
        category = opener.ask("GET", "/api/v1/complaints/categories")[0]["code"]
        place = {"lat": settings["city"]["latitude"], "lon": settings["city"]["longitude"], "address": "Main Street 1"}
        complaint = {"category": category, "description": "The lamp in front of the library is dark.", **place}
        opener.token = token
        opener.live(complaint)
        visitors = [Visitor(ports[number % servers], token) for number in range(CLIENTS)]
        before = sum(processor_seconds(one.pid) for one in running)
        seconds = run(visitors, complaint, lives)
        return seconds, sum(processor_seconds(one.pid) for one in running) - before, visitors


def run(visitors: list[Visitor], complaint: dict[str, Any], lives: int) -> float:
    """Let every visitor live its share at the same time; return the seconds. A visitor that fails ends the program."""
    failures: list[Exception] = []

    def work(visitor: Visitor) -> None:
        try:
            for _ in range(lives // len(visitors)):
                visitor.live(complaint)
        except (RuntimeError, OSError, KeyError) as error:
            failures.append(error)

    threads = [threading.Thread(target=work, args=(visitor,)) for visitor in visitors]
    started = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return time.perf_counter() - started


def main() -> int:
    """Measure on the engine that was asked for."""
    given = options(__doc__)
    engine = "postgresql" if given.database else "sqlite"
    with demo_city(given.database) as environ:
        seconds, cpu, visitors = measure(environ, 2 if given.database else 1, given.rounds)
    lives = [taken for visitor in visitors for taken in visitor.lives]
    requests = [taken for visitor in visitors for taken in visitor.requests]
    peer = "DIGIT 37/s on 16 cores"
    return report(
        [
            Figure(f"{engine}: lifecycles, {CLIENTS} clients", len(lives) / seconds, "1/s", RATES[engine], True, peer),
            Figure(f"{engine}: a request, 95th percentile", percentile(requests, 0.95) * 1000, "ms", 300),
            Figure(f"{engine}: a lifecycle of 4 requests, 95th percentile", percentile(lives, 0.95) * 1000, "ms"),
            Figure(f"{engine}: CPU of the servers for a lifecycle", cpu * 1000 / len(lives), "ms"),
        ]
    )


if __name__ == "__main__":
    sys.exit(main())
