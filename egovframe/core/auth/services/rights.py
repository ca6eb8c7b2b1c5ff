"""The questions that auth's verbs ask first: may they, and is what they pass on no more than what they hold."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy.orm import Session

from egovframe.actor import Actor, Grant, Scope
from egovframe.core.auth.access import reach_of, rule
from egovframe.core.auth.models import Account
from egovframe.core.persistence import now
from egovframe.errors import Forbidden


def need(session: Session, actor: Actor, permission: str) -> None:
    """Let pass who holds the permission everywhere: accounts and roles belong to no department.

    Raises:
        Forbidden: the actor does not hold it, or only for a part of the city.
    """
    at = now(session)
    if not holds_everywhere(session, actor, permission):
        raise Forbidden
    if actor.kind != "system":
        actor.decision.lender = "" if actor.owns(permission, at) else lender_of(actor, permission, at)


def holds_everywhere(session: Session, actor: Actor, permission: str) -> bool:
    """Whether ``need`` lets the actor pass, for pages that offer what it guards."""
    return rule(actor, permission, Account, now(session)) is None


def beyond(
    actor: Actor, permissions: Iterable[str], scope: Scope, valid_until: datetime | None, at: datetime
) -> list[str]:
    """Return the permissions that the actor cannot pass on in a scope until an instant (None is for good), in order.

    One can be passed on by an own grant that reaches as far and lasts as long. Lent rights do not count: nobody gives
    away for good what they have for some days.
    """
    if actor.kind == "system":
        return []
    return [
        name
        for name in sorted(permissions)
        if not any(_covers(grant, scope, valid_until) for grant in actor.grants_for(name, at))
    ]


def _covers(grant: Grant, scope: Scope, valid_until: datetime | None) -> bool:
    lasts = grant.valid_until is None or (valid_until is not None and valid_until <= grant.valid_until)
    reaches = all(any(kind == other and key in ids for other, key in scope) for kind, ids in reach_of(grant))
    return not grant.lent_by and lasts and reaches


def lender_of(actor: Actor, permission: str, at: datetime) -> str:
    """Return the public id of whoever lent the actor the permission; empty when nobody did."""
    return next((grant.lent_by for grant in actor.grants_for(permission, at) if grant.lent_by), "")
