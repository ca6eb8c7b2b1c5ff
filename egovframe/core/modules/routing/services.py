"""Verbs: add and change rules. Every change is audited; the order of rules is theirs alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import ValidationError
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import Translated
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit, snapshot
from egovframe.core.modules.organisation import Department, Post
from egovframe.core.modules.routing.models import RoutingRule
from egovframe.core.modules.routing.permissions import MANAGE_RULES
from egovframe.core.modules.routing.queries import rule_by_public_id
from egovframe.core.modules.routing.schemas import ConditionsSchema
from egovframe.core.persistence import now
from egovframe.errors import Changed, Forbidden, Invalid

STEP = 10
"""Distance between the positions of new rules, so that one can be put between two."""
AUDITED = ("position", "conditions", "department_id", "post_id", "active", "valid_from", "valid_until")
CHANGEABLE = frozenset({*AUDITED, "title"})


def add_rule(
    session: Session,
    actor: Actor,
    *,
    title: Translated,
    conditions: Mapping[str, Any],
    department_id: int,
    post_id: int | None = None,
    position: int | None = None,
    active: bool = True,
    valid_from: datetime | None = None,
    valid_until: datetime | None = None,
) -> RoutingRule:
    """Add a rule, at the end unless a position is given.

    Raises:
        Forbidden: the actor may not change rules.
        Invalid: a condition, the office or the dates are wrong.
    """
    _allow(session, actor)
    rule = RoutingRule(
        title=title,
        conditions=_checked(conditions),
        department_id=department_id,
        post_id=post_id,
        position=_last(session) + STEP if position is None else position,
        active=active,
        valid_from=valid_from,
        valid_until=valid_until,
        created_at=now(session),
        version=1,
    )
    _check_office(session, rule)
    _check_dates(rule)
    session.add(rule)
    session.flush()
    audit(session, actor, "routing:rule:add", _thing(rule), after=snapshot(rule, *AUDITED))
    return rule


def change_rule(session: Session, actor: Actor, public_id: str, *, version: int, **changes: Any) -> RoutingRule:
    """Change some of a rule's values; switching it off is ``active=False``.

    Raises:
        Forbidden: the actor may not change rules.
        NotFound: no such rule.
        Conflict: somebody changed the rule since the caller read it.
        Invalid: a value is wrong or cannot be changed.
    """
    _allow(session, actor)
    unknown = changes.keys() - CHANGEABLE
    if unknown:
        raise Invalid(errors={name: [_("This field is not known here.")] for name in sorted(unknown)})
    rule = rule_by_public_id(session, public_id)
    taken = session.execute(
        update(RoutingRule)
        .where(RoutingRule.id == rule.id, RoutingRule.version == version)
        .values(version=RoutingRule.version + 1)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Changed(_("Somebody changed this rule in the meantime. Read it again and repeat what you want."))
    session.refresh(rule)
    before = snapshot(rule, *AUDITED)
    if "conditions" in changes:
        changes["conditions"] = _checked(changes["conditions"])
    for name, value in changes.items():
        setattr(rule, name, value)
    _check_office(session, rule)
    _check_dates(rule)
    session.flush()
    audit(session, actor, "routing:rule:change", _thing(rule), before=before, after=snapshot(rule, *AUDITED))
    return rule


def _allow(session: Session, actor: Actor) -> None:
    if not can(actor, MANAGE_RULES, at=now(session)):
        raise Forbidden


def _checked(conditions: Mapping[str, Any]) -> dict[str, Any]:
    try:
        clean: dict[str, Any] = ConditionsSchema().load(dict(conditions))
    except ValidationError as error:
        raise Invalid(errors={"conditions": [error.normalized_messages()]}) from error  # type: ignore[no-untyped-call]
    return clean


def _check_office(session: Session, rule: RoutingRule) -> None:
    if session.get(Department, rule.department_id) is None:
        raise Invalid(errors={"department": [_("There is no such department.")]})
    post = session.get(Post, rule.post_id) if rule.post_id is not None else None
    if rule.post_id is not None and (post is None or post.department_id != rule.department_id):
        raise Invalid(errors={"post": [_("This post belongs to another department.")]})


def _check_dates(rule: RoutingRule) -> None:
    if rule.valid_from and rule.valid_until and rule.valid_until <= rule.valid_from:
        raise Invalid(errors={"valid_until": [_("The end must lie after the beginning.")]})


def _last(session: Session) -> int:
    return session.scalar(select(func.max(RoutingRule.position))) or 0


def _thing(rule: RoutingRule) -> str:
    return f"routing_rule:{rule.public_id}"
