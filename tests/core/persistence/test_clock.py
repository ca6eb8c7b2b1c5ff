"""The clock that is counted on between readings of PostgreSQL's: late at most, and never backwards."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from egovframe.core.persistence.clock import KEPT, SET_BACK, CountedClock

START = datetime(2026, 3, 1, tzinfo=UTC)
ROUNDED = timedelta(microseconds=2)
"""Instants are kept to the microsecond."""


class Server:
    """A server and a process whose clocks go together; what the server says arrives late."""

    def __init__(self) -> None:
        self.elapsed = 100.0
        self.clock = CountedClock(lambda: self.elapsed)

    @property
    def truth(self) -> datetime:
        return START + timedelta(seconds=self.elapsed)

    def tell(self, delay: float, *, behind: timedelta = timedelta()) -> None:
        said = self.truth - behind
        self.elapsed += delay
        self.clock.hear(said, self.elapsed)


def test_it_must_have_been_told_once() -> None:
    with pytest.raises(RuntimeError, match="asked"):
        CountedClock().now()
    assert not CountedClock().is_fresh


@given(st.lists(st.tuples(st.floats(0, 3), st.floats(0, 2)), min_size=1, max_size=20))
def test_it_never_runs_backwards_nor_ahead_whatever_arrives_late(told: list[tuple[float, float]]) -> None:
    server = Server()
    before = None
    for pause, delay in told:
        server.elapsed += pause
        server.tell(delay)
        counted = server.clock.now()
        assert counted <= server.truth + ROUNDED
        assert before is None or counted >= before - ROUNDED
        before = counted


def test_a_reading_that_came_late_does_not_set_it_back() -> None:
    server = Server()
    server.tell(0.001)
    server.tell(0.5)
    assert server.truth - server.clock.now() < timedelta(milliseconds=10)


def test_it_follows_a_server_whose_clock_was_set_back() -> None:
    server = Server()
    server.tell(0)
    server.tell(0, behind=SET_BACK * 2)
    assert server.truth - server.clock.now() == SET_BACK * 2


def test_it_is_fresh_for_a_second() -> None:
    server = Server()
    server.tell(0)
    server.elapsed += KEPT
    assert server.clock.is_fresh
    server.elapsed += 0.01
    assert not server.clock.is_fresh
