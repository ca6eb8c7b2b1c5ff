"""What an erasure would do to a person's rows, and why something stays: asked before it, and by it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
from sqlalchemy.orm import Session

from egovframe.core.modules.privacy.emptying import is_filled
from egovframe.core.modules.privacy.keeping.models import ERASE, KEEP, SEVER, LegalHold
from egovframe.core.modules.privacy.rules import Rule, rules_in_force
from egovframe.core.modules.privacy.subjects import Facet, Subject, Unresolvable, facets
from egovframe.core.persistence import now

HOLD, RUNNING, LAW = "hold", "running", "law"
"""Why something stays: a legal hold, a matter that is not over, a rule that keeps it."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One reason why rows stay: until when (None: not known yet) and under which law."""

    why: str
    until: datetime | None = None
    law: str = ""


@dataclass
class Part:
    """What happens to a person's rows of one facet."""

    facet: Facet
    erase: list[Any] = field(default_factory=list)
    sever: list[Any] = field(default_factory=list)
    stays: dict[Stay, int] = field(default_factory=dict)

    @property
    def title(self) -> Any:
        """What people call these data."""
        return self.facet.sheet.title or self.facet.table.name


def planned(session: Session, subject: Subject) -> list[Part]:
    """Return, for each facet with rows of the person, which of them go, lose their name, or stay and why."""
    at, rules, held = now(session), rules_in_force(session), holds_in_force(session)
    parts = []
    for facet in facets():
        mine = facet.of(subject)
        if mine is None or not facet.retention:
            continue
        part = Part(facet)
        for key, begun, is_held in _rows(session, facet, mine, rules.get(facet.retention), held):
            _decide(part, key, begun, rules.get(facet.retention), held_until(held) if is_held else None, is_held, at)
        if part.erase or part.sever or part.stays:
            parts.append(part)
    return parts


def holds_in_force(session: Session) -> list[LegalHold]:
    """Return every hold that has neither ended nor been released."""
    statement = select(LegalHold).where(
        LegalHold.released_at.is_(None), or_(LegalHold.until.is_(None), LegalHold.until > now(session))
    )
    return list(session.scalars(statement.order_by(LegalHold.id)))


def held_rows(facet: Facet, holds: list[LegalHold]) -> ColumnElement[bool]:
    """Return the condition for rows that a hold protects."""
    found = [one for hold in holds if (one := facet.of(Subject(hold.kind, hold.subject_id))) is not None]
    # A link that is empty compares to nothing: unknown counts as not held.
    return func.coalesce(or_(*found), false()) if found else false()


def held_until(holds: list[LegalHold]) -> datetime | None:
    """Return the last day of the holds, or None when one is open-ended."""
    ends = [hold.until for hold in holds]
    return None if not ends or None in ends else max(end for end in ends if end is not None)


def begun_of(facet: Facet, rule: Rule | None) -> ColumnElement[Any] | None:
    """Return the instant that the rule counts from, or None when there is no rule or no such clock."""
    if rule is None:
        return None
    try:
        return facet.clock(rule.since)
    except Unresolvable:
        return None


def _rows(
    session: Session, facet: Facet, mine: ColumnElement[bool], rule: Rule | None, holds: list[LegalHold]
) -> Iterator[tuple[Any, datetime | None, bool]]:
    begun = begun_of(facet, rule)
    columns = [facet.key, facet.key if begun is None else begun, held_rows(facet, holds)]
    where = and_(mine, is_filled(facet))
    for key, clock, held in session.execute(select(*columns).where(where).order_by(facet.key)):
        yield key, (None if begun is None else clock), bool(held)


def _decide(
    part: Part,
    key: Any,
    begun: datetime | None,
    rule: Rule | None,
    until: datetime | None,
    is_held: bool,
    at: datetime,
) -> None:
    if is_held:
        _stay(part, Stay(HOLD, until))
        return
    if rule is None:
        part.erase.append(key)
        return
    ends = rule.ends(begun)
    if begun is None:
        _stay(part, Stay(RUNNING))
    elif rule.on_request == ERASE or (ends is not None and ends <= at and rule.action == ERASE):
        part.erase.append(key)
    elif rule.on_request == SEVER or (ends is not None and ends <= at):
        part.sever.append(key)
        if rule.on_request == SEVER and rule.action == ERASE:
            _stay(part, Stay(LAW, ends, rule.law))
    elif rule.on_request == KEEP:
        _stay(part, Stay(LAW, ends, rule.law))


def _stay(part: Part, why: Stay) -> None:
    part.stays[why] = part.stays.get(why, 0) + 1


def summary(parts: list[Part]) -> dict[str, Any]:
    """Return counts by facet: what the ledger and the audit keep."""
    return {
        part.facet.name: {
            "erased": len(part.erase),
            "severed": len(part.sever),
            "kept": sum(part.stays.values()),
        }
        for part in parts
    }


def told(parts: Sequence[Part]) -> dict[str, Any]:
    """Return the counts by facet together with why something stays: what the person reads afterwards."""
    counts = summary(list(parts))
    for part in parts:
        counts[part.facet.name]["stays"] = [
            {"why": stay.why, "until": stay.until and stay.until.isoformat(), "law": stay.law, "rows": rows}
            for stay, rows in part.stays.items()
        ]
    return counts
