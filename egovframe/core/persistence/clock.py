"""PostgreSQL's clock, counted on by this process from what it last heard."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

KEPT = 1.0
"""Seconds for which reading units count on without asking."""

SLOWER = 0.001
"""Seconds that the count loses in each: more than any two clocks drift apart, so that it never runs ahead for long."""

SET_BACK = timedelta(seconds=5)
"""A reading that lies so far behind the count means that the server's clock was set back."""


class CountedClock:
    """Never runs backwards and is never ahead of the server by more than its clock drifts.

    What the server said arrives late, never early: a thread may have waited for its turn meanwhile. So of two readings
    the later count is nearer to the truth, and the other is left aside; or an instant that one unit stored would lie in
    the future of the next.
    """

    def __init__(self, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._heard: tuple[datetime, float] | None = None
        self._heard_last = 0.0

    @property
    def is_fresh(self) -> bool:
        """Whether the server was heard within the last second."""
        return self._heard is not None and self._monotonic() - self._heard_last <= KEPT

    def hear(self, at: datetime, then: float) -> None:
        """Take a reading of the server's clock.

        Args:
            at: what it said.
            then: ``time.monotonic()`` when that arrived.
        """
        with self._lock:
            counted = None if self._heard is None else _counted(self._heard, then)
            if counted is None or at > counted or counted - at > SET_BACK:
                self._heard = at, then
            self._heard_last = max(self._heard_last, then)

    def now(self) -> datetime:
        """Return the server's present instant, as it was heard first.

        Raises:
            RuntimeError: the server was never heard.
        """
        if self._heard is None:
            raise RuntimeError("nobody has asked the database for the time yet")
        return _counted(self._heard, self._monotonic())


def _counted(heard: tuple[datetime, float], then: float) -> datetime:
    at, since = heard
    return at + timedelta(seconds=(then - since) * (1 - SLOWER))
