"""Rate limits that hold across processes: one upsert in a short unit of its own, and a local memory of refusals.

For sign-in, recovery, filing and voting. A limit that cannot be counted is no limit: when the database does not answer,
the call is refused (503).
"""

from __future__ import annotations

import functools
import math
import secrets
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import current_app, has_app_context, request
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from egovframe.core.i18n import LazyText, lazy_ngettext
from egovframe.core.persistence import Database, Keyring, dialect_of, insert_on, kept, now, quick_rows, unit_of
from egovframe.core.web.context import actor
from egovframe.core.web.models import RateCount
from egovframe.core.web.runtime import runtime
from egovframe.errors import TooManyRequests

View = TypeVar("View", bound=Callable[..., Any])
EXTENSION = "egovframe.refusals"
MAX_REMEMBERED = 10_000
SWEEP_ONE_IN = 200
BELIEVED = timedelta(seconds=2)
"""How long a process refuses without asking the database again: another process may have forgiven meanwhile."""
HOURS_FROM = 120
"""From so many minutes on people are told hours."""


class Refusals:
    """Buckets that are full, believed for a moment: spares the database while somebody hammers at the door."""

    def __init__(self) -> None:
        self._full: dict[str, tuple[datetime, datetime]] = {}
        self._lock = threading.Lock()

    def until(self, bucket: str, at: datetime) -> datetime | None:
        """Return when the bucket opens again, or None when it is not known to be full."""
        until, believed = self._full.get(bucket, (at, at))
        return until if believed > at else None

    def add(self, bucket: str, until: datetime, at: datetime) -> None:
        """Remember a full bucket; forget those that are no longer believed when there are many."""
        with self._lock:
            if len(self._full) >= MAX_REMEMBERED:
                self._full = {name: ends for name, ends in self._full.items() if ends[1] > at}
            if len(self._full) < MAX_REMEMBERED:
                self._full[bucket] = until, min(until, at + BELIEVED)

    def drop(self, start: str) -> None:
        """Believe no longer that buckets with this beginning are full."""
        with self._lock:
            self._full = {name: ends for name, ends in self._full.items() if not name.startswith(start)}


def caller() -> str:
    """Return whom to count: the account where somebody is signed in, else the network address."""
    known = actor()
    return known.label if known.is_signed_in else f"address:{request.remote_addr}"


def limit(key: str, name: str, n: int, per: timedelta, *, within: str = "") -> str:
    """Count one attempt and refuse the one that is too many. Call it before a writing unit opens.

    Args:
        key: whom to count, such as ``caller()`` or an e-mail address; stored as a keyed digest.
        name: what is limited, such as ``sign-in``.
        n: attempts allowed in one window.
        per: length of the window.
        within: counts apart for each, such as a network address; ``forget`` forgets all of a key.

    Returns:
        The bucket that was counted in, for ``forgive``.

    Raises:
        TooManyRequests: with Retry-After, until the window ends.
    """
    database = runtime().database
    refusals: Refusals = current_app.extensions.setdefault(EXTENSION, Refusals())
    subject = f"{name}:{key}:{within}"
    until = refusals.until(subject, datetime.now(UTC))
    if until is not None:
        raise _too_many(until - datetime.now(UTC))
    bucket, hits, left = count(database, key, name, per, within)
    if hits > n:
        refusals.add(subject, datetime.now(UTC) + left, datetime.now(UTC))
        raise _too_many(left)
    return bucket


def forgive(*buckets: str) -> None:
    """Take one attempt back from each bucket, for callers that count failures only."""
    with runtime().database.writing() as session:
        spent = RateCount.bucket.in_(sorted(buckets))
        session.execute(update(RateCount).where(spent, RateCount.hits > 0).values(hits=RateCount.hits - 1))


def forget(session: Session, name: str, key: str) -> None:
    """Forget every attempt that was counted for a key, within whatever; other processes follow in a moment."""
    counted = f"{name}:{_digest(unit_of(session).database.keyring, name, key)}:"
    session.execute(delete(RateCount).where(RateCount.bucket.startswith(counted, autoescape=True)))
    if has_app_context():
        current_app.extensions.setdefault(EXTENSION, Refusals()).drop(f"{name}:{key}:")


def _too_many(left: timedelta) -> TooManyRequests:
    seconds = max(1, math.ceil(left.total_seconds()))
    return TooManyRequests(_in_words(math.ceil(seconds / 60)), retry_after=seconds)


def _in_words(minutes: int) -> LazyText:
    if minutes >= HOURS_FROM:
        return lazy_ngettext(
            "Too many attempts. You can try again in %(num)d hour.",
            "Too many attempts. You can try again in %(num)d hours.",
            math.ceil(minutes / 60),
        )
    return lazy_ngettext(
        "Too many attempts. You can try again in %(num)d minute.",
        "Too many attempts. You can try again in %(num)d minutes.",
        minutes,
    )


def _digest(keyring: Keyring, name: str, key: str) -> str:
    return keyring.blind_index(f"rate:{name}", key)[:32]


def window(
    database: Database, key: str, name: str, per: timedelta, at: datetime, within: str = ""
) -> tuple[str, datetime]:
    """Return the bucket's name and the end of its window; each key's windows begin at a moment of their own."""
    digest = _digest(database.keyring, name, key)
    seconds = per.total_seconds()
    shift = int(digest[:8], 16) % max(1, int(seconds))
    number = int((at.timestamp() + shift) // seconds)
    part = f":{_digest(database.keyring, name, within)[:16]}" if within else ""
    return f"{name}:{digest}{part}:{number}", datetime.fromtimestamp((number + 1) * seconds - shift, UTC)


def count(database: Database, key: str, name: str, per: timedelta, within: str = "") -> tuple[str, int, timedelta]:
    """Add one in a unit of its own, by the database's clock; return the bucket, its sum, and what is left of it."""
    with database.writing() as session:
        at = now(session)
        if secrets.randbelow(SWEEP_ONE_IN) == 0:
            sweep(session)
        bucket, end = window(database, key, name, per, at, within)
        values = {"bucket": bucket, "hits": 1, "expires_at": end}
        hits: int = quick_rows(session, _upsert(dialect_of(session)), values)[0].hits
    return bucket, hits, end - at


@kept
def _upsert(dialect: str) -> ReturningInsert[int]:
    return (
        insert_on(dialect, RateCount)
        .on_conflict_do_update(index_elements=[RateCount.bucket], set_={"hits": RateCount.hits + 1})
        .returning(RateCount.hits)
    )


def sweep(session: Session) -> int:
    """Delete counts whose window has ended; return how many."""
    return int(session.execute(delete(RateCount).where(RateCount.expires_at <= now(session))).rowcount)  # type: ignore[attr-defined]


def limited(name: str, n: int, per: timedelta) -> Callable[[View], View]:
    """Limit a view per caller; only its unsafe methods are counted."""

    def decorate(view: View) -> View:
        @functools.wraps(view)
        def counted(*args: Any, **kwargs: Any) -> Any:
            if request.method not in {"GET", "HEAD", "OPTIONS"}:
                limit(caller(), name, n, per)
            return view(*args, **kwargs)

        return counted  # type: ignore[return-value]

    return decorate
