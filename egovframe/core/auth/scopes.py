"""Scopes are opaque (kind, id) pairs here; the rooms that own the trees say what lies below an id and what codes mean.

Expansions are cached for each database and dropped when the room reports a change with ``scopes_changed``: the number
that counts those changes comes with the query that loads an actor, so a warm cache costs no statement.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection

from sqlalchemy import ScalarSelect, func, select
from sqlalchemy.orm import Session

from egovframe.actor import Scope
from egovframe.core.auth.models import ScopeVersion
from egovframe.core.persistence import insert_for, unit_of
from egovframe.errors import BadRequest

Expand = Callable[[Session, int], Collection[int]]
"""Returns the id itself and the ids of everything below it."""
Parse = Callable[[Session, str], int]
"""Returns the id that a code names; raises NotFound or Invalid with a line that says what to do."""

Reach = tuple[tuple[str, frozenset[int]], ...]
CACHE_SECONDS = 60.0
"""Longest life of an expansion: a belt for trees that were changed without telling, by SQL for example."""

_expanders: dict[str, Expand] = {}
_parsers: dict[str, Parse] = {}


class Expansions:
    """The cache of one database: (kind, id) -> (number of changes, monotonic seconds, ids)."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, int], tuple[int, float, frozenset[int]]] = {}


def register_scope_resolver(kind: str, expand: Expand) -> None:
    """Say how scopes of a kind expand; called once, when the owning room is imported."""
    _expanders[kind] = expand


def register_scope_parser(kind: str, parse: Parse) -> None:
    """Say how people name a scope of a kind (``--scope department=ROADS``)."""
    _parsers[kind] = parse


def parse_scope(session: Session, text: str) -> tuple[str, int]:
    """Return the pair that ``kind=code`` names.

    Raises:
        BadRequest: it is not ``kind=code``, or nobody knows the kind.
    """
    kind, equals, code = text.partition("=")
    if not equals or not code or kind not in _parsers:
        known = ", ".join(f"{name}=CODE" for name in sorted(_parsers)) or "no kind of scope is installed"
        raise BadRequest(f"{text!r} names no scope: {known}")
    return kind, _parsers[kind](session, code)


def scopes_changed(session: Session, kind: str) -> None:
    """Report, in the same unit, that the tree of a kind has changed: expansions are made anew after the commit."""
    statement = insert_for(session, ScopeVersion).values(kind=kind, version=1)
    session.execute(
        statement.on_conflict_do_update(index_elements=["kind"], set_={"version": ScopeVersion.version + 1})
    )


def version_now() -> ScalarSelect[int]:
    """Return the number of changes so far, as a column for the statement that loads an actor."""
    return select(func.coalesce(func.sum(ScopeVersion.version), 0)).scalar_subquery()


def expanded(session: Session, scope: Scope, version: int) -> Reach:
    """Return each pair with everything below it, from the cache where that is still right."""
    return tuple((kind, _below(session, kind, identity, version)) for kind, identity in sorted(scope))


def _below(session: Session, kind: str, identity: int, version: int) -> frozenset[int]:
    unit = unit_of(session)
    cache = unit.database.service(Expansions).known
    known = cache.get((kind, identity))
    if known is not None and known[0] == version and time.monotonic() - known[1] < CACHE_SECONDS:
        return known[2]
    expand = _expanders.get(kind)
    ids = frozenset(expand(session, identity)) if expand is not None else frozenset({identity})
    # A writing unit may still roll back: what it sees must not be remembered.
    if unit.mode == "reading":
        cache[kind, identity] = (version, time.monotonic(), ids)
    return ids
