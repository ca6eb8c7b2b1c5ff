"""Verb: let go what the rules in force no longer keep, table by table, in small transactions; held rows stay."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, select
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.i18n import Text
from egovframe.core.modules.audit import audit
from egovframe.core.modules.privacy.clocks import clocks_in_words
from egovframe.core.modules.privacy.emptying import CHUNK, erase_rows, is_filled, sever_rows
from egovframe.core.modules.privacy.keeping.models import ERASE
from egovframe.core.modules.privacy.plan import begun_of, held_rows, holds_in_force
from egovframe.core.modules.privacy.rules import Rule, rules_in_force
from egovframe.core.modules.privacy.subjects import Facet, facets
from egovframe.core.persistence import WORKER, Database, now


@dataclass(frozen=True, slots=True)
class Line:
    """What retention did, or would do, to one kind of record.

    Attributes:
        name: stable name of the kind: table, lead and rule.
        title: what administrators call it.
        code: the retention code.
        rule: the rule in force, or None: then nothing ever goes by itself.
        since: the instant that the rule counts from, in words; empty without a rule.
        due: rows whose time is over and that no hold protects.
        held: rows whose time is over and that a hold protects.
        done: rows that this run let go.
    """

    name: str
    title: Any
    code: str
    rule: Rule | None
    due: int
    held: int
    done: int = 0
    since: Text = ""

    def facts(self) -> dict[str, Any]:
        """Return the line as JSON facts."""
        rule = None if self.rule is None else asdict(self.rule)
        found = {"name": self.name, "code": self.code, "rule": rule}
        return {**found, "due": self.due, "held": self.held, "done": self.done}


def retention_report(session: Session) -> list[Line]:
    """Return what a run would let go now: the dry run, and the page of administrators."""
    at, rules, held = now(session), rules_in_force(session), holds_in_force(session)
    found = [_line(session, facet, rules.get(facet.retention), at, held) for facet in facets() if facet.retention]
    clocks = clocks_in_words(session)
    return [replace(line, since=clocks(line.rule)) if line.rule else line for line in found]


def retention_preview(session: Session, rule: Rule, at: datetime | None = None) -> list[Line]:
    """Return what a run would let go if a rule stood instead of the one in force for its code; nothing is changed.

    Args:
        rule: that is thought of.
        at: when the run would be; now when left out. Only what is there today is counted.
    """
    at, held = at or now(session), holds_in_force(session)
    return [_line(session, facet, rule, at, held) for facet in facets() if facet.retention == rule.code]


def run_retention(database: Database) -> list[Line]:
    """Let go what is due and return the report. Safe to repeat and to interrupt: each part commits for itself."""
    with database.reading() as session:
        before = retention_report(session)
    known = {facet.name: facet for facet in facets()}
    return [replace(line, done=_let_go(database, known[line.name], line)) for line in before]


def _line(session: Session, facet: Facet, rule: Rule | None, at: datetime, holds: list[Any]) -> Line:
    line = Line(facet.name, facet.record, facet.retention, rule, 0, 0)
    over = _over(facet, rule, at)
    if over is None:
        return line
    held = held_rows(facet, holds)
    count = select(func.count()).select_from(facet.table)
    due = session.scalar(count.where(over, not_(held))) or 0
    kept = session.scalar(count.where(over, held)) or 0
    return replace(line, due=due, held=kept)


def _over(facet: Facet, rule: Rule | None, at: datetime) -> ColumnElement[bool] | None:
    begun = begun_of(facet, rule)
    if rule is None or rule.keep_days is None or begun is None:
        return None
    if rule.action != ERASE and facet.copy is not None:
        return None  # a copy names nobody: there is no link to cut
    limit = at - timedelta(days=rule.keep_days)
    return and_(begun <= limit, is_filled(facet, openly=rule.action == ERASE))


def _let_go(database: Database, facet: Facet, line: Line) -> int:
    if not line.due or line.rule is None:
        return 0
    done, last = 0, None
    while True:
        with database.writing(WORKER) as session:
            keys = _next(session, facet, line.rule, last)
            if not keys:
                return done
            (erase_rows if line.rule.action == ERASE else sever_rows)(session, facet, keys)
            facts = {"rows": len(keys), "rule": line.code, "action": line.rule.action}
            audit(session, SYSTEM, "privacy:retention:apply", f"records:{facet.name}"[:200], after=facts)
        done, last = done + len(keys), keys[-1]


def _next(session: Session, facet: Facet, rule: Rule, last: Any) -> list[Any]:
    # Rules and holds are looked at again: a hold may have been placed since the run began.
    over = _over(facet, rule, now(session))
    if over is None:
        return []
    statement = select(facet.key).where(over, not_(held_rows(facet, holds_in_force(session))))
    if last is not None:
        statement = statement.where(facet.key > last)
    return list(session.scalars(statement.order_by(facet.key).limit(CHUNK)))


__all__ = ["Line", "retention_preview", "retention_report", "run_retention"]
