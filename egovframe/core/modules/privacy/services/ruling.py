"""Verb: change how long something stays, from a day on; the rules before it stay on record."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.keeping.models import RetentionRule
from egovframe.core.modules.privacy.permissions import MANAGE_RETENTION
from egovframe.core.modules.privacy.rules import rules_in_force
from egovframe.core.modules.privacy.services.people import need
from egovframe.core.persistence import now
from egovframe.errors import Conflict, NotFound


def change_rule(
    session: Session,
    actor: Actor,
    code: str,
    *,
    keep_days: int | None,
    action: str,
    on_request: str,
    law: str = "",
    valid_from: datetime | None = None,
) -> RetentionRule:
    """Add a rule for a code; it holds from its day on. Where a setting says the days, they stay what is set.

    Raises:
        Forbidden: the actor may not change retention.
        NotFound: no table has data of this code.
        Conflict: there is a rule of the very same day.
    """
    need(session, actor, MANAGE_RETENTION)
    at = now(session)
    present = rules_in_force(session, at).get(code)
    if present is None:
        raise NotFound
    begins = valid_from or at
    taken = select(RetentionRule.id).where(RetentionRule.code == code, RetentionRule.valid_from == begins)
    if session.scalar(taken) is not None:
        raise Conflict(_("There is a rule of this day already."))
    row = RetentionRule(
        code=code,
        keep_days=keep_days,
        since=present.since,
        action=action,
        on_request=on_request,
        law=law,
        valid_from=begins,
        created_by=actor.label,
    )
    session.add(row)
    session.flush()
    facts = {"keep_days": keep_days, "action": action, "on_request": on_request, "law": law, "valid_from": begins}
    before = {"keep_days": present.keep_days, "action": present.action, "on_request": present.on_request}
    audit(session, actor, "privacy:retention:change", f"retention:{code}", before=before, after=facts)
    return row
