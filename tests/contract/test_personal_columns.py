"""Whatever a plugin declares as personal is recorded when it is read, by its declaration alone."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import ForeignKey, MetaData, String
from sqlalchemy.orm import DeclarativeBase, Mapped, configure_mappers, mapped_column, relationship

import egovframe
from egovframe.core.modules.privacy import personal, personal_columns
from egovframe.core.modules.privacy.gate import gate_off
from egovframe.core.persistence import METADATA, Database
from egovframe.testing.looks import raw_doors, unrecorded
from egovframe.testing.schema import import_models

ROOT = Path(egovframe.__file__).parents[1]
import_models()
configure_mappers()


class Base(DeclarativeBase):
    metadata = MetaData()


class Pet(Base):
    """The table of a plugin that was written this morning."""

    __tablename__ = "registry_pet"

    id: Mapped[int] = mapped_column(primary_key=True)
    species: Mapped[str] = mapped_column(String(20))
    owner_id: Mapped[int | None]
    owner_phone: Mapped[str | None] = personal(
        String(40), purpose="contact", retention="registry", subject="owner_id", nullable=True
    )
    tags: Mapped[list[Tag]] = relationship(back_populates="pet")


class Tag(Base):
    __tablename__ = "registry_tag"

    id: Mapped[int] = mapped_column(primary_key=True)
    pet_id: Mapped[int | None] = mapped_column(ForeignKey(Pet.id))
    pet: Mapped[Pet] = relationship(back_populates="tags")


def models() -> Iterator[Any]:
    """Every mapped model of the core and of bundled plugins with personal columns that are not openly declared."""
    tables = {name.partition(".")[0] for name, declared in personal_columns().items() if not declared.openly}
    seen = {}
    for base in [one for one in _bases() if one.metadata is METADATA]:
        for mapper in base.registry.mappers:
            if mapper.local_table.name in tables:  # type: ignore[union-attr]
                seen[mapper.class_.__name__] = mapper.class_
    yield from (seen[name] for name in sorted(seen))


def _bases() -> list[Any]:
    found: list[Any] = [*DeclarativeBase.__subclasses__()]
    return [*found, *(below for base in found for below in base.__subclasses__() if "metadata" in vars(below))]


@pytest.mark.parametrize("model", list(models()), ids=lambda model: model.__name__)
def test_every_personal_column_of_ours_is_recorded_or_refused(database: Database, model: Any) -> None:
    assert unrecorded(database, model) == []


def test_all_models_with_personal_columns_were_found() -> None:
    tables = {name.partition(".")[0] for name, declared in personal_columns().items() if not declared.openly}
    assert {model.__tablename__ for model in models()} == tables


def test_a_column_planted_in_a_new_plugin_is_recorded_or_refused(database: Database) -> None:
    with database.writing() as session:
        Base.metadata.create_all(session.connection())
        session.add(Tag(id=1, pet=Pet(id=7, species="cat", owner_id=5, owner_phone="02-120")))
    assert unrecorded(database, Pet) == []


def test_the_kit_finds_a_column_that_nobody_watches(database: Database) -> None:
    with database.writing() as session:
        Base.metadata.create_all(session.connection())
    with gate_off():
        problems = unrecorded(database, Pet)
    assert "Pet.owner_phone: read as entity without a record" in problems
    assert "Pet.owner_phone: read by raw text and not refused" in problems


SOURCES = [*(ROOT / "egovframe").rglob("*.py"), *(ROOT / "plugins").rglob("*.py")]
DRIVER_ROOMS = (
    *("egovframe/core/persistence/", "egovframe/testing/", "egovframe/cli/doctor.py"),
    "egovframe/core/modules/audit/writing.py",
)
"""Where the driver itself is at home: it sets connections up, reads the clock, checks the schema, and inserts entries
of the audit, for which every change pays."""


def test_nobody_else_takes_the_driver_into_his_own_hands() -> None:
    found = {
        str(path.relative_to(ROOT)): doors
        for path in SOURCES
        if not str(path.relative_to(ROOT)).startswith(DRIVER_ROOMS)
        and (doors := raw_doors(ast.parse(path.read_text(encoding="utf-8"))))
    }
    assert found == {}


@pytest.mark.parametrize(
    "code",
    [
        "session.connection().exec_driver_sql('SELECT 1')",
        "engine.raw_connection()",
        "connection.connection.cursor()",
        "import sqlite3",
        "from psycopg import connect",
        "from egovframe.core.persistence import insert_plainly",
        "persistence.insert_plainly(session, spelt, rows)",
    ],
)
def test_a_raw_door_is_seen(code: str) -> None:
    assert raw_doors(ast.parse(code))
