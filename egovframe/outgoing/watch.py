"""The clock of one exchange: at its end the connection is cut, whatever is being waited for.

A limit for each read is no limit: a server that sends one byte a second keeps every read happy for years.
"""

from __future__ import annotations

import socket
import threading
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from egovframe.errors import OutgoingTooSlow

SHORTEST = 0.05


class Watch:
    """Counts down from the given seconds and cuts the connections that it was shown.

    Args:
        seconds: what the whole exchange may take.
    """

    def __init__(self, seconds: float) -> None:
        self._ends = time.monotonic() + seconds
        self._over = False
        self._lock = threading.Lock()
        self._sockets: list[socket.socket] = []
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        with self._lock:
            for each in self._sockets:
                each.close()
            self._sockets.clear()

    @property
    def is_over(self) -> bool:
        """Whether the time is up."""
        return self._over or time.monotonic() >= self._ends

    def left(self) -> float:
        """Return the seconds that are left.

        Raises:
            OutgoingTooSlow: none are.
        """
        if self.is_over:
            raise OutgoingTooSlow
        return max(SHORTEST, self._ends - time.monotonic())

    def over(self, connection: socket.socket) -> None:
        """Watch over a connection. The copy reaches it also when TLS has taken the socket object over."""
        with self._lock:
            self._sockets.append(connection.dup())

    def _cut(self) -> None:
        with self._lock:
            self._over = True
            for each in self._sockets:
                with suppress(OSError):  # the other side may have gone first
                    each.shutdown(socket.SHUT_RDWR)
