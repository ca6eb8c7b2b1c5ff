"""One shared MetaData, one declarative base per plugin, and the columns that every table repeats."""

from __future__ import annotations

import secrets
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

TYPES: dict[Any, Any] = {datetime: UTCDateTime(), str: String(255)}
"""The ``type_annotation_map`` of every base: instants are UTC, strings are bounded."""

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_public_id(length: int = 16) -> str:
    """Return a random identifier for addresses: lower-case Crockford base 32, 5 bits a character (80 by default)."""
    return "".join(secrets.choice(ALPHABET) for _ in range(length))


def new_ordered_id() -> str:
    """Return a random id of 26 letters that sorts by the millisecond it was made in (the layout of a ULID).

    Good for keys of rows written in bulk; never for ballots or anything whose order must stay unknown.
    """
    number = (time.time_ns() // 1_000_000) << 80 | secrets.randbits(80)
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
