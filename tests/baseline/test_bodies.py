"""Bodies that are none: each kind of bad body has its own family of answers, on every API route that takes JSON."""

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from typing import Any

import pytest
from baseline.inputs import schemas_of
from baseline.routes import Route, routes
from baseline.samples import address
from baseline.town import Town, Visitor

from egovframe.core.web import api

JSON = "application/json"
NO_JSON = {400}
"""It cannot be read."""
NOT_FITTING = {422}
"""It can be read, and no field takes it."""
WRONG_KIND = {415}
"""It does not call itself JSON in UTF-8."""
BODIES: dict[str, tuple[bytes, str, set[int]]] = {
    "cut off": (b"{", JSON, NO_JSON),
    "NaN": (b'{"email": NaN}', JSON, NO_JSON),
    "infinity": (b'{"email": Infinity}', JSON, NO_JSON),
    "nested": (b'{"email": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", JSON, NO_JSON),
    "twice": (b'{"email": "a", "email": "b"}', JSON, NO_JSON),
    "half a letter": (b'{"email": "\xff"}', JSON, NO_JSON),
    "UTF-16": ('{"email": "x"}'.encode("utf-16"), JSON, NO_JSON),
    "no object": (b"[]", JSON, NOT_FITTING),
    "1e400": (b'{"email": 1e400, "version": 1e400, "latitude": 1e400}', JSON, NOT_FITTING),
    "NUL": (b'{"email": "a\\u0000", "description": "a\\u0000"}', JSON, NOT_FITTING),
    "lone surrogate": (b'{"email": "\\ud800", "description": "\\ud800"}', JSON, NOT_FITTING),
    "huge number": (b'{"email": 1' + b"0" * 400 + b"}", JSON, NOT_FITTING),
    "called UTF-7": (b'{"email": "+ADw-b+AD4-"}', JSON + "; charset=utf-7", WRONG_KIND),
    "called UTF-16": ('{"email": "x"}'.encode("utf-16"), JSON + "; charset=utf-16", WRONG_KIND),
    "called Latin-1": (b'{"email": "x"}', JSON + "; charset=iso-8859-1", WRONG_KIND),
    "text": (b'{"email": "x"}', "text/plain", WRONG_KIND),
    "XML": (b"<a/>", "application/xml", WRONG_KIND),
    "form": (b"email=x", "application/x-www-form-urlencoded", WRONG_KIND),
    "parts": (b"--x--", "multipart/form-data; boundary=x", WRONG_KIND),
    "nothing said": (b'{"email": "x"}', "", WRONG_KIND),
    "too large": (b'{"email": "' + b"A" * 40_000_000 + b'"}', JSON, {413}),
}
PEAK = 100 * 1024**2
"""Bytes that the answer to one hostile body may take at most, the body itself included."""


def takers(town: Town) -> list[Route]:
    """Return the API routes that take a JSON body."""
    return [route for route in routes(town.app) if route.is_api and not route.is_safe and schemas_of(town.app, route)]


def unlike(town: Town, only: str = "") -> Iterator[str]:
    """Yield every answer outside of its family."""
    visitor: Visitor = town.once_more("administrator")
    for number, route in enumerate(takers(town)):
        path = address(town, route)
        for name, (body, kind, family) in BODIES.items():
            if only not in name or (number and len(body) > 1_000_000):
                continue  # the limit on sizes stands before every view
            answer = town.ask(visitor, route.method, path, data=body, headers={"Content-Type": kind})
            if answer.status_code not in family:
                yield f"{route}, {name}: {answer.status_code}"


def test_every_bad_body_is_answered_with_its_family(town: Town) -> None:
    assert len(takers(town)) >= 3
    assert list(unlike(town)) == []


@pytest.mark.parametrize(
    ("name", "broken", "reported"),
    [("CHARSETS", frozenset({"utf-8", "utf-7"}), "called UTF-7"), ("_no_repeats", dict, "twice")],
)
def test_a_parser_that_takes_more_is_reported(
    town: Town, monkeypatch: pytest.MonkeyPatch, name: str, broken: Any, reported: str
) -> None:
    monkeypatch.setattr(api, name, broken)
    assert list(unlike(town, only=reported))


def peak_of(town: Town, name: str) -> int:
    """Return how many bytes were held at once while a hostile body was answered, beyond what was there before."""
    body, kind, _family = BODIES[name]
    visitor, path = town.visitors["administrator"], "/api/v1/tokens"
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        tracemalloc.reset_peak()
        town.ask(visitor, "POST", path, data=body, headers={"Content-Type": kind})
        return tracemalloc.get_traced_memory()[1] - before
    finally:
        tracemalloc.stop()


def test_hostile_bodies_are_answered_in_bounded_memory(town: Town) -> None:
    peaks = {name: peak_of(town, name) for name in BODIES}
    assert {name: peak for name, peak in peaks.items() if peak > PEAK} == {}


def test_a_parser_that_holds_too_much_is_reported(town: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    def greedy(source: str | bytes) -> Any:
        return {"email": bytearray(2 * PEAK).decode("latin-1")[:1], "source": source[:1]}

    monkeypatch.setattr(api, "strict_json", greedy)
    assert peak_of(town, "1e400") > PEAK
