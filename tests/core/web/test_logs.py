"""What is written about requests, and what never is."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
import structlog
from flask.testing import FlaskClient

from egovframe.config import Settings
from egovframe.config_sections import LogSettings
from egovframe.core.web import configure_logging


@pytest.fixture
def lines(settings: Settings) -> Iterator[io.StringIO]:
    """What a production process writes."""
    root = logging.getLogger()
    before, level = list(root.handlers), root.level
    stream = io.StringIO()
    configure_logging(replace(settings, environment="production", log=LogSettings(style="json")), stream)
    yield stream
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def written(stream: io.StringIO) -> list[dict[str, Any]]:
    """Return the lines as objects."""
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_request_is_one_line_without_its_address(visitor: FlaskClient, lines: io.StringIO) -> None:
    answer = visitor.get("/en/search?q=Ada+Lovelace", headers={"User-Agent": "curious"})
    (line,) = written(lines)
    assert line["event"] == "request"
    assert line["route"] == "/<lang:lang>/search"
    assert line["status"] == 200
    assert line["request_id"] == answer.headers["X-Request-ID"]
    assert "Ada" not in lines.getvalue()


def test_an_unknown_address_is_not_repeated(visitor: FlaskClient, lines: io.StringIO) -> None:
    visitor.get("/en/track/7XK2-99QP")
    assert "7XK2" not in lines.getvalue()
    assert written(lines)[-1]["route"] == "unmatched"


def test_an_exception_shows_its_place_and_not_its_words(visitor: FlaskClient, lines: io.StringIO) -> None:
    visitor.get("/en/boom")
    failed = next(line for line in written(lines) if line["event"] == "unforeseen")
    assert failed["exception"][0]["type"] == "builtins.ZeroDivisionError"
    assert any("town.py" in place for place in failed["exception"][0]["at"])
    assert "7XK2" not in lines.getvalue()


def test_values_under_telling_keys_are_never_written(lines: io.StringIO) -> None:
    structlog.get_logger("x").info("moved", email="ada@example.org", password="p", count=3)
    logging.getLogger("other").warning("an old library speaks\nin two lines")
    first, second = written(lines)
    assert first["email"] == "•••"
    assert first["count"] == 3
    assert "ada@" not in lines.getvalue()
    assert second["event"] == "an old library speaks\nin two lines"
