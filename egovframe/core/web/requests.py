"""Every request gets an id of our own making, which answers, logs, audit and problem documents share."""

from __future__ import annotations

import time

import structlog
from flask import Flask, Response, g, request

from egovframe.core.persistence import new_public_id

HEADER = "X-Request-ID"
UNMATCHED = "unmatched"
_log = structlog.get_logger("egovframe.request")


def install(app: Flask) -> None:
    """Give ids before anything else happens, and write one line for every answer.

    Ids sent by callers are not taken over: they would let anybody write into the log.
    """
    app.before_request(_begin)
    app.after_request(_end)
    app.teardown_request(_forget)


def request_id() -> str:
    """Return the id of the present request."""
    if "egov_request_id" not in g:
        g.egov_request_id = new_public_id(20)
    value: str = g.egov_request_id
    return value


def route_of_request() -> str:
    """Return the route's pattern, never the address: an address may hold a tracking code or a search for a name."""
    return request.url_rule.rule if request.url_rule else UNMATCHED


def seconds_so_far() -> float:
    """Return how long this request has taken until now, in seconds."""
    return time.perf_counter() - float(g.get("egov_began", time.perf_counter()))


def _begin() -> None:
    g.egov_began = time.perf_counter()
    structlog.contextvars.clear_contextvars()
    structlog.contextvars.bind_contextvars(request_id=request_id())


def _end(response: Response) -> Response:
    response.headers[HEADER] = request_id()
    known = g.get("egov_actor")
    _log.info(
        "request",
        method=request.method if request.method.isalpha() and len(request.method) < 12 else "OTHER",
        route=route_of_request(),
        status=response.status_code,
        milliseconds=round(seconds_so_far() * 1000, 1),
        actor=known.label if known is not None else "",
    )
    return response


def _forget(_error: BaseException | None = None) -> None:
    structlog.contextvars.clear_contextvars()
