"""Limits that hold across processes, and calls that may be repeated."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from egovframe.core.persistence import Database
from egovframe.core.web import forgive, limit, runtime, sweep, sweep_replies
from egovframe.core.web.limits import EXTENSION, count, window
from egovframe.core.web.models import IdempotentReply, RateCount
from egovframe.errors import TooManyRequests
from egovframe.testing.clock import Clock
from egovframe.testing.pytest_plugin import database_address

__all__ = ["database_address"]  # these tests run on both engines

MINUTE = timedelta(minutes=1)


@pytest.fixture(autouse=True)
def window_begins(shell: Flask, clock: Clock) -> None:
    """Ada's window has just begun, so that it does not end between two knocks of a test."""
    _bucket, end = window(runtime(shell).database, "ada", "knock", MINUTE, clock.now)
    clock.travel_to(end + timedelta(seconds=1))


def things(database: Database) -> int:
    """Return how many things were made."""
    with database.reading() as session:
        return session.execute(select(func.count()).where(RateCount.bucket.like("thing:%"))).scalar_one()


def test_the_fourth_knock_is_refused_until_the_window_ends(shell: Flask, clock: Clock) -> None:
    with shell.test_request_context("/en/"):
        for _ in range(3):
            limit("ada", "knock", 3, MINUTE)
        with pytest.raises(TooManyRequests) as refused:
            limit("ada", "knock", 3, MINUTE)
        assert 1 <= int(refused.value.headers["Retry-After"]) <= 60
        limit("ben", "knock", 3, MINUTE)
        clock.move(MINUTE)
        limit("ada", "knock", 3, MINUTE)


def test_what_is_forgiven_does_not_count(shell: Flask) -> None:
    with shell.test_request_context("/en/"):
        for _ in range(10):
            forgive(limit("ada", "knock", 3, MINUTE))


def test_a_limit_holds_across_processes(shell: Flask) -> None:
    with shell.test_request_context("/en/"):
        for _ in range(3):
            limit("ada", "knock", 3, MINUTE)
            shell.extensions.pop(EXTENSION)  # what another process does not know
        with pytest.raises(TooManyRequests):
            limit("ada", "knock", 3, MINUTE)


def test_who_hammers_is_refused_without_the_database(shell: Flask, database: Database) -> None:
    with shell.test_request_context("/en/"):
        for _ in range(10):
            try:
                limit("ada", "knock", 3, MINUTE)
            except TooManyRequests:
                continue
    with database.reading() as session:
        assert session.scalars(select(RateCount.hits)).all() == [4]


def test_nobody_is_named_in_the_table_and_old_counts_go(shell: Flask, database: Database, clock: Clock) -> None:
    with shell.test_request_context("/en/"):
        limit("203.0.113.9", "knock", 3, MINUTE)
    with database.reading() as session:
        assert "203.0.113.9" not in session.scalars(select(RateCount.bucket)).one()
    clock.move(2 * MINUTE)
    with database.writing() as session:
        assert sweep(session) == 1


def test_counting_loses_nothing_under_threads(database: Database) -> None:
    seen: list[int] = []

    def hit() -> None:
        seen.extend(count(database, "ada", "knock", timedelta(days=400))[1] for _ in range(10))

    threads = [threading.Thread(target=hit) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(seen) == list(range(1, 41))


def test_a_repeated_call_has_one_effect_and_the_same_answer(visitor: FlaskClient, database: Database) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers=headers)
    second = visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers=headers)
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.data == second.data
    assert first.headers["ETag"] == second.headers["ETag"]
    assert second.headers["Idempotency-Replayed"] == "true"
    assert things(database) == 1


def test_without_a_key_each_call_has_its_effect(visitor: FlaskClient, database: Database) -> None:
    for _ in range(2):
        visitor.post("/api/v1/town/things", json={"name": "lamp"})
    assert things(database) == 2


def test_another_body_under_the_same_key_is_refused(visitor: FlaskClient, database: Database) -> None:
    headers = {"Idempotency-Key": "k-1"}
    visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers=headers)
    other = visitor.post("/api/v1/town/things", json={"name": "bin"}, headers=headers)
    assert other.status_code == 409
    assert things(database) == 1


def test_keys_belong_to_their_caller(visitor: FlaskClient, database: Database) -> None:
    headers = {"Idempotency-Key": "k-1"}
    for address in ("198.51.100.1", "198.51.100.2"):
        visitor.post(
            "/api/v1/town/things", json={"name": "lamp"}, headers=headers, environ_base={"REMOTE_ADDR": address}
        )
    assert things(database) == 2


def test_a_refused_call_leaves_nothing_and_may_be_tried_again(visitor: FlaskClient, database: Database) -> None:
    headers = {"Idempotency-Key": "k-1"}
    assert visitor.post("/api/v1/town/things", json={"name": "taken"}, headers=headers).status_code == 409
    assert things(database) == 0
    assert visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers=headers).status_code == 201


@pytest.mark.parametrize("key", ["", " ", "x" * 201, "schlüssel"])
def test_an_odd_key_is_refused(visitor: FlaskClient, key: str) -> None:
    answer = visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers={"Idempotency-Key": key})
    assert answer.status_code == 400


def test_answers_are_forgotten_after_a_day(visitor: FlaskClient, database: Database, clock: Clock) -> None:
    headers = {"Idempotency-Key": "k-1"}
    visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers=headers)
    clock.move(timedelta(hours=25))
    assert visitor.post("/api/v1/town/things", json={"name": "bin"}, headers=headers).status_code == 201
    clock.move(timedelta(hours=25))
    with database.writing() as session:
        assert sweep_replies(session) == 1


def test_what_is_kept_is_encrypted(visitor: FlaskClient, database: Database) -> None:
    visitor.post("/api/v1/town/things", json={"name": "lamp"}, headers={"Idempotency-Key": "k-1"})
    with database.engine.connect() as connection:
        stored = connection.exec_driver_sql("SELECT reply, key_hash FROM core_idempotency").one()
    assert "lamp" not in stored[0]
    assert "k-1" not in stored[1]


def test_twins_at_the_same_moment_have_one_effect(shell: Flask, database: Database) -> None:
    answers: list[tuple[int, bytes]] = []

    def call() -> None:
        sent = shell.test_client().post(
            "/api/v1/town/things", json={"name": "lamp"}, headers={"Idempotency-Key": "twin"}
        )
        answers.append((sent.status_code, sent.data))

    threads = [threading.Thread(target=call) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(answers)) == 1
    assert answers[0][0] == 201
    assert things(database) == 1


@pytest.mark.parametrize(
    ("sent", "status"), [(None, 428), ('"2"', 412), ('W/"3"', 412), ('"3"', 200), ("*", 200), ('"1", "3"', 200)]
)
def test_a_change_names_the_version_it_changes(visitor: FlaskClient, sent: str | None, status: int) -> None:
    headers = {"If-Match": sent} if sent else {}
    answer = visitor.put("/api/v1/town/things/lamp", json={"name": "lamp"}, headers=headers)
    assert answer.status_code == status
    if status == 200:
        assert answer.headers["ETag"] == '"4"'


def test_ops_say_what_runs_and_name_nobody(shell: Flask, visitor: FlaskClient) -> None:
    present = runtime(shell)
    assert visitor.get("/readyz").json == {"status": "ready", "checks": {}}
    present.readiness["database"] = lambda: "does not answer"
    refused = visitor.get("/readyz")
    assert refused.status_code == 503
    assert refused.json == {"status": "not ready", "checks": {"database": "does not answer"}}
    status = visitor.get("/status").json
    assert status is not None
    assert status["facts"] == {"town": {"things": 3, "mood": "calm"}}
    visitor.get("/en/search?q=Ada+Lovelace")
    metrics = visitor.get("/metrics").get_data(as_text=True)
    assert 'route="/<lang:lang>/search"' in metrics
    assert 'egovframe_fact{name="things",owner="town"} 3.0' in metrics
    assert "Ada" not in metrics


def test_the_document_of_the_api_is_openapi_with_problems(visitor: FlaskClient) -> None:
    document = visitor.get("/api/v1/openapi.json").json
    assert document is not None
    assert document["openapi"].startswith("3.1")
    assert "/api/v1/town/things" in document["paths"]
    refused = document["components"]["responses"]
    assert {tuple(each["content"]) for each in refused.values()} == {("application/problem+json",)}


def test_replies_are_an_own_table(database: Database) -> None:
    with database.reading() as session:
        assert session.scalars(select(IdempotentReply)).all() == []
