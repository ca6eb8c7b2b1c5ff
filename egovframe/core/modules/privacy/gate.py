"""The gate: nothing personal leaves the database unseen, whoever asks and in whatever way.

Three nets, one behind the other, on every engine, session and mapper of the process from the moment that the first
personal column can be declared (recipe "who looked at personal data"):

1. mappers note what rows of models were loaded with;
2. selects of single columns get the person added, are noted row by row, and lose the addition again;
3. what goes to the database is judged as it was compiled: what the first two did not take care of is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import lru_cache, partial
from typing import Any

from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Mapper, ORMExecuteState, Session

from egovframe.core.modules.privacy.judging import WATCHED, Verdict, judged, judged_text
from egovframe.core.modules.privacy.looking import UNKNOWN, Looking, Unwatched
from egovframe.core.modules.privacy.masking import MASK
from egovframe.core.modules.privacy.register import REGISTER, GatedTable
from egovframe.core.modules.privacy.selects import extended
from egovframe.core.modules.privacy.statements import personal_in
from egovframe.core.persistence import COMPILED, MAINTENANCE, Errand, NotQuick, judge_quick

UNIT = "egovframe_unit"
SEEN = "egovframe_seen"
"""Execution option: the personal columns that the session's step answers for."""
ADVICE = "see docs/guides/personal-data.md"


class PersonalDataRefused(RuntimeError):
    """A statement would show personal data past the record: a programming error, never a user's."""


class _Gate:
    """Whether the listeners of mappers note anything; those of sessions and engines are taken away instead."""

    shut = True


# 1 Mappers.


def _declare(mapper: Mapper[Any], _class: type) -> None:
    for table in {mapper.local_table, *getattr(mapper, "tables", ())}:
        if hasattr(table, "primary_key") and hasattr(table, "metadata"):
            REGISTER.enter(table)


def _configured(mapper: Mapper[Any], cls: type) -> None:
    _declare(mapper, cls)
    watched = {
        attribute.key: names
        for attribute in mapper.column_attrs
        if (names := {name for column in attribute.columns for name in personal_in(column)})
    }
    if not watched:
        return
    WATCHED.update(column for key in watched for column in mapper.column_attrs[key].columns if hasattr(column, "table"))
    loaded = _loaded_listener(mapper, watched)
    event.listen(cls, "load", loaded, raw=True)
    event.listen(cls, "refresh", loaded, raw=True)
    for key, names in watched.items():
        if any(REGISTER.refuses_dots(*name.split(".", 1)) for name in names):
            event.listen(getattr(cls, key), "set", _refuse_mask)


def _loaded_listener(mapper: Mapper[Any], watched: dict[str, set[str]]) -> Callable[..., None]:
    """Return the listener of one model: attributes by the columns that they show."""
    by_table: dict[str, dict[str, str]] = {}
    for key, names in watched.items():
        for name in names:
            table, _, column = name.partition(".")
            by_table.setdefault(table, {})[key] = column
    sources = [(REGISTER.tables[table], columns, _subject_key(mapper, table)) for table, columns in by_table.items()]

    def loaded(state: Any, context: Any, only: Any = None) -> None:
        values = state.dict
        session = context.session if context is not None else state.session
        for table, columns, subject in sources:
            keys = [key for key in columns if key in values and (only is None or key in only)]
            if keys:
                _note(session, state, table, {columns[key] for key in keys}, subject, keys)

    return loaded


def _subject_key(mapper: Mapper[Any], name: str) -> str:
    table = REGISTER.tables[name]
    for local in mapper.tables:
        if getattr(local, "name", "") == name:
            return mapper.get_property_by_column(local.c[table.subject]).key
    return ""


def _note(session: Any, state: Any, table: GatedTable, columns: set[str], subject: str, keys: list[str]) -> None:
    unit = session.info.get("unit") if session is not None else None
    errand = unit.errand if unit is not None else None
    if isinstance(errand, Looking) and _Gate.shut:
        identity = state.key[1] if state.key else ()
        person = state.dict.get(subject, UNKNOWN) if table.rows_are_accounts else None
        errand.saw(table.name, row_key(identity), person, columns)
    elif isinstance(errand, Unwatched):
        errand.loaded.append((state, set(keys)))


def row_key(identity: Any) -> str:
    """Return a primary key as text."""
    return "/".join(str(part) for part in identity)


def _refuse_mask(_target: Any, value: Any, _old: Any, _initiator: Any) -> None:
    if isinstance(value, str) and MASK in value:
        raise ValueError("dots that stand for a personal value cannot be stored as one")


def _refuse_dots(names: frozenset[str], values: Mapping[str, Any]) -> None:
    for name in names:
        _refuse_mask(None, values.get(name), None, None)


# 2 Sessions.


def _carry(session: Session, _transaction: Any, connection: Connection) -> None:
    unit = session.info.get("unit")
    if unit is not None:
        connection.execution_options(**{UNIT: unit})


def _executing(state: ORMExecuteState) -> Any:
    unit = state.session.info.get("unit")
    errand = unit.errand if unit is not None else None
    if errand is None or not errand.watched:
        return None
    if not state.is_select or state.is_column_load or state.is_relationship_load:
        state.update_execution_options(**{SEEN: frozenset()})
        return None
    found = extended(state.statement)
    if found.refused:
        raise PersonalDataRefused(f"{found.refused}: {ADVICE}")
    if errand.refuses and found.names:
        raise PersonalDataRefused(f"{sorted(found.names)[0]}: {errand.refuses}: {ADVICE}")
    if not found.names or not isinstance(errand, Looking):
        state.update_execution_options(**{SEEN: frozenset()})
        return None
    result = state.invoke_statement(statement=found.statement, execution_options={SEEN: found.names})
    return found.watch(result, errand, is_orm=state.is_orm_statement)


# 3 Engines.


def _guard(
    connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _executemany: bool
) -> None:
    verdict = _verdict(context, statement)
    if verdict.written and context.compiled is not None:
        for values in context.compiled_parameters:
            _refuse_dots(verdict.written, values)
    if not verdict:
        return
    options = connection.get_execution_options()
    unit = options.get(UNIT)
    if unit is None:
        if not options.get(MAINTENANCE):
            raise PersonalDataRefused(f"{_named(verdict)} is read without a unit of work: {ADVICE}")
        return
    if unit.errand.watched:
        _pass(unit.errand, verdict, context.execution_options.get(SEEN))


def _pass(errand: Errand, verdict: Verdict, seen: frozenset[str] | None) -> None:
    """Let a statement through that somebody answers for.

    Raises:
        PersonalDataRefused: nobody does.
    """
    if verdict.refused:
        raise PersonalDataRefused(f"the statement {verdict.refused}: {ADVICE}")
    if errand.refuses:
        raise PersonalDataRefused(f"{_named(verdict)}: {errand.refuses}: {ADVICE}")
    if (verdict.shown or verdict.worked) and seen is None:
        raise PersonalDataRefused(f"{_named(verdict)} is read past the session: {ADVICE}")
    if seen is not None and (hidden := verdict.worked - seen):
        raise PersonalDataRefused(
            f"{sorted(hidden)[0]} is hidden in an expression, under another name or beside another row's key: "
            f"select the column itself: {ADVICE}"
        )
    if verdict.searched and isinstance(errand, Looking):
        errand.searched(verdict.searched)


def _named(verdict: Verdict) -> str:
    return next(iter(sorted(verdict.shown | verdict.worked | verdict.searched)), "personal data")


def _verdict(context: Any, statement: str) -> Verdict:
    compiled = getattr(context, "compiled", None) or context.execution_options.get(COMPILED)
    if compiled is None:
        return _verdict_of_text(statement, REGISTER.edition)
    if context.isddl:
        return Verdict()
    known: tuple[int, Verdict] | None = getattr(compiled, "_egovframe_verdict", None)
    if known is None or known[0] != REGISTER.edition:
        known = REGISTER.edition, judged(compiled)
        compiled._egovframe_verdict = known
    return known[1]


@lru_cache(maxsize=1000)
def _verdict_of_text(statement: str, _edition: int) -> Verdict:
    return judged_text(statement)


def _only_clean(compiled: Any) -> Callable[[Mapping[str, Any]], None] | None:
    """Leave statements that show personal data to the session, which notes whose they are; look at what is written."""
    verdict = judged(compiled)
    if shown := verdict.shown | verdict.worked:
        raise NotQuick(f"{sorted(shown)[0]} is personal")
    return partial(_refuse_dots, verdict.written) if verdict.written else None


LISTENERS: tuple[tuple[Any, str, Any], ...] = (
    (Session, "after_begin", _carry),
    (Session, "do_orm_execute", _executing),
    (Engine, "before_cursor_execute", _guard),
)


MAPPERS: tuple[tuple[Any, str, Any], ...] = (
    (Mapper, "instrument_class", _declare),
    (Mapper, "mapper_configured", _configured),
)


def _listen(listeners: tuple[tuple[Any, str, Any], ...]) -> None:
    for target, name, listener in listeners:
        if not event.contains(target, name, listener):
            event.listen(target, name, listener)


@contextmanager
def gate_off() -> Iterator[None]:
    """Take the gate away inside the block, for negative controls and for measuring what it costs."""
    for target, name, listener in LISTENERS:
        event.remove(target, name, listener)
    _Gate.shut = False
    try:
        yield
    finally:
        _Gate.shut = True
        _listen(LISTENERS)


_listen(MAPPERS + LISTENERS)
judge_quick(_only_clean)

__all__ = ["SEEN", "UNIT", "PersonalDataRefused", "gate_off", "row_key"]
