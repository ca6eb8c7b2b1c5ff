"""Who looked: the record of a request's looks at personal data is written before its answer leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import structlog
from flask import Flask, Response, current_app, g, request
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy import Looking, write_down
from egovframe.core.persistence import Database, lay_down, on_errand, take_up
from egovframe.core.web.context import actor, close_units, reader_in_use
from egovframe.core.web.errors import answer, problem_of
from egovframe.core.web.requests import route_of_request
from egovframe.core.web.runtime import runtime
from egovframe.errors import EgovError, Unavailable

HELD_BACK = _("The city records who looks at personal data, and this look cannot be recorded now. So it is not shown.")
_log = structlog.get_logger("egovframe.looks")


def begin(app: Flask) -> None:
    """Give every request its errand, before anything reads."""
    app.before_request(_take_up)
    app.teardown_request(_lay_down)


def finish(app: Flask) -> None:
    """Write down what was seen, before any other step works on the answer."""
    app.after_request(_write)


def _take_up() -> None:
    runtime().database.serves_people = True
    g.egov_looking = Looking(_viewer, route=route_of_request())
    take_up(g.egov_looking)


def _lay_down(_error: BaseException | None = None) -> None:
    errand = g.pop("egov_looking", None)
    if errand is not None:
        lay_down(errand)


def _viewer() -> Actor:
    return actor()


def _write(response: Response) -> Response:
    errand: Looking | None = g.get("egov_looking")
    if errand is None:
        return response
    database = runtime().database
    if response.is_streamed and not response.direct_passthrough:
        errand.viewer  # noqa: B018 - known now, while there is a request
        response.response = _watched(response.response, errand, database, reader_in_use())
    if not errand.pending:
        return response
    try:
        write_down(errand, database)
    except EgovError as error:
        _log.error("a look could not be recorded, its answer is held back", exc_info=error)
        return _masked(errand)
    return response


def _masked(errand: Looking) -> Response:
    """Answer without the values: the same page with dots where the page knows how, else a refusal."""
    close_units()
    errand.masked = True
    errand.rows.clear()
    errand.searches.clear()
    if request.method in {"GET", "HEAD"}:
        response = _again()
        if not errand.pending:
            return response
    errand.rows.clear()
    errand.searches.clear()
    return answer(problem_of(Unavailable(HELD_BACK)))


def _again() -> Response:
    try:
        return current_app.make_response(current_app.dispatch_request())
    except Exception as error:  # noqa: BLE001 - as for the first try, the application answers it
        handled: Any = current_app.handle_user_exception(error)
        return current_app.make_response(handled)


def _watched(chunks: Iterable[Any], errand: Looking, database: Database, reader: Session | None) -> Iterator[Any]:
    """Pass a streamed answer on, each part after what it shows has been recorded.

    The request's unit has ended by then; whoever goes on reading with its session takes a connection anew, which is
    given back with the last part.

    Raises:
        Unavailable: it cannot be recorded: the answer breaks off before the part.
    """
    source = iter(chunks)
    try:
        while True:
            with on_errand(errand):
                try:
                    chunk = next(source)
                except StopIteration:
                    return
            if errand.pending:
                write_down(errand, database)
            yield chunk
    finally:
        close = getattr(chunks, "close", None)
        if close is not None:
            close()
        if reader is not None:
            reader.close()


__all__ = ["HELD_BACK", "begin", "finish"]
