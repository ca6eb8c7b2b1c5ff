"""Verbs: tell what has happened, and deliver it to who listens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, ClassVar

import structlog
from sqlalchemy.orm import Session
from structlog.contextvars import get_contextvars

from egovframe.actor import Actor
from egovframe.core.modules.events.models import EventRow
from egovframe.core.modules.events.registry import EventHandler, Subscriptions, Told, Upcaster
from egovframe.core.modules.jobs import enqueue
from egovframe.core.persistence import Database, insert_rows, moment, new_ordered_id, unit_of

DELIVER = "events.deliver"
"""Name of the job that brings one event to one subscriber."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True)
class Event:
    """Base of every event: a frozen dataclass whose fields are ids and codes, never personal data.

    A subclass names itself ``room.PastTense`` and counts its version up when its fields change:

        @dataclass(frozen=True)
        class CaseOpened(Event):
            name: ClassVar[str] = "cases.CaseOpened"
            version: ClassVar[int] = 1
            case_id: int
    """

    name: ClassVar[str]
    version: ClassVar[int] = 1


def record(session: Session, event: Event, actor: Actor) -> str:
    """Write the event into the session's transaction, and one job for each subscriber.

    Returns:
        The event's id, which sorts by time.
    """
    at = moment(session)
    number = new_ordered_id()
    row = {
        "id": number,
        "name": event.name,
        "version": event.version,
        "payload": asdict(event),
        "actor": actor.label,
        "request_id": str(get_contextvars().get("request_id", ""))[:64],
        "occurred_at": at,
    }
    insert_rows(session, EventRow, row)
    for owner in unit_of(session).database.service(Subscriptions).owners(event.name):
        enqueue(session, DELIVER, {"event": number, "to": owner}, run_at=at)
    return number


def register_handlers(database: Database, owner: str, handlers: Mapping[str, EventHandler]) -> None:
    """Subscribe a plugin or room by ``name@version``; called by the assembly for every answer of ``event_handlers``.

    Raises:
        ValueError: a key is not ``name@version``.
    """
    database.service(Subscriptions).add(owner, handlers)


def register_upcaster(database: Database, name: str, version: int, upcaster: Upcaster) -> None:
    """Say how a payload of the version becomes one of the next, for events told before an upgrade."""
    database.service(Subscriptions).add_upcaster(name, version, upcaster)


def deliver(session: Session, payload: Mapping[str, Any]) -> None:
    """Job handler: bring one event to one subscriber, in a transaction of its own."""
    row = session.get(EventRow, payload["event"])
    if row is None:
        log.warning("event gone", event=payload["event"])
        return
    told = Told(row.id, row.name, row.version, row.payload, row.actor, row.occurred_at, row.request_id)
    if not unit_of(session).database.service(Subscriptions).deliver(session, payload["to"], told):
        log.warning("subscriber gone", event_name=row.name, owner=payload["to"])
