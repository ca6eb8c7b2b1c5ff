"""For those who run the portal: alive, ready, status, metrics. None of them holds a name, an address or a message."""

from __future__ import annotations

from typing import Any

from flask import Flask, Response, current_app, g, json, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest

import egovframe
from egovframe.core.auth import public
from egovframe.core.web.context import reading
from egovframe.core.web.requests import route_of_request, seconds_so_far
from egovframe.core.web.runtime import runtime
from egovframe.errors import EgovError

EXTENSION = "egovframe.metrics"
BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})


class Metrics:
    """The counters of one process."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "egovframe_requests", "Answers given", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "egovframe_request_seconds", "Time to answer", ("route",), buckets=BUCKETS, registry=self.registry
        )
        self.facts = Gauge("egovframe_fact", "Counters of rooms and plugins", ("owner", "name"), registry=self.registry)


def install(app: Flask) -> None:
    """Mount the four addresses and count answers."""
    app.extensions[EXTENSION] = Metrics()
    for view in (healthz, readyz, status, metrics):
        app.add_url_rule(f"/{view.__name__}", f"core.{view.__name__}", view)
    app.after_request(_count)


@public
def healthz() -> Response:
    """Say that the process answers; asks nothing else."""
    return _uncached(Response("ok\n", content_type="text/plain; charset=utf-8"))


@public
def readyz() -> Response:
    """Say whether this process can serve: 200, or 503 with the checks that fail."""
    checks = {name: _outcome(check) for name, check in runtime().readiness.items()}
    ready = all(outcome == "ok" for outcome in checks.values())
    body = json.dumps({"status": "ready" if ready else "not ready", "checks": checks})
    return _uncached(Response(body, 200 if ready else 503, content_type="application/json"))


@public
def status() -> Response:
    """Say what runs here: version, schema heads, plugin states with the stage that failed, counters."""
    present = runtime()
    document = {
        "version": egovframe.__version__,
        "environment": present.settings.environment,
        "database": present.database.dialect,
        "safe_mode": present.safe_mode,
        "schema": dict(present.schema_heads()),
        "plugins": [dict(plugin) for plugin in present.plugin_report()],
        "facts": _facts(),
    }
    return _uncached(Response(json.dumps(document), content_type="application/json"))


@public
def metrics() -> Response:
    """Return Prometheus' text format."""
    counters: Metrics = current_app.extensions[EXTENSION]
    for owner, facts in _facts().items():
        for name, value in facts.items():
            if isinstance(value, int | float) and not isinstance(value, bool):
                counters.facts.labels(owner, name).set(value)
    return _uncached(Response(generate_latest(counters.registry), content_type=CONTENT_TYPE_LATEST))


def _facts() -> dict[str, dict[str, Any]]:
    return {owner: dict(facts) for owner, facts in runtime().hooks.call("status", session=reading()) if facts}


def _outcome(check: Any) -> str:
    try:
        return check() or "ok"
    except EgovError as error:
        return error.code


def _count(response: Response) -> Response:
    counters: Metrics = current_app.extensions[EXTENSION]
    route = route_of_request()
    method = request.method if request.method in METHODS else "OTHER"
    counters.requests.labels(method, route, response.status_code).inc()
    if "egov_began" in g:
        counters.seconds.labels(route).observe(seconds_so_far())
    return response


def _uncached(response: Response) -> Response:
    response.headers["Cache-Control"] = "no-store"
    return response
