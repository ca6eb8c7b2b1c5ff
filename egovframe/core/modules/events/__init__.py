"""Events: what has happened, told in the past tense, written with the transaction it happened in (the outbox)."""

from egovframe.core.modules.events.models import EventRow
from egovframe.core.modules.events.registry import EventHandler, Told, Upcaster
from egovframe.core.modules.events.services import Event, record, register_handlers, register_upcaster

__all__ = [
    "Event",
    "EventHandler",
    "EventRow",
    "Told",
    "Upcaster",
    "record",
    "register_handlers",
    "register_upcaster",
]
