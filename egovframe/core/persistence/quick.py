"""Statements of the busiest paths, run with a fifth of the usual work.

Whatever SQLAlchemy finds out at each execution is found out once: the text, how values are written and read, the type
of a row. So a statement run here is one that is kept (``kept``), selects columns, not models, and has no list of
values whose length changes from call to call. Everything else is as it was: it runs in the unit's transaction after
what the session holds back was flushed, events of the engine see it, and the gate judges it; what shows personal
columns is refused here, because only the session's own way notes whose they are.

    quick_rows(session, _codes(), {"layer": 3})         # named tuples
    quick_change(session, _raised(), {"seen_id": 7})     # how many rows it changed
    insert_rows(session, CaseEntry, {"case_id": 7, …})   # a row of which nobody needs the object
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from weakref import WeakKeyDictionary

from sqlalchemy import Executable, FromClause, Insert, insert
from sqlalchemy.engine import CursorResult, Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.compiler import SQLCompiler

from egovframe.core.persistence.kept import kept
from egovframe.core.persistence.units import unit_of

Values = Mapping[str, Any]
Process = Callable[[Any], Any]

COMPILED = "egovframe_compiled"
"""Execution option: what the text was compiled from, for those who judge statements."""


class NotQuick(TypeError):
    """The statement needs the session's own way: it selects models, or fills in more than values."""


class Prepared:
    """What is known of one statement on one engine.

    Raises:
        NotQuick: it cannot be run here.
    """

    def __init__(self, statement: Executable, dialect: Dialect, names: Sequence[str]) -> None:
        if any(map(_is_model, getattr(statement, "_raw_columns", ()))):
            raise NotQuick("it selects a model: name the columns")
        compiled: Any = statement.compile(dialect=dialect, column_keys=list(names) or None)  # type: ignore[attr-defined]
        self._checks = _refuse(compiled, names)
        self.text = str(compiled)
        self.options = {COMPILED: compiled}
        self._order: Sequence[str] | None = compiled.positiontup
        self._fixed = compiled.construct_params(_check=False)
        self._writers = list(_writers(compiled, dialect))
        columns = compiled._result_columns
        self._row: Any = namedtuple("Row", [column.keyname for column in columns], rename=True) if columns else None
        self._types = [column.type.dialect_impl(dialect) for column in columns]
        self._readers: list[tuple[int, Process]] | None = None
        self._dialect = dialect

    def values(self, given: Values) -> Any:
        """Return values as the driver takes them.

        Raises:
            ValueError: a judge does not let a value be written.
        """
        filled = {**self._fixed, **given}
        for check in self._checks:
            check(filled)
        for name, write in self._writers:
            filled[name] = write(filled[name])
        return filled if self._order is None else tuple([filled[name] for name in self._order])

    def rows(self, result: CursorResult[Any]) -> list[Any]:
        """Return rows of the driver as Python has them."""
        cursor = result.cursor
        if self._readers is None:  # only an answer tells in which form the driver gives a column
            self._readers = list(self._reading(cursor.description))
        make, readers = self._row, self._readers
        found = cursor.fetchall()
        result.close()
        if not readers:
            return [make._make(row) for row in found]
        made = []
        for row in found:
            cells = list(row)
            for position, read in readers:
                cells[position] = read(cells[position])
            made.append(make._make(cells))
        return made

    def _reading(self, description: Any) -> Iterator[tuple[int, Process]]:
        for position, (kind, told) in enumerate(zip(self._types, description, strict=True)):
            read = kind.result_processor(self._dialect, told[1])
            if read is not None:
                yield position, read


def quick_rows(session: Session, statement: Executable, values: Values | None = None) -> list[Any]:
    """Run a kept statement and return its rows as named tuples.

    Args:
        session: of any unit.
        statement: a select of columns, or a change with RETURNING; the same object at every call.
        values: for its bound parameters (of a change: its columns too), always under the same names.

    Raises:
        NotQuick: the statement needs ``session.execute``.
    """
    given = values or {}
    prepared, result = _run(session, statement, given, lambda ready: ready.values(given))
    if not result.returns_rows:
        raise NotQuick("it gives no rows")
    return prepared.rows(result)


def quick_change(session: Session, statement: Executable, values: Values) -> int:
    """Run a kept change once and return how many rows it changed; otherwise like ``quick_rows``.

    Objects that the session holds are not told of it.
    """
    _prepared, result = _run(session, statement, values, lambda ready: ready.values(values))
    return result.rowcount


def insert_rows(session: Session, model: type[Any], *rows: Values) -> None:
    """Insert rows of a model at once, with the defaults of its columns, where nobody needs them as objects.

    Args:
        session: of a writing unit.
        model: a mapped class with one table.
        rows: values by column, all with the same columns.
    """
    filled = [
        {**{name: make(None) for name, make in _defaults(model).items() if name not in row}, **row} for row in rows
    ]
    if len(filled) == 1:
        _run(session, _insert(model), filled[0], lambda ready: ready.values(filled[0]))
    elif filled:
        _run(session, _insert(model), filled[0], lambda ready: [ready.values(row) for row in filled])


@kept
def _insert(model: type[Any]) -> Insert:
    return insert(model.__table__).inline()


@kept
def _defaults(model: type[Any]) -> dict[str, Process]:
    columns = [column for column in model.__table__.columns if column.default is not None]
    return {column.name: _maker(column.default) for column in columns}


def _maker(default: Any) -> Process:
    if default.is_callable:
        make: Process = default.arg
        return make
    value = default.arg
    return lambda _context: value


Check = Callable[[Values], None]
Judge = Callable[[SQLCompiler], Check | None]
_judges: list[Judge] = []


def judge_quick(judge: Judge) -> None:
    """Ask the judge about every statement before it is first run here; it raises ``NotQuick`` for those to be left.

    A judge that wants to see the values of every run returns a check of them, which raises ``ValueError``.
    """
    _judges.append(judge)


class QuickStatements:
    """What is known of the statements that one database was asked, or why they are not quick; hangs on the database."""

    def __init__(self) -> None:
        self.known: WeakKeyDictionary[Any, dict[tuple[str, ...], Prepared | str]] = WeakKeyDictionary()


def _run(
    session: Session, statement: Executable, names: Values, fill: Callable[[Prepared], Any]
) -> tuple[Prepared, CursorResult[Any]]:
    session.flush()  # as the session's own execute would
    connection = session.connection()
    statements = unit_of(session).database.service(QuickStatements)
    prepared = _ready(statements, statement, connection.dialect, tuple(names))
    return prepared, connection.exec_driver_sql(prepared.text, fill(prepared), execution_options=prepared.options)


def _ready(statements: QuickStatements, statement: Executable, dialect: Dialect, names: tuple[str, ...]) -> Prepared:
    known = statements.known.setdefault(statement, {})
    found = known.get(names)
    if found is None:
        try:
            found = Prepared(statement, dialect, names)
        except NotQuick as reason:
            found = str(reason)
        known[names] = found
    if isinstance(found, str):
        raise NotQuick(found)  # a new one: an error that is raised again and again keeps every frame it passed
    return found


def _refuse(compiled: SQLCompiler, names: Sequence[str]) -> list[Check]:
    if filled := {*compiled.insert_prefetch, *compiled.update_prefetch}:
        raise NotQuick(f"give values for {', '.join(sorted(column.name for column in filled))}")
    if compiled.post_compile_params:
        raise NotQuick("it has a list of values, whose text changes from call to call")
    if unknown := set(names) - set(compiled.binds):
        raise NotQuick(f"it has no parameter {', '.join(sorted(unknown))}")
    if missing := {name for name, bind in compiled.binds.items() if bind.required} - set(names):
        raise NotQuick(f"give values for {', '.join(sorted(missing))}")
    return [check for judge in _judges if (check := judge(compiled)) is not None]


def _is_model(part: Any) -> bool:
    return isinstance(part, FromClause) and "parententity" in part._annotations


def _writers(compiled: Any, dialect: Dialect) -> Iterator[tuple[str, Process]]:
    for name, bind in compiled.binds.items():
        write = bind.type.dialect_impl(dialect).bind_processor(dialect)
        if write is not None:
            yield name, write


__all__ = ["COMPILED", "NotQuick", "insert_rows", "judge_quick", "quick_change", "quick_rows"]
