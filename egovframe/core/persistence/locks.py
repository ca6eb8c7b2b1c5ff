"""The lock that stands before BEGIN IMMEDIATE on SQLite: first among threads, then among processes.

SQLite's own busy handler starves writers under load; a queue in the process (requests before workers, first in first
out) and a blocking ``flock`` between processes make waiting fair (figures in docs/decisions/0002).
"""

from __future__ import annotations

import heapq
import itertools
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from egovframe.errors import Unavailable

fcntl: ModuleType | None
try:
    import fcntl
except ModuleNotFoundError:  # Windows has no flock: one process at a time is then up to SQLite's busy timeout.
    fcntl = None

REQUEST, WORKER = 0, 1
"""Priorities: a person's request goes before a background job."""


class WriteQueue:
    """A fair lock with priorities for one process, over an optional lock file for all processes.

    Args:
        path: the lock file, opened after fork at first use; None for a database with locks of its own.
        timeout: seconds to wait for the turn before giving up with Unavailable.
    """

    def __init__(self, path: Path | None, timeout: float = 20.0) -> None:
        self._path = path
        self._timeout = timeout
        self._condition = threading.Condition()
        self._waiting: list[tuple[int, int]] = []
        self._tickets = itertools.count()
        self._busy = False
        self._file: tuple[int, int] | None = None

    @contextmanager
    def turn(self, priority: int = REQUEST) -> Iterator[None]:
        """Hold the lock for the duration of the block."""
        self._enter(priority)
        try:
            self._lock_file()
            try:
                yield
            finally:
                self._unlock_file()
        finally:
            self._leave()

    def _enter(self, priority: int) -> None:
        with self._condition:
            ticket = (priority, next(self._tickets))
            heapq.heappush(self._waiting, ticket)
            if not self._condition.wait_for(lambda: not self._busy and self._waiting[0] == ticket, self._timeout):
                self._waiting.remove(ticket)
                heapq.heapify(self._waiting)
                self._condition.notify_all()
                raise Unavailable("the database is busy with another writer")
            heapq.heappop(self._waiting)
            self._busy = True

    def _leave(self) -> None:
        with self._condition:
            self._busy = False
            self._condition.notify_all()

    def _lock_file(self) -> None:
        if self._path is None or fcntl is None:
            return
        if self._file is None or self._file[1] != os.getpid():
            self._file = (os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600), os.getpid())
        fcntl.flock(self._file[0], fcntl.LOCK_EX)

    def _unlock_file(self) -> None:
        if self._file is not None and fcntl is not None:
            fcntl.flock(self._file[0], fcntl.LOCK_UN)
