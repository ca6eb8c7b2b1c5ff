"""The one question that auth's verbs ask first."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.access import rule
from egovframe.core.auth.models import Account
from egovframe.core.persistence import now
from egovframe.errors import Forbidden


def need(session: Session, actor: Actor, permission: str) -> None:
    """Let pass who holds the permission everywhere: accounts and roles belong to no department.

    Raises:
        Forbidden: the actor does not hold it, or only for a part of the city.
    """
    at = now(session)
    if rule(actor, permission, Account, at) is not None:
        raise Forbidden
    if actor.kind != "system":
        actor.decision.lender = "" if actor.owns(permission, at) else lender_of(actor, permission, at)


def lender_of(actor: Actor, permission: str, at: datetime) -> str:
    """Return the public id of whoever lent the actor the permission; empty when nobody did."""
    return next((grant.lent_by for grant in actor.grants_for(permission, at) if grant.lent_by), "")
