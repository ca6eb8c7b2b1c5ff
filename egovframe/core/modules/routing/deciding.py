"""The decision: from the closest answer to the widest, each step kept for the explanation; nothing is ever dropped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from egovframe.core.modules.areas import Area
from egovframe.core.modules.organisation import EVERYTHING, Department, Jurisdiction, Post, jurisdictions_for
from egovframe.core.modules.routing.conditions import area_ids, holds
from egovframe.core.modules.routing.holders import Holding, holding_of
from egovframe.core.modules.routing.queries import rules_in_force
from egovframe.core.modules.routing.values import AreaRef, Content, Decision, Matter, Rule, Step
from egovframe.core.persistence import kept

MAX_TRIES = 12
"""Offices that are tried at most: a table full of vacant posts must not make filing slow."""


def decide(session: Session, matter: Matter, *, rules: Sequence[Rule] | None = None) -> Decision:
    """Find the office and official for a matter, and say why.

    Order: jurisdiction over the closest area (several layers, the most specific first) → ordered rules → jurisdiction
    over a wider area → owner in the whole city (jurisdiction without area, else the matter's default department) →
    triage. An office that is closed, or a post that nobody holds and nobody stands in for, is passed over and
    reported in the steps.

    Args:
        session: reading or writing; nothing is written.
        matter: what to find an office for.
        rules: rules to use instead of those in force, such as a draft that is tried out.
    """
    known = rules_in_force(session, matter.at) if rules is None else list(rules)
    return _Search(session, matter, known, _table(session, [matter])).run()


def decide_each(session: Session, matters: Sequence[Matter]) -> list[Decision]:
    """Find the office for each of several matters of one instant: to compare them before anything is opened.

    Rules and jurisdictions are read once for all; each office that is found costs the statements that it costs
    ``decide``.

    Args:
        session: reading or writing; nothing is written.
        matters: not empty; ``at`` of the first one counts for all.
    """
    rules, table = rules_in_force(session, matters[0].at), _table(session, matters)
    return [_Search(session, matter, rules, table).run() for matter in matters]


def _table(session: Session, matters: Sequence[Matter]) -> Sequence[Jurisdiction]:
    """Return the jurisdictions over any of the matters' areas and subjects."""
    subjects = dict.fromkeys(subject for matter in matters for subject in matter.subjects)
    places = {area_id for matter in matters for area_id in area_ids(matter)}
    return jurisdictions_for(session, [*subjects, EVERYTHING], sorted(places), matters[0].at)


@dataclass
class _Search:
    session: Session
    matter: Matter
    rules: Sequence[Rule]
    table: Sequence[Jurisdiction]
    steps: list[Step] = field(default_factory=list)
    tried: set[tuple[str, int]] = field(default_factory=set)

    def run(self) -> Decision:
        """Try each way in its order; what no office takes goes to triage."""
        self.say_place()
        for attempt in (self.by_area, self.by_rule, self.by_wider_area, self.by_city, self.by_default, self.by_rest):
            found = attempt()
            if found is not None:
                return found
        self.note("triage")
        return Decision(None, None, None, triage=True, steps=tuple(self.steps))

    def say_place(self) -> None:
        """Note what is particular about the place, before the office that follows from it."""
        border = self.matter.border
        if border is not None:
            area, metres = border.area, border.metres
            if border.other is None:
                self.note("border_outside", area=area.name, area_id=area.id, metres=metres)
            else:
                code = "border_confirmed" if border.as_mapped else "border_chosen"
                self.note(code, area=area.name, area_id=area.id, other=border.other.name, metres=metres)
        if not self.matter.areas:
            self.note("no_place")

    def by_area(self) -> Decision | None:
        """Ask who is in charge of the subject in one of the areas around the place, the closest first."""
        for area in closest(self.matter.areas):
            for line in self.lines(area.id):
                code = "jurisdiction" if line.valid_from else "jurisdiction_undated"
                more = {"since": self.day(line.valid_from)} if line.valid_from else {}
                found = self.line(line, code, area=area.name, area_id=area.id, **more)
                if found is not None:
                    return found
        return None

    def by_rule(self) -> Decision | None:
        """Take the office of the first rule whose conditions hold."""
        for rule in self.rules:
            if holds(rule.conditions, self.matter):
                found = self.office(rule.post_id, rule.department_id, "rule", rule=rule.title, rule_id=rule.public_id)
                if found is not None:
                    return found
        return None

    def by_wider_area(self) -> Decision | None:
        """Ask who is in charge in the areas that the closest ones lie in."""
        for area_id in wider(self.matter.areas):
            lines = self.lines(area_id)
            for line in lines:
                found = self.line(line, "parent_area", area=self.area_name(area_id), area_id=area_id)
                if found is not None:
                    return found
        return None

    def by_city(self) -> Decision | None:
        """Ask who is in charge of the subject in the whole city."""
        return self.first(line for line in self.lines(None) if line.subject != EVERYTHING)

    def by_rest(self) -> Decision | None:
        """Whoever takes everything that nobody else does."""
        return self.first(line for line in self.lines(None) if line.subject == EVERYTHING)

    def first(self, lines: Iterable[Jurisdiction]) -> Decision | None:
        """Return the decision for the first of these jurisdictions whose office can act."""
        return next(filter(None, (self.line(line, "city_wide") for line in lines)), None)

    def by_default(self) -> Decision | None:
        """Take the department that owns the subject, where it names one."""
        department_id = self.matter.default_department_id
        if department_id is None:
            return None
        return self.office(None, department_id, "default_department", subject=self.title(self.matter.subject))

    def lines(self, area_id: int | None) -> list[Jurisdiction]:
        """Return the jurisdictions over exactly this area: own subject before ancestors, posts before departments."""
        order = {subject: rank for rank, subject in enumerate((*self.matter.subjects, EVERYTHING))}
        return sorted(
            (line for line in self.table if line.area_id == area_id and line.subject in order),
            key=lambda line: (order[line.subject], line.post_id is None, line.id),
        )

    def line(self, line: Jurisdiction, code: str, **params: Any) -> Decision | None:
        """Return the decision for the office of a jurisdiction, or None when it cannot act."""
        subject = self.matter.subject if line.subject == EVERYTHING else line.subject
        return self.office(line.post_id, line.department_id, code, subject=self.title(subject), **params)

    def office(self, post_id: int | None, department_id: int | None, code: str, **params: Any) -> Decision | None:
        """Return the decision for an office, or None (and a step that says so) when it cannot act."""
        target = ("post", post_id) if post_id is not None else ("department", department_id or 0)
        if target in self.tried or len(self.tried) >= MAX_TRIES:
            return None
        self.tried.add(target)
        post, department = self.held_by(post_id, department_id)
        if department is None or not _in_force(department, self.matter.at):
            self.note("skipped_closed", office=post.title if post else department.name if department else "")
            return None
        if post is None:
            self.note(code, office=department.name, department_id=department.id, **params)
            return Decision(department.id, None, None, triage=False, steps=tuple(self.steps))
        held = holding_of(self.session, post, self.matter.at)
        if held is None:
            self.note("skipped_vacant", office=post.title, post_id=post.id)
            return None
        self.note(code, office=post.title, post_id=post.id, **params)
        return self.decided(held, department.id)

    def held_by(self, post_id: int | None, department_id: int | None) -> tuple[Post | None, Department | None]:
        """Return the post and its department, or the department alone."""
        if post_id is None:
            return None, self.session.get(Department, department_id) if department_id is not None else None
        found = self.session.execute(_post_and_department(), {"number": post_id}).one_or_none()
        return (found[0], found[1]) if found else (None, None)

    def decided(self, held: Holding, department_id: int) -> Decision:
        """Return the decision for whoever works in the place of a post: its holder, or a substitute."""
        self.steps.append(held.step)
        return Decision(department_id, held.post_id, held.account_id, triage=False, steps=tuple(self.steps))

    def day(self, instant: datetime) -> str:
        """Return the local date in ISO 8601."""
        return instant.astimezone(self.matter.zone).date().isoformat()

    def note(self, code: str, **params: Any) -> None:
        """Add a step to the explanation."""
        self.steps.append(Step(code, params))

    def title(self, subject: str) -> Content:
        """Return what a subject is called, or its code."""
        return self.matter.titles.get(subject, subject)

    def area_name(self, area_id: int) -> Any:
        """Return the translated name of an area; empty for one that is gone."""
        known = next((area.name for area in self.matter.areas if area.id == area_id), None)
        if known is not None:
            return known
        area = self.session.get(Area, area_id)
        return area.name if area else ""


@kept
def _post_and_department() -> Select[Post, Department]:
    both = select(Post, Department).join(Department, Department.id == Post.department_id)
    return both.where(Post.id == bindparam("number"))


def closest(areas: Iterable[AreaRef]) -> list[AreaRef]:
    """Return the areas that are no ancestor of another one, the most specific first: later layers before earlier."""
    listed = list(areas)
    above = {one for area in listed for one in area.parent_ids}
    return [area for area in reversed(listed) if area.id not in above]


def wider(areas: Iterable[AreaRef]) -> list[int]:
    """Return the ids of the ancestors of the closest areas, the nearest first, each once."""
    return list(dict.fromkeys(one for area in closest(areas) for one in area.parent_ids))


def _in_force(department: Department, at: datetime) -> bool:
    begun = department.valid_from is None or department.valid_from <= at
    return begun and (department.valid_until is None or at < department.valid_until)
