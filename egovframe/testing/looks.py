"""Every personal column is looked at in several ways, and every look must be found again: for tests of any plugin.

``unrecorded(database, Model)`` plants a row of the model and reads each personal column as a row, as a part of one, as
a single column, through a core statement and through a relationship; then in ways that must be refused.
"""

from __future__ import annotations

import ast
import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import (
    JSON,
    Boolean,
    CheckConstraint,
    Date,
    DateTime,
    Integer,
    Numeric,
    Table,
    event,
    func,
    insert,
    inspect,
    select,
    text,
    union,
    update,
)
from sqlalchemy import column as bare
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session, aliased, joinedload, load_only, undefer

from egovframe.actor import Actor
from egovframe.core.i18n import Translated, TranslatedText
from egovframe.core.modules.privacy import Look, Looking, LookSubject, PersonalDataRefused, personal_of, write_down
from egovframe.core.persistence import Database, UTCDateTime, on_errand

Way = Callable[[Session, InstrumentedAttribute[Any]], Any]
READER = Actor(kind="account", account_id=2**40, public_id="contractreader")
DOORS = frozenset(
    {"exec_driver_sql", "raw_connection", "cursor", "driver_connection", "dbapi_connection", "insert_plainly"}
)
DRIVERS = frozenset({"sqlite3", "psycopg", "psycopg_pool"})
FOUND: dict[str, Way] = {
    "entity": lambda s, c: s.scalars(select(c.class_).options(undefer(c))).all(),
    "attribute": lambda s, c: [getattr(row, c.key) for row in s.scalars(select(c.class_))],
    "partial": lambda s, c: s.scalars(select(c.class_).options(load_only(c))).all(),
    "column": lambda s, c: s.scalars(select(c)).all(),
    "alias": lambda s, c: s.scalars(select(getattr(aliased(c.class_), c.key))).all(),
    "core": lambda s, c: s.execute(select(_core(c))).all(),
    "function": lambda s, c: s.scalars(select(func.coalesce(c, c))).all(),
}
REFUSED: dict[str, Way] = {
    "raw text": lambda s, c: s.execute(text(f"SELECT {_core(c).name} FROM {_core(c).table.name}")).all(),
    "past the session": lambda s, c: s.connection().execute(select(_core(c))).all(),
    "distinct": lambda s, c: s.scalars(select(c).distinct()).all(),
    "union": lambda s, c: s.execute(union(select(c), select(c))).all(),
    "scalar subquery": lambda s, c: s.scalars(select(select(c).limit(1).scalar_subquery())).all(),
    "aggregate": lambda s, c: s.scalars(select(func.max(c))).all(),
    "bare column": lambda s, c: s.scalars(_named(c)).all(),
    "bare column past the session": lambda s, c: s.connection().execute(_named(c)).all(),
    "bare column in a function": lambda s, c: s.scalars(_named(c, func.lower)).all(),
    "bare column in a subquery": lambda s, c: s.scalars(select(_named(c).subquery().c[0])).all(),
    "bare column given back": lambda s, c: s.execute(
        update(_core(c).table).values({_core(c).name: None}).returning(bare(_core(c).name))
    ).all(),
    "text to sort by": lambda s, c: s.scalars(select(_key(c)).order_by(_core(c).name)).all(),
    "text behind the statement": lambda s, c: s.scalars(select(_key(c)).suffix_with(f"ORDER BY {_core(c).name}")).all(),
    "returning": lambda s, c: s.execute(update(_core(c).table).values({_core(c).name: None}).returning(_core(c))).all(),
}


def unrecorded(database: Database, model: type[DeclarativeBase]) -> list[str]:
    """Return every way in which a personal column of the model was read without a record, in plain words.

    Leaves a row of the model and records of looks in the database: use one that is thrown away.
    """
    table: Any = model.__table__
    gated = [column for column in table.columns if (found := personal_of(column)) is not None and not found.openly]
    if not gated:
        return []
    plant(database, table)
    mapper = inspect(model)
    problems = []
    for one in gated:
        attribute: InstrumentedAttribute[Any] = getattr(model, mapper.get_property_by_column(one).key)
        problems += [*_not_found(database, attribute), *_not_refused(database, attribute)]
    return problems


def plant(database: Database, table: Table) -> None:
    """Insert a row with a value in every column; what its keys point to need not be there."""
    numbers = itertools.count(1)
    values = {column.name: _value(column, next(numbers)) for column in table.columns if not _left_out(column)}
    with _unchecked(database), database.writing() as session:
        if database.dialect == "postgresql":
            session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(insert(table).values(values))


@contextmanager
def _unchecked(database: Database) -> Iterator[None]:
    """Let SQLite take rows that point nowhere; its connections are made anew before and after."""

    def loosen(connection: Any, _record: Any) -> None:
        connection.execute("PRAGMA foreign_keys=OFF")
        connection.execute("PRAGMA ignore_check_constraints=ON")

    if database.dialect != "sqlite":
        yield
        return
    database.engine.dispose()
    event.listen(database.engine, "connect", loosen)
    try:
        yield
    finally:
        event.remove(database.engine, "connect", loosen)
        database.engine.dispose()


def _left_out(column: Any) -> bool:
    return bool(column.default is not None or (column.nullable and personal_of(column) is None))


def _value(column: Any, number: int) -> Any:
    """Return a value that fits the column; instants grow from column to column."""
    if isinstance(column.type, UTCDateTime | DateTime):
        return datetime(2020, 1, 1, tzinfo=UTC) + timedelta(days=number)
    if isinstance(column.type, TranslatedText):
        return Translated.of("en", en=f"v{number}")
    if allowed := _allowed(column):
        return allowed
    for kind, made in ((Boolean, False), (Integer, 1), (Numeric, 1), (Date, date(2020, 1, 1)), (JSON, {})):
        if isinstance(column.type, kind):
            return made
    return f"v{number}"


def _allowed(column: Any) -> str | None:
    """Return the first value that a ``column IN ('a', 'b')`` of the table allows; PostgreSQL lets no other in."""
    for constraint in column.table.constraints:
        if isinstance(constraint, CheckConstraint):
            found = re.match(rf"{column.name} IN \('([^']*)'", str(constraint.sqltext))
            if found:
                return found[1]
    return None


def _not_found(database: Database, attribute: InstrumentedAttribute[Any]) -> Iterator[str]:
    ways = {**FOUND, **{f"relationship {name}": way for name, way in _relationships(attribute)}}
    for name, way in ways.items():
        before = _looks(database, attribute)
        errand = Looking(READER, purpose="contract")
        with on_errand(errand):
            with database.reading() as session:
                way(session, attribute)
            write_down(errand, database)
        if _looks(database, attribute) == before:
            yield f"{attribute}: read as {name} without a record"


def _not_refused(database: Database, attribute: InstrumentedAttribute[Any]) -> Iterator[str]:
    for name, way in REFUSED.items():
        with on_errand(Looking(READER, purpose="contract")):
            try:
                with database.writing() as session:
                    way(session, attribute)
            except PersonalDataRefused:
                continue
        yield f"{attribute}: read by {name} and not refused"


def _relationships(attribute: InstrumentedAttribute[Any]) -> Iterator[tuple[str, Way]]:
    """Yield reads through the relationships by which other rows of the same model lead to it."""
    model = attribute.class_
    for relation in inspect(model).relationships:
        back = relation.mapper.relationships
        for other in back:
            if other.mapper.class_ is model and not other.uselist:
                loader = joinedload(other.class_attribute).undefer(attribute)
                yield other.key, _reading_all(select(relation.mapper.class_).options(loader))


def _reading_all(statement: Any) -> Way:
    return lambda session, _column: session.scalars(statement).all()


def _looks(database: Database, attribute: InstrumentedAttribute[Any]) -> int:
    column = _core(attribute)
    statement = select(LookSubject.columns).join(Look).where(LookSubject.table_name == column.table.name)
    with database.reading() as session:
        return sum(column.name in names for names in session.scalars(statement))


def _core(attribute: InstrumentedAttribute[Any]) -> Any:
    return inspect(attribute.class_).mapper.columns[attribute.key]


def _key(attribute: InstrumentedAttribute[Any]) -> Any:
    return next(iter(_core(attribute).table.primary_key))


def _named(attribute: InstrumentedAttribute[Any], around: Callable[[Any], Any] = lambda column: column) -> Any:
    """Return a select of the column's mere name."""
    return select(around(bare(_core(attribute).name)).label("named")).select_from(_core(attribute).table)


def raw_doors(tree: ast.Module) -> list[str]:
    """Return where a module takes the database driver itself into its hands, past every record, with line numbers."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and node.attr in DOORS:
            found.append(f"line {node.lineno}: .{node.attr}")
        elif isinstance(node, ast.Import):
            found += [
                f"line {node.lineno}: import {one.name}" for one in node.names if one.name.split(".")[0] in DRIVERS
            ]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in DRIVERS:
            found.append(f"line {node.lineno}: from {node.module} import …")
        elif isinstance(node, ast.ImportFrom):
            found += [f"line {node.lineno}: import {one.name}" for one in node.names if one.name in DOORS]
    return found


__all__ = ["plant", "raw_doors", "unrecorded"]
