"""Statements that are built once: putting one together, and finding its SQL again, costs more than running it.

A function that only builds a statement is marked ``@kept``; its arguments are few and small (which filters, which
column), and what differs from call to call is a ``bindparam`` that is given with the execution:

    @kept
    def _by_code() -> Select[Department]:
        return select(Department).where(Department.code == bindparam("code"))

    session.scalars(_by_code(), {"code": code}).one_or_none()
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache, update_wrapper
from typing import Any, ParamSpec, TypeVar, cast
from weakref import WeakKeyDictionary

from sqlalchemy import Select

P = ParamSpec("P")
R = TypeVar("R")
S = TypeVar("S", bound=Select[*tuple[Any, ...]])
MOST = 256
"""Sets of arguments whose statements one function keeps; those used longest ago make room."""

_derived: WeakKeyDictionary[Select[*tuple[Any, ...]], dict[Any, Any]] = WeakKeyDictionary()


def kept(build: Callable[P, R]) -> Callable[P, R]:
    """Keep what the function builds, once for each set of (hashable) arguments. It may read nothing else."""
    return cast("Callable[P, R]", update_wrapper(lru_cache(maxsize=MOST)(build), build))


def derived(statement: S, kind: Any, build: Callable[[S], R]) -> R:
    """Return what is built from a statement, once as long as the statement itself is kept.

    Args:
        statement: the statement; one that its caller builds anew each time is simply derived from anew.
        kind: tells apart what is derived from one statement.
        build: makes it.
    """
    known = _derived.setdefault(statement, {})
    if kind not in known:
        known[kind] = build(statement)
    found: R = known[kind]
    return found


__all__ = ["derived", "kept"]
