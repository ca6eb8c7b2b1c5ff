"""Reads of routing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, or_, select, true
from sqlalchemy.orm import Session

from egovframe.core.modules.routing.models import RoutingRule
from egovframe.core.modules.routing.values import Rule
from egovframe.core.persistence import UTCDateTime, kept, quick_rows
from egovframe.errors import NotFound


def rules_in_force(session: Session, at: datetime) -> Sequence[Rule]:
    """Return the active rules valid at the instant, in the order in which they are tried."""
    return quick_rows(session, _in_force(), {"at": at})


@kept
def _in_force() -> Select[*tuple[Any, ...]]:
    at = bindparam("at", type_=UTCDateTime())
    office = RoutingRule.department_id, RoutingRule.post_id
    return (
        select(RoutingRule.public_id, RoutingRule.title, RoutingRule.conditions, *office)
        .where(RoutingRule.active == true())
        .where(or_(RoutingRule.valid_from.is_(None), RoutingRule.valid_from <= at))
        .where(or_(RoutingRule.valid_until.is_(None), RoutingRule.valid_until > at))
        .order_by(RoutingRule.position, RoutingRule.id)
    )


def all_rules(session: Session) -> Sequence[RoutingRule]:
    """Return every rule, switched off and outdated ones too, in order."""
    return session.scalars(select(RoutingRule).order_by(RoutingRule.position, RoutingRule.id)).all()


def rule_by_public_id(session: Session, public_id: str) -> RoutingRule:
    """Return a rule; raise NotFound when there is none."""
    found = session.scalars(select(RoutingRule).where(RoutingRule.public_id == public_id)).one_or_none()
    if found is None:
        raise NotFound
    return found
