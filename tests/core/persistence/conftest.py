"""Tables for tests of the persistence room; they stay out of the shared MetaData."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

import pytest
from sqlalchemy import BigInteger, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from egovframe.core.persistence import TYPES, BoundedJSON, Database, EncryptedText, Keyed, Money


class ScratchBase(DeclarativeBase):
    """A registry and a MetaData of its own."""

    metadata = MetaData()
    type_annotation_map: ClassVar[dict[Any, Any]] = TYPES


class Note(Keyed, ScratchBase):
    """A row of every column type."""

    __tablename__ = "scratch_note"
    at: Mapped[datetime] = mapped_column(index=True)
    facts: Mapped[Any] = mapped_column(BoundedJSON(2000), nullable=True)
    fee: Mapped[Decimal] = mapped_column(Money(2), nullable=True)
    secret: Mapped[str] = mapped_column(EncryptedText, nullable=True)
    count: Mapped[int] = mapped_column(BigInteger, default=0)


@pytest.fixture
def notes(database: Database) -> Iterator[type[Note]]:
    """The scratch table, made in the test's database."""
    ScratchBase.metadata.create_all(database.engine)
    return Note
