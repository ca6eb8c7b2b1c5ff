"""Requests, streams, threads, jobs and commands: who reads is known wherever the session goes."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, cast

import pytest
from core.privacy.planted import ANNA, EMAIL, OFFICIAL, PHONE, Caller, plant
from flask import Blueprint, Flask, Response, jsonify, stream_with_context
from sqlalchemy import event, select
from sqlalchemy.pool import QueuePool

from egovframe.actor import Actor
from egovframe.cli import cli
from egovframe.core.auth import public, sign_out, signed_in
from egovframe.core.modules.jobs import Worker, enqueue
from egovframe.core.modules.privacy import (
    Look,
    LookSubject,
    PersonalDataRefused,
    asked,
    by_order_of,
    by_the_person,
    by_the_system,
    masked,
    state_purpose,
)
from egovframe.core.persistence import Database, unit_of
from egovframe.core.web import (
    SIGNED_IN,
    ApiBlueprint,
    actor,
    forget_actor,
    mount_api,
    mount_pages,
    read_cookie,
    reading,
    runtime,
    writing,
)
from egovframe.testing.factories import Factory

pages = Blueprint("planted", __name__, url_prefix="/planted")
api = ApiBlueprint("planted_api", __name__, url_prefix="/planted", description="Planted")


def phone_of(session: Any) -> str:
    return str(session.scalar(select(Caller.phone).where(Caller.id == 1)))


@pages.get("/page")
@signed_in
def page() -> str:
    return phone_of(reading())


@pages.get("/public")
@public
def open_page() -> str:
    return phone_of(reading())


@pages.get("/own-unit")
@signed_in
def own_unit() -> str:
    with runtime().database.reading() as session:
        return phone_of(session)


@pages.post("/changed")
@signed_in
def changed() -> str:
    with writing() as session:
        caller = session.get_one(Caller, 1)
        caller.topic = "seen"
        return str(caller.phone)


@pages.get("/undone")
@signed_in
def undone() -> str:
    found = ""
    try:
        with writing() as session:
            found = phone_of(session)
            raise KeyError
    except KeyError:
        return found


@pages.get("/masked")
@signed_in
def dots() -> str:
    row = reading().scalars(select(Caller).where(Caller.id == 1).options(*asked(reading()))).one()
    return str(masked(row, "phone"))


@pages.get("/purposeful")
@signed_in
def purposeful() -> str:
    state_purpose(reading(), "accounts", thing="account:1")
    return dots()


@pages.get("/system")
@signed_in
def system() -> str:
    session = reading()
    with by_the_system(session):
        row = session.get_one(Caller, 1)
        length = len(row.phone or "")
    return f"{length} {masked(row, 'phone')}"


@pages.get("/system-then-shown")
@signed_in
def system_then_shown() -> str:
    session = reading()
    with by_the_system(session):
        row = session.get_one(Caller, 1)
        assert row.phone
    return str(row.phone)


@pages.get("/person")
@public
def person() -> str:
    with by_the_person(reading()):
        return phone_of(reading())


@pages.get("/leaving")
@signed_in
def leaving() -> str:
    """Reads, ends the session, reads again: two readers in one request."""
    phone_of(reading())
    with writing() as session:
        sign_out(session, actor(), read_cookie(SIGNED_IN))
    forget_actor()
    second = reading().scalar(select(Caller.phone).where(Caller.id == 2))
    return f"{actor().is_signed_in} {second}"


@pages.get("/thread")
@signed_in
def thread() -> str:
    """Reads in a thread of its own, once with the request's session, once in a unit that nobody answers for."""
    session, database, found = reading(), runtime().database, []

    def passed_on() -> None:
        found.append(phone_of(session))

    def alone() -> None:
        try:
            with database.reading() as fresh:
                found.append(phone_of(fresh))
        except PersonalDataRefused as refused:
            found.append(type(refused).__name__)

    for work in (passed_on, alone):
        one = threading.Thread(target=work)
        one.start()
        one.join()
    return " ".join(found)


@pages.get("/streamed")
@signed_in
def streamed() -> Response:
    session = reading()

    def parts() -> Iterator[str]:
        for row in session.execute(select(Caller.id, Caller.phone).order_by(Caller.id)).yield_per(1):
            yield f"{row.phone}\n"

    return Response(stream_with_context(parts()), mimetype="text/csv")


@pages.get("/streamed-late")
@signed_in
def streamed_late() -> Response:
    database = runtime().database

    def parts() -> Iterator[str]:
        with database.reading() as session:
            yield f"{phone_of(session)}\n"

    return Response(parts(), mimetype="text/csv")


@api.get("")
@signed_in
def listed() -> Any:
    """Return everybody."""
    return jsonify([row.phone for row in reading().execute(select(Caller.phone))])


@pytest.fixture
def town(app: Flask) -> Flask:
    mount_pages(app, pages)
    mount_api(app, api)
    plant(runtime(app).database)
    return app


@pytest.fixture
def db(town: Flask) -> Database:
    return runtime(town).database


@pytest.fixture
def reader(make: Factory) -> Actor:
    return make.account("officer")


def recorded(db: Database) -> list[tuple[str, str, str, str]]:
    """Every row that was looked at: (viewer, purpose, route, row)."""
    with db.reading() as session:
        rows = session.execute(
            select(Look.viewer, Look.purpose, Look.route, LookSubject.row_key)
            .join(LookSubject, LookSubject.look_id == Look.id)
            .order_by(LookSubject.id)
        )
        return [tuple(row) for row in rows]  # type: ignore[misc]


@pytest.mark.parametrize("name", ["page", "own-unit", "undone", "streamed-late"])
def test_a_forgetful_page_is_recorded_without_its_help(
    town: Flask, db: Database, make: Factory, reader: Actor, name: str
) -> None:
    answer = make.client(reader).get(f"/en/planted/{name}")
    assert PHONE in answer.text
    assert recorded(db) == [(reader.label, "unstated", f"/<lang:lang>/planted/{name}", "1")]


def test_a_program_with_a_token_is_recorded(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    answer = town.test_client().get("/api/v1/planted", headers=make.token(reader))
    assert len(answer.json) == 3
    assert [(viewer, row) for viewer, _p, _r, row in recorded(db)] == [(reader.label, one) for one in "123"]


def test_an_open_page_that_shows_personal_data_is_recorded_as_a_visitors_look(town: Flask, db: Database) -> None:
    assert PHONE in town.test_client().get("/en/planted/public").text
    assert [viewer for viewer, *_ in recorded(db)] == ["anonymous"]


def test_one_record_for_each_request(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    make.client(reader).get("/en/planted/thread")
    with db.reading() as session:
        assert len(session.scalars(select(Look)).all()) == 1


def test_a_thread_sees_what_its_session_may_and_alone_it_sees_nothing(
    town: Flask, db: Database, make: Factory, reader: Actor
) -> None:
    answer = make.client(reader).get("/en/planted/thread").text
    assert answer == f"{PHONE} PersonalDataRefused"
    assert [viewer for viewer, *_ in recorded(db)] == [reader.label]


def test_dots_until_a_purpose_is_stated(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    browser = make.client(reader)
    assert browser.get("/en/planted/masked").text == "•••"
    assert recorded(db) == []
    assert browser.get("/en/planted/purposeful").text == PHONE
    assert [purpose for _v, purpose, *_ in recorded(db)] == ["accounts"]


def test_what_the_system_read_is_put_away(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    browser = make.client(reader)
    assert browser.get("/en/planted/system").text == f"{len(PHONE)} •••"
    assert recorded(db) == []
    assert browser.get("/en/planted/system-then-shown").text == PHONE
    assert [viewer for viewer, *_ in recorded(db)] == [reader.label]


def test_who_has_shown_to_be_the_person_leaves_no_record(town: Flask, db: Database) -> None:
    assert town.test_client().get("/en/planted/person").text == PHONE
    assert recorded(db) == []


def test_what_one_reads_of_oneself_leaves_no_record(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    with db.writing() as session:
        session.get_one(Caller, 1).account_id = reader.account_id
    browser = make.client(reader)
    assert PHONE in browser.get("/en/planted/page").text
    assert browser.get("/en/account/").status_code == 200
    assert recorded(db) == []


def test_a_stream_is_recorded_before_each_part_leaves(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    answer = make.client(reader).get("/en/planted/streamed", buffered=False)
    parts = iter(answer.response)
    for number in (1, 2, 3):
        assert next(parts)
        assert [row for *_, row in recorded(db)] == [str(one) for one in range(1, number + 1)]
    answer.close()
    assert lent(db) == 0


def lent(db: Database) -> int:
    """How many connections somebody holds."""
    return cast("QueuePool", db.engine.pool).checkedout()


def test_nothing_leaves_that_cannot_be_recorded(town: Flask, db: Database, make: Factory, reader: Actor) -> None:
    browser, header = make.client(reader), make.token(reader)
    refuse_looks(db)
    for address in ("page", "own-unit", "undone", "public"):
        answer = browser.get(f"/en/planted/{address}")
        assert answer.status_code == 503
        assert PHONE not in answer.text
    told = town.test_client().get("/api/v1/planted", headers=header)
    assert told.status_code == 503
    assert told.content_type == "application/problem+json"
    assert PHONE not in told.text
    with pytest.raises(Exception, match="disk"):
        list(browser.get("/en/planted/streamed", buffered=False).response)
    assert lent(db) == 0


def refuse_looks(db: Database) -> None:
    """Behave like a database that has become read-only."""

    def refuse(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if statement.startswith("INSERT INTO core_look"):
            from egovframe.core.persistence import DatabaseFault

            raise DatabaseFault("the disk is full")

    event.listen(db.engine, "before_cursor_execute", refuse)


def test_a_job_shows_nothing_unless_it_says_on_whose_order(app: Flask) -> None:
    db = runtime(app).database
    plant(db)
    printed: list[str] = []

    def quiet(session: Any, _payload: Any) -> None:
        printed.append(phone_of(session))

    def export(session: Any, _payload: Any) -> None:
        with by_order_of(session, OFFICIAL, "case", thing="export:1"):
            printed.append(phone_of(session))

    def broken(session: Any, _payload: Any) -> None:
        export(session, _payload)
        raise KeyError("the file could not be written")

    with db.writing() as session:
        for name in ("quiet", "export", "broken"):
            enqueue(session, name, {}, max_attempts=1)
    Worker(db, {"quiet": quiet, "export": export, "broken": broken}).run_pending()
    assert printed == [PHONE] * 3
    assert recorded(db) == [(OFFICIAL.label, "case", "job", "1")]


def test_a_command_is_the_operators_look_and_prints_nothing_unrecorded(
    app: Flask, make: Factory, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from click.testing import CliRunner

    person = make.account()
    monkeypatch.setenv("EGOVFRAME_CONFIG", str(settings.folder))
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", settings.database_url)
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", settings.secret_key)
    done = CliRunner().invoke(cli, ["user", "list"])
    assert "person1@test.example" in done.output
    db = runtime(app).database
    assert {(viewer, purpose) for viewer, purpose, *_ in recorded(db)} == {("system:operator", "operation")}
    shown = make.client(person).get("/en/account/my-data/looks").text
    assert "operator" in shown
    assert "user list" in shown
    with db.writing() as session:
        LookSubject.__table__.drop(session.connection())  # type: ignore[attr-defined]
        Look.__table__.drop(session.connection())  # type: ignore[attr-defined]
    again = CliRunner().invoke(cli, ["user", "list"])
    assert again.exception is not None
    assert "person1@test.example" not in again.output


def test_the_unit_knows_its_viewer(town: Flask, db: Database) -> None:
    with db.reading() as session:
        assert unit_of(session).viewer is None
        assert unit_of(session).purpose == ""
    assert EMAIL
    assert ANNA


def test_what_was_seen_before_the_session_ended_was_seen_by_its_person(
    town: Flask, db: Database, make: Factory
) -> None:
    person = make.account()
    client = make.client(person)
    assert client.get("/en/planted/leaving").text.startswith("False ")
    assert [(viewer, row) for viewer, _purpose, _route, row in recorded(db)] == [
        (person.label, "1"),
        ("anonymous", "2"),
    ]
