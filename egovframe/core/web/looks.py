"""Who looked: the record of a request's looks at personal data is written before its answer leaves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from io import BufferedReader, FileIO
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
WRAPPERS = frozenset({"werkzeug", "gunicorn", "waitress"})
"""Packages whose wrappers hand a file on as it is; those of other servers are watched, and so slower."""
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
    if _is_made_later(response.response):
        errand.viewer  # noqa: B018 - known now, while there is a request
        response.response = _Watched(response.response, errand, database, reader_in_use())
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
    errand.forget()
    if request.method in {"GET", "HEAD"}:
        response = _again()
        if not errand.pending:
            return response
    errand.forget()
    return answer(problem_of(Unavailable(HELD_BACK)))


def _again() -> Response:
    try:
        return current_app.make_response(current_app.dispatch_request())
    except Exception as error:  # noqa: BLE001 - as for the first try, the application answers it
        handled: Any = current_app.handle_user_exception(error)
        return current_app.make_response(handled)


def _is_made_later(body: Any) -> bool:
    """Whether parts of an answer come into being while they are sent: all but texts and files of the disk do."""
    if type(body) in {list, tuple, str, bytes}:
        return False
    while type(body).__module__.partition(".")[0] in WRAPPERS:
        inner = next((vars(body)[name] for name in ("iterable", "filelike", "file") if name in vars(body)), None)
        if inner is None:
            return True
        body = inner
    return type(body.raw if type(body) is BufferedReader else body) is not FileIO


class _Watched:
    """A streamed answer, each part passed on after what it shows has been recorded.

    The request's unit has ended by then; whoever goes on reading with its session takes a connection anew, which is
    given back with the last part. An answer that nobody takes a part of (HEAD) is closed all the same.
    """

    def __init__(self, chunks: Iterable[Any], errand: Looking, database: Database, reader: Session | None) -> None:
        self._chunks = chunks
        self._source: Iterator[Any] | None = None
        self._errand = errand
        self._database = database
        self._reader = reader

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        """Return the next part.

        Raises:
            Unavailable: what it shows cannot be recorded: the answer breaks off before the part.
        """
        try:
            with on_errand(self._errand):
                self._source = self._source or iter(self._chunks)
                chunk = next(self._source)
            if self._errand.pending:
                write_down(self._errand, self._database)
        except BaseException:
            self.close()
            raise
        return chunk

    def close(self) -> None:
        """Give back what the answer holds; may be called again."""
        with on_errand(self._errand):
            close = getattr(self._chunks, "close", None)
            if close is not None:
                close()
        if self._reader is not None:
            self._reader.close()


__all__ = ["HELD_BACK", "begin", "finish"]
