"""How often one may try: strict counts in the database, before anything is looked up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import request
from sqlalchemy import update

from egovframe.core.web.limits import limit, window
from egovframe.core.web.models import RateCount
from egovframe.core.web.runtime import runtime

LIMITS = {
    "sign-in-account": (10, timedelta(minutes=15)),
    "sign-in-address": (25, timedelta(minutes=5)),
    "register": (20, timedelta(hours=1)),
    "recover": (20, timedelta(hours=1)),
    "recover-account": (5, timedelta(hours=1)),
    "link": (60, timedelta(hours=1)),
}
"""Attempts and window by name. An account is never locked for longer than its window."""


class Attempts:
    """Counts what one request tries; a success takes its own count back, so that only failures add up.

    A whole classroom behind one address may sign in, while guessing meets the limit.
    """

    def __init__(self) -> None:
        self._counted: list[str] = []

    def __call__(self, name: str, subject: str) -> None:
        """Count one attempt; raise TooManyRequests for the one that is too many."""
        allowed, per = LIMITS[name]
        database = runtime().database
        bucket, _end = window(database, subject, name, per, datetime.now(UTC) + database.clock_offset)
        limit(subject, name, allowed, per)
        self._counted.append(bucket)

    def succeeded(self) -> None:
        """Take back what was counted for this request."""
        with runtime().database.writing() as session:
            session.execute(
                update(RateCount)
                .where(RateCount.bucket.in_(sorted(self._counted)), RateCount.hits > 0)
                .values(hits=RateCount.hits - 1)
            )


def address() -> str:
    """Return the caller's network address."""
    return request.remote_addr or "unknown"
