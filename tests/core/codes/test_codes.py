"""Code tables: trees, dates, translations, rights, and codes in use that are never deleted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import ForeignKey, Integer, select
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column

from egovframe.actor import ANONYMOUS, SYSTEM
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.codes import (
    Code,
    code_of,
    code_table,
    code_tables,
    codes,
    put_code,
    put_code_table,
    register_use,
    remove_code,
    retire_code,
)
from egovframe.core.persistence import METADATA, Database, now
from egovframe.errors import Forbidden, Invalid, NotFound

YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def words(en: str) -> Translated:
    return Translated.of("en", en=en)


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing unit with the table ``surface``: road (asphalt, gravel), path."""
    with database.writing() as session:
        put_code_table(session, SYSTEM, "surface", Translated.of("en", en="Surface", ko="노면"))
        put_code(session, SYSTEM, "surface", "road", words("Road"), position=2)
        put_code(session, SYSTEM, "surface", "path", words("Path"), position=1)
        put_code(session, SYSTEM, "surface", "gravel", words("Gravel"), parent="road", position=2)
        put_code(session, SYSTEM, "surface", "asphalt", words("Asphalt"), parent="road", position=1)
        yield session


def listed(session: Session, at: datetime | None = None) -> list[str]:
    return [code.code for code in codes(session, "surface", at)]


def the(session: Session, code: str) -> Code:
    found = code_of(session, "surface", code)
    assert found is not None
    return found


def test_a_table_reads_as_a_tree_in_its_own_order(session: Session) -> None:
    assert listed(session) == ["path", "road", "asphalt", "gravel"]
    assert [(table.code, table.title.pick("ko").text) for table in code_tables(session)] == [("surface", "노면")]


def test_codes_are_in_force_from_an_instant_until_before_another(session: Session) -> None:
    until = YEAR + timedelta(days=365)
    put_code(session, SYSTEM, "surface", "path", words("Path"), valid_from=YEAR, valid_until=until)
    moments = (YEAR - timedelta(seconds=1), YEAR, until - timedelta(seconds=1), until)
    assert ["path" in listed(session, at) for at in moments] == [False, True, True, False]
    assert "path" in listed(session)


def test_what_lies_below_a_code_not_in_force_is_not_offered(session: Session) -> None:
    retire_code(session, SYSTEM, code_table(session, "surface"), the(session, "road"), YEAR)
    assert listed(session, YEAR) == ["path"]


def test_putting_the_same_again_changes_nothing_and_new_texts_join(session: Session) -> None:
    assert put_code(session, SYSTEM, "surface", "path", words("Path"), position=1)[1] == "unchanged"
    code, outcome = put_code(session, SYSTEM, "surface", "path", Translated.of("ko", ko="보도"), position=1)
    assert (outcome, dict(code.title.text)) == ("updated", {"en": "Path", "ko": "보도"})


def test_every_change_is_audited(database: Database) -> None:
    with database.writing() as session:
        put_code_table(session, SYSTEM, "surface", Translated.of("en", en="Surface"))
        put_code(session, SYSTEM, "surface", "path", words("Path"), position=1)
        put_code(session, SYSTEM, "surface", "path", words("Footpath"), position=1)
    with database.reading() as session:
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
    assert (entry.action, entry.thing) == ("codes:code:put", "code:surface/path")
    assert entry.before is not None
    assert entry.before["title"]["text"] == {"en": "Path"}


def test_a_circle_an_unknown_parent_and_a_wrong_order_are_refused(session: Session) -> None:
    for parent in ("gravel", "road", "nowhere"):
        with pytest.raises(Invalid):
            put_code(session, SYSTEM, "surface", "road", words("Road"), parent=parent)
    with pytest.raises(Invalid):
        put_code(session, SYSTEM, "surface", "path", words("Path"), valid_from=YEAR, valid_until=YEAR)
    with pytest.raises(NotFound):
        put_code(session, SYSTEM, "nothing", "path", words("Path"))


def test_an_unused_code_is_deleted_and_one_with_others_below_is_retired(session: Session) -> None:
    table = code_table(session, "surface")
    assert remove_code(session, SYSTEM, table, the(session, "path")) == "deleted"
    assert code_of(session, "surface", "path") is None
    assert remove_code(session, SYSTEM, table, the(session, "road")) == "retired"
    assert listed(session, now(session)) == []
    assert listed(session) == ["road", "asphalt", "gravel"]


def test_a_code_that_somebody_names_is_retired(session: Session) -> None:
    register_use("surface", _names_gravel)
    table = code_table(session, "surface")
    assert remove_code(session, SYSTEM, table, the(session, "gravel")) == "retired"
    assert remove_code(session, SYSTEM, table, the(session, "asphalt")) == "deleted"
    assert not the(session, "gravel").holds(now(session))


def _names_gravel(_session: Session, code: Code) -> bool:
    return code.code == "gravel"


class Base(DeclarativeBase):
    metadata = METADATA


@pytest.fixture
def street(session: Session) -> Iterator[type[Base]]:
    """A table with a foreign key to a code, of which the room was told nothing."""

    class Street(Base):
        __tablename__ = "test_codes_street"
        id: Mapped[int] = mapped_column(Integer, primary_key=True)
        surface_id: Mapped[int] = mapped_column(ForeignKey(Code.id))

    table = METADATA.tables[Street.__tablename__]
    table.create(session.connection())
    yield Street
    METADATA.remove(table)
    Base.registry.dispose()


def test_a_foreign_key_counts_as_use(session: Session, street: type[Base]) -> None:
    session.add(street(id=1, surface_id=the(session, "path").id))
    session.flush()
    assert remove_code(session, SYSTEM, code_table(session, "surface"), the(session, "path")) == "retired"
    assert listed(session)[0] == "path"


def test_a_code_that_is_still_to_come_never_begins_once_retired(session: Session) -> None:
    future = now(session) + timedelta(days=30)
    code, _outcome = put_code(session, SYSTEM, "surface", "path", words("Path"), valid_from=future)
    retire_code(session, SYSTEM, code_table(session, "surface"), code)
    assert not any("path" in listed(session, future + timedelta(days=days)) for days in (-31, 0, 1))


def test_only_those_with_the_right_change_tables(session: Session) -> None:
    table = code_table(session, "surface")
    for attempt in (
        lambda: put_code_table(session, ANONYMOUS, "surface", words("X")),
        lambda: put_code(session, ANONYMOUS, "surface", "path", words("X")),
        lambda: retire_code(session, ANONYMOUS, table, the(session, "path")),
        lambda: remove_code(session, ANONYMOUS, table, the(session, "path")),
    ):
        with pytest.raises(Forbidden):
            attempt()
    assert listed(session) == ["path", "road", "asphalt", "gravel"]
