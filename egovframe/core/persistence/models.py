"""One shared MetaData, one declarative base per plugin, and the columns that every table repeats."""

from __future__ import annotations

import secrets
import threading
import time
from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import BigInteger, Integer, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from egovframe.core.persistence.types import UTCDateTime

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
METADATA = MetaData(naming_convention=NAMING)
"""Shared by the core and every plugin, so that foreign keys may cross; each base keeps a registry of its own."""

BigId = BigInteger().with_variant(Integer(), "sqlite")
"""Primary keys: bigint on PostgreSQL, the rowid alias on SQLite."""

VIEW_ON = "view_on"
"""Under this name in a table's ``info``: the databases (``sqlite``, ``postgresql``) where it is a view of others."""

TYPES: dict[Any, Any] = {datetime: UTCDateTime(), str: String(255)}
"""The ``type_annotation_map`` of every base: instants are UTC, strings are bounded."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_public_id(length: int = 16) -> str:
    """Return a random identifier for addresses: lower-case Crockford base 32, 5 bits a character (80 by default)."""
    drawn = secrets.randbits(5 * length)
    return "".join(ALPHABET[drawn >> shift & 31] for shift in range(0, 5 * length, 5))


class _Ordered:
    """Makes ids of one process: each is greater than the one before, also within a millisecond (ULID, monotonic)."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._last = 0

    def next(self) -> int:
        """Return 48 bits of milliseconds and 80 bits that are random, or one more than the last id's."""
        fresh = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
        with self._lock:
            # A step of random size, so that ids of one millisecond cannot be guessed from each other.
            same = fresh >> 80 <= self._last >> 80
            self._last = self._last + 1 + secrets.randbits(40) if same else fresh
            return self._last


_ordered = _Ordered()


def new_ordered_id() -> str:
    """Return a random id of 26 letters that sorts by the time it was made (a monotonic ULID).

    Within one process every id is greater than those before it; between processes order holds by the millisecond.
    Good for keys of rows written in bulk; never for ballots or anything whose order must stay unknown.
    """
    number = _ordered.next()
    return "".join(ALPHABET[number >> shift & 31] for shift in range(125, -1, -5))


class CoreBase(DeclarativeBase):
    """Base of the core's own tables, all prefixed ``core_``."""

    metadata = METADATA
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Keyed:
    """A bigint primary key that nobody sees, and a random public id."""

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    public_id: Mapped[str] = mapped_column(String(32), default=new_public_id, unique=True)


class Stamped:
    """The instant of creation, given by the caller from ``unit.now()``."""

    created_at: Mapped[datetime] = mapped_column(UTCDateTime())


__all__ = ["METADATA", "NAMING", "TYPES", "BigId", "CoreBase", "Keyed", "Stamped", "new_ordered_id", "new_public_id"]
