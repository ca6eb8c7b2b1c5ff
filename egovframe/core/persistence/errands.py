"""Errands: on whose behalf a thread reads, and what for. A unit of work takes up the errand of its thread.

Persistence only carries the errand (in ``Session.info["unit"]`` and as an execution option of the connection, so that
it survives threads and streamed answers); what is owed for a look at personal data is the privacy room's matter.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from egovframe.actor import Actor

if TYPE_CHECKING:
    from egovframe.core.persistence.units import Database


MAINTENANCE = "egovframe_maintenance"
"""Execution option of the connections that change the schema: whoever runs them is the operator of the database."""


class Errand:
    """The system's own errand: it shows nothing to anybody. Other errands are its subclasses.

    Attributes:
        watched: whether looks at personal data are recorded.
        refuses: why personal data is refused altogether; empty where it is not.
        purpose: code of the purpose.
        thing: what the errand is about, such as ``case:SB-2026-000123-4``.
    """

    watched: bool = False
    refuses: str = ""
    purpose: str = ""
    thing: str = ""

    @property
    def viewer(self) -> Actor | None:
        """Who reads; None is the system."""
        return None

    def unit_ended(self, database: Database) -> None:
        """Do what is due when a unit of the errand has ended; may raise to hold back what was read."""


class Nobody(Errand):
    """A thread that nobody answers for, in a process that serves people: personal data is refused."""

    watched = True
    refuses = "nobody answers for this thread: give it the request's session, or make it a job"


SYSTEM_ERRAND = Errand()
NOBODY = Nobody()


class _Present(threading.local):
    def __init__(self) -> None:
        self.errands: list[Errand] = []


_present = _Present()


def take_up(errand: Errand) -> None:
    """Begin an errand on this thread; units opened from now on belong to it."""
    _present.errands.append(errand)


def lay_down(errand: Errand) -> None:
    """End an errand on this thread; ending one that was not begun here does nothing."""
    if errand in _present.errands:
        _present.errands.remove(errand)


@contextmanager
def on_errand(errand: Errand) -> Iterator[None]:
    """Run the block on an errand."""
    take_up(errand)
    try:
        yield
    finally:
        lay_down(errand)


def present_errand(*, serving: bool) -> Errand:
    """Return the errand of this thread.

    Without one it is the system's; in a process that serves people a thread apart from the main one that nobody
    answers for is refused instead: it may have been started by a request, whose reader it would hide.
    """
    if _present.errands:
        return _present.errands[-1]
    if serving and threading.current_thread() is not threading.main_thread():
        return NOBODY
    return SYSTEM_ERRAND


__all__ = [
    "MAINTENANCE",
    "NOBODY",
    "SYSTEM_ERRAND",
    "Errand",
    "Nobody",
    "lay_down",
    "on_errand",
    "present_errand",
    "take_up",
]
