"""One rule, read twice: ``can`` asks it of a loaded thing, ``visible`` writes it into a statement.

A rule is a list of alternatives, each a list of (column, ids) that must all hold. Both readers use the same list, so
that what a list leaves out cannot be opened, and what can be opened is not left out. There is no NOT in it: NULL would
make SQL and Python differ.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import product
from typing import Any, TypeVar
from weakref import WeakSet

from sqlalchemy import ColumnElement, Select, and_, false, or_

from egovframe.actor import Actor, Grant

T = TypeVar("T")
ATTRIBUTE = "__access__"
Alternative = tuple[tuple[str, frozenset[int]], ...]
"""(column, ids): every column's value must be among its ids."""
_scoped: WeakSet[type[Any]] = WeakSet()


@dataclass(frozen=True, slots=True)
class PlacedGrant(Grant):
    """A grant whose scope has been expanded: a department with those below it, an area with those inside it."""

    reach: tuple[tuple[str, frozenset[int]], ...] = ()


@dataclass(frozen=True, slots=True)
class ScopeColumns:
    """Which columns of a model the scopes of grants are compared with."""

    kinds: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    own: Mapping[str, str] = field(default_factory=dict)


def scoped(model: type[Any], *, own: Mapping[str, str] | None = None, **kinds: str | tuple[str, ...]) -> None:
    """Declare the columns that scopes compare, once per model, after the class.

    Args:
        model: the class; subclasses inherit the declaration.
        own: permission -> column with an account id: that account holds the permission over the row without a grant.
        kinds: scope kind -> column, or several of which one must match: ``scoped(Case, department="department_id",
            area=("district_id", "zone_id"), own={"cases:case:read": "reporter_id"})``.

    A kind that a model does not declare never matches: a grant limited to a department opens nothing that has none.
    """
    declared = {kind: (columns,) if isinstance(columns, str) else tuple(columns) for kind, columns in kinds.items()}
    setattr(model, ATTRIBUTE, ScopeColumns(declared, dict(own or {})))
    _scoped.add(model)


def scoped_models() -> list[tuple[type[Any], ScopeColumns]]:
    """Return every model that declared its scope columns, by module and name."""
    return sorted(
        ((model, vars(model)[ATTRIBUTE]) for model in _scoped),
        key=lambda pair: (pair[0].__module__, pair[0].__name__),
    )


def can(actor: Actor, permission: str, thing: object | None = None, *, at: datetime) -> bool:
    """Whether the actor may do it to the thing at the instant; without a thing, whether it may anywhere."""
    if actor.kind == "system":
        return True
    lender: str | None = None
    for grant in actor.grants_for(permission, at):
        if thing is not None and not _opens(alternatives_of(grant, type(thing)), thing):
            continue
        lender = grant.lent_by
        if not lender:  # the actor's own right comes before a lent one: only what needs the loan is done for the lender
            break
    if lender and thing is not None and _opens(_over_own(actor, permission, type(thing)), thing):
        lender = ""
    if lender is None:
        return thing is not None and _opens(_over_own(actor, permission, type(thing)), thing)
    actor.decision.lender = lender
    return True


def visible(
    statement: Select[T], actor: Actor, permission: str, model: type[Any], at: datetime, *, alias: Any = None
) -> Select[T]:
    """Limit a statement to the rows of the model over which the actor holds the permission at the instant.

    Args:
        alias: the aliased model when the statement selects from an alias.
    """
    alternatives = rule(actor, permission, model, at)
    if alternatives is None:
        return statement
    source = model if alias is None else alias
    wanted = [and_(*(_among(getattr(source, column), ids) for column, ids in each)) for each in alternatives]
    # Never or_(false(), …): SQLite keeps "0 = 1 OR …" and walks the whole table (recipe 5).
    return statement.where(or_(*wanted) if wanted else false())


def rule(actor: Actor, permission: str, model: type[Any], at: datetime) -> list[Alternative] | None:
    """Return the alternatives under which the actor holds the permission; None means over everything."""
    if actor.kind == "system":
        return None
    found: dict[Alternative, None] = {}
    for grant in actor.grants_for(permission, at):
        alternatives = alternatives_of(grant, model)
        if alternatives is None:
            return None
        found.update(dict.fromkeys(alternatives))
    found.update(dict.fromkeys(_over_own(actor, permission, model)))
    return list(found)


def alternatives_of(grant: Grant, model: type[Any]) -> list[Alternative] | None:
    """Return the alternatives under which a grant reaches a row of the model; None means every row."""
    reach = reach_of(grant)
    return _placed(reach, getattr(model, ATTRIBUTE, ScopeColumns())) if reach else None


def _over_own(actor: Actor, permission: str, model: type[Any]) -> list[Alternative]:
    declared: ScopeColumns = getattr(model, ATTRIBUTE, ScopeColumns())
    own = declared.own.get(permission)
    if not own or actor.account_id is None or (actor.allowed is not None and permission not in actor.allowed):
        return []
    return [((own, frozenset({actor.account_id})),)]


def _opens(alternatives: list[Alternative] | None, thing: object) -> bool:
    if alternatives is None:
        return True
    return any(all(getattr(thing, column) in ids for column, ids in each) for each in alternatives)


def reach_of(grant: Grant) -> tuple[tuple[str, frozenset[int]], ...]:
    """Return the scope of a grant with everything below it; empty means everywhere."""
    if isinstance(grant, PlacedGrant) and grant.reach:
        return grant.reach
    return tuple((kind, frozenset({identity})) for kind, identity in sorted(grant.scope))


def _placed(reach: Collection[tuple[str, frozenset[int]]], declared: ScopeColumns) -> list[Alternative]:
    choices = [[(column, ids) for column in declared.kinds.get(kind, ()) if ids] for kind, ids in reach]
    return list(product(*choices))


def _among(column: Any, ids: frozenset[int]) -> ColumnElement[bool]:
    if len(ids) == 1:
        equal: ColumnElement[bool] = column == next(iter(ids))
        return equal
    among: ColumnElement[bool] = column.in_(sorted(ids))
    return among
