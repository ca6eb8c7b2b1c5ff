"""Wakes the workers of this process when a unit with new jobs has committed; other processes poll."""

from __future__ import annotations

import threading


class Bell:
    """A counter that threads wait on; a ring between two waits is never missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung = 0

    @property
    def rung(self) -> int:
        """How often it has been rung: read before looking for work, then given to ``wait``."""
        return self._rung

    def ring(self) -> None:
        """Wake everybody who waits."""
        with self._condition:
            self._rung += 1
            self._condition.notify_all()

    def wait(self, seen: int, seconds: float) -> None:
        """Return when it has been rung since ``seen``, or after the seconds."""
        with self._condition:
            self._condition.wait_for(lambda: self._rung != seen, seconds)
