"""Retention rules: dated data, one line of defaults for each code, the city's own after them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.modules.privacy.keeping.models import ERASE, KEEP, SEVER, RetentionRule
from egovframe.core.modules.privacy.office import office_of
from egovframe.core.modules.settings import get
from egovframe.core.persistence import insert_for, now
from egovframe.hooks import Retention

ALWAYS = datetime(1970, 1, 1, tzinfo=UTC)
"""Since when the defaults hold."""
FIRST_DAYS = 36_525
"""Most days a rule may keep: a century."""


@dataclass(frozen=True, slots=True)
class Rule:
    """The rule in force for one code.

    Attributes:
        setting: key of the setting that says the days; empty where the rule does so itself.
    """

    code: str
    keep_days: int | None
    since: str
    action: str
    on_request: str
    law: str
    setting: str = ""

    def ends(self, begun: datetime | None) -> datetime | None:
        """Return when the time is over; None for "not before the person asks" or a clock that has not begun."""
        if begun is None or self.keep_days is None:
            return None
        return begun + timedelta(days=self.keep_days)

    def is_stricter_than(self, other: Rule) -> bool:
        """Whether more goes, or goes earlier, than by another rule: what cannot be brought back is shown first."""
        if self.keep_days is None:
            return False
        shorter = other.keep_days is None or self.keep_days < other.keep_days
        return shorter or (self.action == ERASE and other.action != ERASE)


def sync_rules(session: Session, proposed: Iterable[Retention]) -> None:
    """Write the defaults of codes that have none yet; a rule that stands is never changed. Safe to repeat."""
    for one in {rule.code: rule for rule in proposed}.values():
        values = {
            "code": one.code,
            "keep_days": one.keep_days,
            "since": one.since,
            "action": one.action,
            "on_request": one.on_request,
            "law": one.law,
            "valid_from": ALWAYS,
            "created_by": "system",
        }
        statement = insert_for(session, RetentionRule).values(**values)
        session.execute(statement.on_conflict_do_nothing(index_elements=["code", "valid_from"]))


def rules_in_force(session: Session, at: datetime | None = None) -> dict[str, Rule]:
    """Return the rule of every code that is in force at an instant; days that a setting says are those set now."""
    at = at or now(session)
    statement = select(RetentionRule).where(RetentionRule.valid_from <= at).order_by(RetentionRule.valid_from)
    rules = {
        row.code: Rule(row.code, row.keep_days, row.since, row.action, row.on_request, row.law)
        for row in session.scalars(statement)
    }
    for code, key in office_of(session).lengths().items():
        if code in rules:
            rules[code] = replace(rules[code], keep_days=get(session, key), setting=key)
    return rules


__all__ = ["ALWAYS", "ERASE", "FIRST_DAYS", "KEEP", "SEVER", "Rule", "rules_in_force", "sync_rules"]
