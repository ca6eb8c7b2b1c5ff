"""Who uses which codes: rooms and plugins register a look-up, so that a code in use is never deleted."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from egovframe.core.modules.codes.models import Code

UseChecker = Callable[[Session, Code], bool]
"""Tells whether something refers to the code."""

_checkers: dict[str, list[UseChecker]] = {}


def register_use(table: str, checker: UseChecker) -> None:
    """Name a look-up for the codes of a table that are referred to otherwise than by a foreign key.

    Called at import; the same function is kept once. Foreign keys need none: the database itself tells.
    """
    known = _checkers.setdefault(table, [])
    if checker not in known:
        known.append(checker)


def is_used(session: Session, table: str, code: Code) -> bool:
    """Whether one of the registered look-ups finds the code in use."""
    return any(checker(session, code) for checker in _checkers.get(table, ()))
