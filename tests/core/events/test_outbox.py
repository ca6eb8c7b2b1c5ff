"""The outbox: an event is told with its transaction, delivered to each subscriber, in the version it knows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from structlog.contextvars import bound_contextvars

from egovframe.actor import Actor
from egovframe.core.modules.events import (
    Event,
    EventHandler,
    EventRow,
    Told,
    record,
    register_handlers,
    register_upcaster,
)
from egovframe.core.modules.events import hooks as event_hooks
from egovframe.core.modules.jobs import Worker, job_counts
from egovframe.core.persistence import Database

OFFICER = Actor("account", account_id=7, public_id="ab12", name="Kim Minji")


@dataclass(frozen=True)
class LampMended(Event):
    name: ClassVar[str] = "lamps.LampMended"
    version: ClassVar[int] = 2
    lamp_id: int
    place: str = "street"


@dataclass(frozen=True)
class OldLampMended(Event):
    name: ClassVar[str] = "lamps.LampMended"
    version: ClassVar[int] = 1
    lamp: int


def worker(database: Database) -> Worker:
    return Worker(database, event_hooks.job_handlers())


def listen(database: Database, owner: str, version: int = 2, failures: int = 0) -> list[Told]:
    heard: list[Told] = []
    left = [failures]

    def handler(session: Session, told: Told) -> None:
        heard.append(told)
        if left[0]:
            left[0] -= 1
            raise RuntimeError

    handlers: Mapping[str, EventHandler] = {f"lamps.LampMended@{version}": handler}
    register_handlers(database, owner, handlers)
    return heard


def tell(database: Database, event: Event | None = None) -> str:
    with database.writing() as session:
        return record(session, event or LampMended(5), OFFICER)


def test_an_event_is_kept_with_ids_actor_and_request(database: Database) -> None:
    with bound_contextvars(request_id="r-1"):
        told = tell(database)
    with database.reading() as session:
        row = session.get_one(EventRow, told)
    assert (row.name, row.version, row.payload) == ("lamps.LampMended", 2, {"lamp_id": 5, "place": "street"})
    assert (row.actor, row.request_id) == ("account:ab12", "r-1")


def test_an_event_of_a_rolled_back_transaction_was_never_told(database: Database) -> None:
    heard = listen(database, "a")
    with pytest.raises(ValueError, match="stop"), database.writing() as session:
        record(session, LampMended(5), OFFICER)
        raise ValueError("stop")
    assert worker(database).run_pending() == 0
    assert heard == []


def test_each_subscriber_is_told_once(database: Database) -> None:
    first, second = listen(database, "a"), listen(database, "b")
    told = tell(database)
    assert worker(database).run_pending() == 2
    assert [event.id for event in first] == [event.id for event in second] == [told]
    assert first[0].data == {"lamp_id": 5, "place": "street"}


def test_a_failing_subscriber_costs_only_its_own_delivery_and_is_told_again(database: Database) -> None:
    bad, good = listen(database, "bad", failures=1), listen(database, "good")
    tell(database)
    worker(database).run_pending()
    database.clock_offset = timedelta(minutes=1)
    worker(database).run_pending()
    assert (len(bad), len(good)) == (2, 1)
    assert bad[0].id == bad[1].id


def test_an_event_told_before_an_upgrade_reaches_the_new_subscriber_in_its_version(database: Database) -> None:
    heard = listen(database, "a", version=3)
    register_upcaster(database, "lamps.LampMended", 1, lambda data: {"lamp_id": data["lamp"]})
    register_upcaster(database, "lamps.LampMended", 2, lambda data: {**data, "kind": "led"})
    tell(database, OldLampMended(5))
    worker(database).run_pending()
    assert [(event.version, event.data) for event in heard] == [(3, {"lamp_id": 5, "kind": "led"})]


@pytest.mark.parametrize("version", [1, 3])
def test_without_an_upcaster_nothing_is_guessed(database: Database, version: int) -> None:
    heard = listen(database, "a", version=version)
    tell(database)
    worker(database).run_pending()
    assert heard == []
    with database.reading() as session:
        assert job_counts(session) == {"ready": 1}


def test_a_subscriber_that_is_gone_is_passed_over(database: Database) -> None:
    listen(database, "a")
    tell(database)
    other = Database(database.engine.url.render_as_string(hide_password=False), database.keyring)
    try:
        assert worker(other).run_pending() == 1
        with other.reading() as session:
            assert job_counts(session) == {}
    finally:
        other.dispose()


def test_two_databases_share_no_subscription(database: Database) -> None:
    listen(database, "a")
    other = Database(database.engine.url.render_as_string(hide_password=False), database.keyring)
    try:
        tell(other)
    finally:
        other.dispose()
    with database.reading() as session:
        assert job_counts(session) == {}


@pytest.mark.parametrize("key", ["lamps.LampMended", "lamps.LampMended@", "@1", "lamps.LampMended@x"])
def test_a_subscription_names_event_and_version(database: Database, key: str) -> None:
    with pytest.raises(ValueError, match="subscribe by name and version"):
        register_handlers(database, "a", {key: lambda session, told: None})


def test_ids_sort_by_time(database: Database) -> None:
    told = [tell(database) for _ in range(3)]
    with database.reading() as session:
        at = list(session.scalars(select(EventRow.occurred_at).order_by(EventRow.id)))
    assert at == sorted(at)
    assert len(set(told)) == 3
