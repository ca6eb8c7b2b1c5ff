"""Does time tell who has an account? Sign-in, registration and recovery for known and for unknown addresses.

Target: the medians differ by at most 10 %. Measured through the whole application, alternately, each attempt with an
address and from a place of its own, so that limits stay out of it; the wall clock, because that is what a stranger has.

Run: ``python3 dev.py bench sign_in``
"""

from __future__ import annotations

import re
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path

from flask import Flask

from benchmarks.city import demo_city, options
from benchmarks.figures import Figure, report
from egovframe.actor import SYSTEM
from egovframe.cli.context import CityContext
from egovframe.cli.server import settle_memory
from egovframe.core.auth import create_account, hash_password, policy_of
from egovframe.core.web import runtime

PASSWORD = "quiet-harbour-lantern"
FORMS: dict[str, Callable[[str], dict[str, str]]] = {
    "sign-in": lambda email: {"email": email, "password": "wrong-wrong-wrong", "next": ""},
    "register": lambda email: {"email": email, "password": PASSWORD, "display_name": "Kim", "addressed_as": ""},
    "recover": lambda email: {"email": email},
}
TOKEN = re.compile(r'name="csrf_token" value="([^"]+)"')
TOLERANCE = 10.0


def populate(app: Flask, count: int) -> list[str]:
    """Open accounts and return their addresses."""
    database = runtime(app).database
    hashed = hash_password(PASSWORD, policy_of(database))
    addresses = [f"known{number}@bench.example" for number in range(count)]
    with database.writing() as session:
        for email in addresses:
            create_account(session, SYSTEM, email=email, display_name="Kim", password=hashed)
    return addresses


def attempt_ms(app: Flask, form: str, email: str, place: str) -> float:
    """Return how long one form took, and check that it was answered as usual."""
    client = app.test_client()
    client.environ_base["REMOTE_ADDR"] = place
    path = f"/en/account/{form}"
    token = TOKEN.search(client.get(path).get_data(as_text=True))
    if token is None:
        raise RuntimeError(f"{path} has no form")
    data = {"csrf_token": token[1], **FORMS[form](email)}
    started = time.perf_counter()
    answer = client.post(path, data=data)
    took = (time.perf_counter() - started) * 1000
    if answer.status_code not in {303, 422}:
        raise RuntimeError(f"{path} answered {answer.status_code}")
    return took


def compare(app: Flask, form: str, known: list[str]) -> Figure:
    """Return by how many per cent the medians differ."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for number, email in enumerate(known):
        others = {"known": email, "unknown": f"nobody-{form}-{number}@bench.example"}
        order = ("known", "unknown") if number % 2 else ("unknown", "known")
        for name in order:
            place = f"10.{number >> 8}.{number & 255}.{1 if name == 'known' else 2}"
            times[name].append(attempt_ms(app, form, others[name], place))
    first, second = (statistics.median(times[name]) for name in ("known", "unknown"))
    beside = f"known {first:.2f} ms, unknown {second:.2f} ms"
    return Figure(f"{form}: difference of the medians", abs(first - second) / second * 100, "%", TOLERANCE, peer=beside)


def main() -> int:
    """Measure every form."""
    given = options(__doc__)
    with demo_city(given.database) as environ:
        overrides = {"database_url": environ["EGOVFRAME_DATABASE_URL"]} if given.database else {}
        app = CityContext(Path(environ["EGOVFRAME_CONFIG"]), overrides).app()
        known = populate(app, given.rounds)
        settle_memory()
        figures = [compare(app, form, known) for form in FORMS]
        runtime(app).database.dispose()
    return report(figures)


if __name__ == "__main__":
    sys.exit(main())
