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

from flask import current_app, request
from sqlalchemy import delete, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import Database, dialect_of, insert_on, kept, now, quick_rows
from egovframe.core.web.context import actor
from egovframe.core.web.models import RateCount
from egovframe.core.web.runtime import runtime
from egovframe.errors import TooManyRequests

View = TypeVar("View", bound=Callable[..., Any])
EXTENSION = "egovframe.refusals"
MAX_REMEMBERED = 10_000
SWEEP_ONE_IN = 200


class Refusals:
    """Buckets that are full, until they end: spares the database while somebody hammers at the door."""

    def __init__(self) -> None:
        self._until: dict[str, datetime] = {}
        self._lock = threading.Lock()

    def until(self, bucket: str, at: datetime) -> datetime | None:
        """Return when the bucket opens again, or None when it is not known to be full."""
        found = self._until.get(bucket)
        return found if found is not None and found > at else None

    def add(self, bucket: str, until: datetime, at: datetime) -> None:
        """Remember a full bucket; forget those that have ended when there are many."""
        with self._lock:
            if len(self._until) >= MAX_REMEMBERED:
                self._until = {name: end for name, end in self._until.items() if end > at}
            if len(self._until) < MAX_REMEMBERED:
                self._until[bucket] = until


def caller() -> str:
    """Return whom to count: the account where somebody is signed in, else the network address."""
    known = actor()
    return known.label if known.is_signed_in else f"address:{request.remote_addr}"


def limit(key: str, name: str, n: int, per: timedelta) -> str:
    """Count one attempt and refuse the one that is too many. Call it before a writing unit opens.

    Args:
        key: whom to count, such as ``caller()`` or an e-mail address; stored as a keyed digest.
        name: what is limited, such as ``sign-in``.
        n: attempts allowed in one window.
        per: length of the window.

    Returns:
        The bucket that was counted in, for ``forgive``.

    Raises:
        TooManyRequests: with Retry-After, until the window ends.
    """
    database = runtime().database
    refusals: Refusals = current_app.extensions.setdefault(EXTENSION, Refusals())
    subject = f"{name}:{key}"
    until = refusals.until(subject, datetime.now(UTC))
    if until is not None:
        raise _too_many(until - datetime.now(UTC))
    bucket, hits, left = count(database, key, name, per)
    if hits > n:
        refusals.add(subject, datetime.now(UTC) + left, datetime.now(UTC))
        raise _too_many(left)
    return bucket


def forgive(*buckets: str) -> None:
    """Take one attempt back from each bucket, for callers that count failures only."""
    with runtime().database.writing() as session:
        spent = RateCount.bucket.in_(sorted(buckets))
        session.execute(update(RateCount).where(spent, RateCount.hits > 0).values(hits=RateCount.hits - 1))


def _too_many(left: timedelta) -> TooManyRequests:
    detail = _("Too many attempts. Please wait and try again.")
    return TooManyRequests(detail, retry_after=max(1, math.ceil(left.total_seconds())))


def window(database: Database, key: str, name: str, per: timedelta, at: datetime) -> tuple[str, datetime]:
    """Return the bucket's name and the end of its window; each key's windows begin at a moment of their own."""
    digest = database.keyring.blind_index(f"rate:{name}", key)[:32]
    seconds = per.total_seconds()
    shift = int(digest[:8], 16) % max(1, int(seconds))
    number = int((at.timestamp() + shift) // seconds)
    return f"{name}:{digest}:{number}", datetime.fromtimestamp((number + 1) * seconds - shift, UTC)


def count(database: Database, key: str, name: str, per: timedelta) -> tuple[str, int, timedelta]:
    """Add one in a unit of its own, by the database's clock; return the bucket, its sum, and what is left of it."""
    with database.writing() as session:
        at = now(session)
        if secrets.randbelow(SWEEP_ONE_IN) == 0:
            sweep(session)
        bucket, end = window(database, key, name, per, at)
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
