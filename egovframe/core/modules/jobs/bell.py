"""Wakes the workers of this process when a unit with new jobs has committed; other processes poll."""

from __future__ import annotations

import threading
from collections import Counter


class Bell:
    """A counter for each queue that threads wait on; a ring between two waits is never missed."""

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._rung: Counter[str] = Counter()

    def rung(self, queue: str) -> int:
        """Return how often it has been rung for the queue: read before looking for work, then given to ``wait``."""
        return self._rung[queue]

    def ring(self, *queues: str) -> None:
        """Wake whoever waits for one of the queues."""
        with self._condition:
            self._rung.update(queues)
            self._condition.notify_all()

    def wait(self, queue: str, seen: int, seconds: float) -> bool:
        """Return True as soon as it has been rung for the queue since ``seen``, False after the seconds."""
        with self._condition:
            return self._condition.wait_for(lambda: self._rung[queue] != seen, seconds)
