"""A clock that tests can set: Python's and the databases' move together."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import time_machine

from egovframe.core.persistence import Database


class Clock:
    """Moves the time of this process and of the databases that were given to it; it goes on ticking.

    time-machine moves Python's clock, and with it SQLite's (a function of Python). PostgreSQL has a clock of its own,
    which gets the same shift as an offset.
    """

    def __init__(self) -> None:
        self._databases: list[Database] = []
        self._shift = timedelta()
        self._travel: time_machine.travel | None = None

    @property
    def now(self) -> datetime:
        """The present instant as tests see it, in UTC."""
        return datetime.now(UTC)

    def govern(self, database: Database) -> None:
        """Move this database too from now on."""
        self._databases.append(database)
        self._set(self._shift)

    def move(self, shift: timedelta) -> datetime:
        """Go forward (or back, when negative) and return the new instant."""
        self._set(self._shift + shift)
        return self.now

    def travel_to(self, instant: datetime) -> datetime:
        """Go to an aware instant and return it."""
        if instant.tzinfo is None:
            raise ValueError("an instant needs a time zone")
        return self.move(instant - self.now)

    def reset(self) -> None:
        """Return to the real time."""
        self._set(timedelta())
        self._databases.clear()

    def _set(self, shift: timedelta) -> None:
        if self._travel is not None:
            self._travel.stop()
            self._travel = None
        self._shift = shift
        if shift:
            self._travel = time_machine.travel(datetime.now(UTC) + shift, tick=True)
            self._travel.start()
        for database in self._databases:
            database.clock_offset = shift if database.dialect == "postgresql" else timedelta()


__all__ = ["Clock"]
