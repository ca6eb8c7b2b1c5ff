"""The lock that stands before BEGIN IMMEDIATE on SQLite: first among threads, then among processes.

SQLite's own busy handler starves writers under load; a queue in the process (requests before workers, first in first
out) and a blocking ``flock`` between processes make waiting fair (figures in docs/decisions/0002).
"""

from __future__ import annotations

import heapq
import itertools
import os
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from egovframe.core.persistence.faults import DatabaseFault

fcntl: ModuleType | None
try:
    import fcntl
except ModuleNotFoundError:  # Windows has no flock: one process at a time is then up to SQLite's busy timeout.
    fcntl = None

REQUEST, WORKER = 0, 1
"""Priorities: a person's request goes before a background job, unless the job has waited its time."""

WORKER_PATIENCE = 0.5
"""Seconds that a background job lets later requests pass. Without an end to it, a busy hour would stop all jobs."""


_Ticket = tuple[float, int, threading.Lock]
"""When its turn is due, a number that keeps the order of arrival, and the gate at which its thread waits."""


class WriteQueue:
    """A fair lock with priorities for one process, over an optional lock file for all processes.

    Args:
        path: the lock file, opened after fork at first use; None for a database with locks of its own.
        timeout: seconds to wait for the turn before giving up with DatabaseFault.
        patience: seconds that a worker lets later requests pass.
    """

    def __init__(self, path: Path | None, timeout: float = 20.0, patience: float = WORKER_PATIENCE) -> None:
        self._path = path
        self._timeout = timeout
        self._patience = patience
        self._mutex = threading.Lock()
        self._waiting: list[_Ticket] = []
        self._tickets = itertools.count()
        self._busy = False
        self._file: _LockFile | None = None
        _QUEUES.add(self)

    @contextmanager
    def turn(self, priority: int = REQUEST) -> Iterator[None]:
        """Hold the lock for the duration of the block.

        Raises:
            DatabaseFault: the turn did not come in time.
        """
        deadline = time.monotonic() + self._timeout
        self._enter(priority)
        try:
            file = self._lock_file(deadline)
            try:
                yield
            finally:
                if file is not None:
                    file.unlock()
        finally:
            self._leave()

    def _enter(self, priority: int) -> None:
        with self._mutex:
            if not self._busy:
                self._busy = True
                return
            gate = threading.Lock()
            gate.acquire()
            ticket = (time.monotonic() + self._patience * priority, next(self._tickets), gate)
            heapq.heappush(self._waiting, ticket)
        try:
            its_turn = gate.acquire(timeout=self._timeout)
        except BaseException:  # Ctrl-C while waiting: nobody may hand the turn to a thread that has gone
            if not self._withdrawn(ticket):
                self._leave()
            raise
        if not its_turn and self._withdrawn(ticket):
            raise DatabaseFault("the database is busy with another writer")

    def _withdrawn(self, ticket: _Ticket) -> bool:
        """Take a ticket back; False when the turn has come meanwhile."""
        with self._mutex:
            if ticket not in self._waiting:
                return False
            self._waiting.remove(ticket)
            heapq.heapify(self._waiting)
            return True

    def _leave(self) -> None:
        # The turn is handed to the next in the queue, who alone is woken: waking everybody to look costs each writer
        # as much as its own work when eight are waiting.
        with self._mutex:
            if self._waiting:
                heapq.heappop(self._waiting)[2].release()
            else:
                self._busy = False

    def _lock_file(self, deadline: float) -> _LockFile | None:
        if self._path is None or fcntl is None:
            return None
        if self._file is None or not self._file.usable:
            self._file = _LockFile(self._path)
        self._file.lock(deadline)
        return self._file

    def close(self) -> None:
        """Close the lock file; a later turn opens it again."""
        file, self._file = self._file, None
        if file is not None:
            file.close()

    def start_afresh(self) -> None:
        """Forget who waits: a forked child has none of those threads and must not share their lock."""
        self._mutex = threading.Lock()
        self._waiting = []
        self._busy = False
        self._file = None


_QUEUES: weakref.WeakSet[WriteQueue] = weakref.WeakSet()


def _after_fork() -> None:
    for queue in _QUEUES:
        queue.start_afresh()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)


class _LockFile:
    """An open lock file; blocking waits are fair between processes, and end at a deadline.

    ``flock`` knows no timeout and polling would starve (traps.md). So a contended wait happens in a helper thread; one
    that comes too late closes its own file, and with it the lock that nobody wants any more.
    """

    def __init__(self, path: Path) -> None:
        try:
            self._number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise DatabaseFault(f"the database's lock file cannot be opened: {path}") from error
        self.usable = True

    def lock(self, deadline: float) -> None:
        """Take the lock or raise DatabaseFault at the deadline (monotonic seconds)."""
        if _try_lock(self._number):
            return
        waiter = _Waiter(self._number)
        if not waiter.wait(deadline - time.monotonic()):
            self.usable = False
            raise DatabaseFault("the database is busy with another process")

    def close(self) -> None:
        """Close the file unless a late waiter does it."""
        if self.usable:
            self.usable = False
            os.close(self._number)

    def unlock(self) -> None:
        """Give the lock back."""
        assert fcntl is not None
        fcntl.flock(self._number, fcntl.LOCK_UN)


class _Waiter:
    """One blocking wait for a lock file, which can be given up."""

    def __init__(self, number: int) -> None:
        self._number = number
        self._state = threading.Lock()
        self._has_it = threading.Event()
        self._given_up = False
        threading.Thread(target=self._run, daemon=True, name="write-lock").start()

    def wait(self, seconds: float) -> bool:
        """Return whether the lock was taken within the time; afterwards the file closes itself if not."""
        self._has_it.wait(max(0.0, seconds))
        with self._state:
            self._given_up = not self._has_it.is_set()
            return not self._given_up

    def _run(self) -> None:
        assert fcntl is not None
        fcntl.flock(self._number, fcntl.LOCK_EX)
        with self._state:
            if self._given_up:
                os.close(self._number)
            else:
                self._has_it.set()


@contextmanager
def file_lock(path: Path, seconds: float, busy: str) -> Iterator[None]:
    """Hold a lock file among processes for a rare, long work such as an upgrade.

    Raises:
        DatabaseFault: the time is over; its text is ``busy``.
    """
    number = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        deadline = time.monotonic() + seconds
        while fcntl is not None and not _try_lock(number):
            if time.monotonic() > deadline:
                raise DatabaseFault(busy)
            time.sleep(0.05)
        yield
    finally:
        os.close(number)


def _try_lock(number: int) -> bool:
    assert fcntl is not None
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


__all__ = ["REQUEST", "WORKER", "WriteQueue", "file_lock"]
