"""The one question that auth's verbs ask first."""

from __future__ import annotations

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
    if rule(actor, permission, Account, now(session)) is not None:
        raise Forbidden
