"""Answers that are made while they are sent: however the server gets them, each part is recorded first."""

from __future__ import annotations

import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from core.privacy.planted import PHONE, Caller, plant
from flask import Blueprint, Flask, Response, send_file, stream_with_context
from sqlalchemy import select

from egovframe.core.auth import signed_in
from egovframe.core.modules.privacy import Look
from egovframe.core.persistence import Database
from egovframe.core.web import mount_pages, reading, runtime
from egovframe.core.web.looks import _is_made_later
from egovframe.testing.factories import Factory

pages = Blueprint("sent", __name__, url_prefix="/sent")


def phone_of(session: Any) -> str:
    return str(session.scalar(select(Caller.phone).where(Caller.id == 1)))


class Lazy(io.RawIOBase):
    """A file that is made while it is read."""

    closed_ones: int = 0

    def __init__(self, database: Database) -> None:
        self.database, self.done = database, False

    def read(self, _size: int = -1) -> bytes:
        if self.done:
            return b""
        self.done = True
        with self.database.reading() as session:
            return phone_of(session).encode()

    def close(self) -> None:
        if not self.closed:
            Lazy.closed_ones += 1
        super().close()


class Rows(list[str]):
    """A list whose items are made when they are asked for."""

    def __init__(self, database: Database) -> None:
        super().__init__(["-"])
        self.database = database

    def __iter__(self) -> Iterator[str]:
        with self.database.reading() as session:
            yield phone_of(session)


@pages.get("/past")
@signed_in
def past() -> Response:
    database = runtime().database

    def parts() -> Iterator[bytes]:
        with database.reading() as session:
            yield phone_of(session).encode()

    return Response(parts(), mimetype="text/csv", direct_passthrough=True)


@pages.get("/past-in-context")
@signed_in
def past_in_context() -> Response:
    session = reading()

    def parts() -> Iterator[bytes]:
        yield b"> "
        yield phone_of(session).encode()

    return Response(stream_with_context(parts()), mimetype="text/csv", direct_passthrough=True)


@pages.get("/file")
@signed_in
def file() -> Response:
    return send_file(Lazy(runtime().database), mimetype="text/csv")


@pages.get("/list")
@signed_in
def rows() -> Response:
    return Response(Rows(runtime().database), mimetype="text/csv")


@pages.get("/disk")
@signed_in
def disk() -> Response:
    return send_file(Path(__file__), mimetype="text/plain", conditional=True)


@pytest.fixture
def town(app: Flask) -> Flask:
    mount_pages(app, pages)
    plant(runtime(app).database)
    return app


def recorded(town: Flask) -> list[tuple[str, list[str]]]:
    with runtime(town).database.reading() as session:
        return [(look.route, look.columns) for look in session.scalars(select(Look))]


@pytest.mark.parametrize("name", ["past", "past-in-context", "file", "list"])
def test_what_is_made_while_it_is_sent_is_recorded(town: Flask, make: Factory, name: str) -> None:
    answer = make.client(make.account("officer")).get(f"/en/sent/{name}")
    assert PHONE in answer.text
    answer.close()
    assert recorded(town) == [(f"/<lang:lang>/sent/{name}", ["planted_caller.phone"])]


def test_no_part_leaves_before_its_look_is_written(town: Flask, make: Factory) -> None:
    answer = make.client(make.account("officer")).get("/en/sent/past-in-context", buffered=False)
    parts = iter(answer.response)
    assert next(parts) == b"> "
    assert recorded(town) == []
    assert next(parts) == PHONE.encode()
    assert len(recorded(town)) == 1
    answer.close()


def test_an_answer_of_which_nothing_is_taken_is_closed(town: Flask, make: Factory) -> None:
    browser, before = make.client(make.account("officer")), Lazy.closed_ones
    browser.head("/en/sent/file").close()
    assert Lazy.closed_ones == before + 1
    assert recorded(town) == []


def test_files_of_the_disk_go_out_as_they_are(town: Flask, make: Factory) -> None:
    browser = make.client(make.account("officer"))
    with browser.get("/en/sent/disk") as whole:
        assert whole.data == Path(__file__).read_bytes()
    with browser.get("/en/sent/disk", headers={"Range": "bytes=3-9"}) as part:
        assert (part.status_code, part.data) == (206, Path(__file__).read_bytes()[3:10])
    with town.test_request_context(), Path(__file__).open("rb") as handle:
        assert not _is_made_later(send_file(handle, mimetype="text/plain").response)
    with town.test_request_context():
        assert _is_made_later(send_file(io.BytesIO(b"x"), mimetype="text/plain").response)
