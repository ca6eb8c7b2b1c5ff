"""Verb: take over past cases of another system, routed like new ones, with their history; a rerun adds nothing."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.intake.past_cases import PastCase, Unusable, parse_line
from civic_participation.intake.tables import Line
from civic_participation.models import Category, Complaint
from civic_participation.queries.categories import ancestors
from civic_participation.services.filing import CASE_TYPE, title_of
from egovframe.actor import Actor
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import Area, area_by_code, has_boundaries, put_named_area
from egovframe.core.modules.cases import Adoption, Case, Ending, adopt_cases, find_imported, is_overdue
from egovframe.core.modules.organisation import Department, department_by_code, put_department
from egovframe.core.modules.routing import AreaRef, Decision, Matter, area_refs, areas_at, decide
from egovframe.core.persistence import WORKER, Database, now

BATCH = 500
AREA_LAYER = "neighbourhood"
DEFAULT_HOURS = 72


@dataclass(slots=True)
class HistoryReport:
    """What an import did.

    Attributes:
        created, known: cases taken over, and those that were there before.
        by_state: how many of the new ones are open, closed, overdue.
        made: how many departments, categories and areas were made from the rows.
        triage: (line, id, reason) of cases that nobody was found for.
        refused: (line, id, reason) of lines that became no case.
    """

    created: int = 0
    known: int = 0
    by_state: Counter[str] = field(default_factory=Counter)
    made: Counter[str] = field(default_factory=Counter)
    triage: list[tuple[int, str, str]] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class HistorySource:
    """How to read the rows.

    Args:
        name: of the other system; with the row's own id it makes a case unique.
        columns: field → heading.
        zone: of instants that carry none.
        language: of the texts.
        create_missing: make departments, categories and areas that the city does not know.
    """

    name: str
    columns: Mapping[str, str]
    zone: ZoneInfo
    language: str = "en"
    create_missing: bool = False


def import_history(
    database: Database,
    actor: Actor,
    lines: Iterable[Line],
    source: HistorySource,
    progress: Callable[[int], None] = lambda done: None,
) -> HistoryReport:
    """Take over the cases of a file, some hundred in each transaction, so that memory stays bounded.

    Args:
        progress: called with the number of lines dealt with.
    """
    report = HistoryReport()
    seen: dict[str, int] = {}
    done = 0
    rows = iter(lines)
    while batch := list(islice(rows, BATCH)):
        cases = list(_usable(batch, source, seen, report))
        with database.writing(WORKER) as session:
            _Importer(session, actor, source, report).run(cases)
        done += len(batch)
        progress(done)
    return report


def _usable(
    batch: Iterable[Line], source: HistorySource, seen: dict[str, int], report: HistoryReport
) -> Iterator[PastCase]:
    for line in batch:
        try:
            case = parse_line(line, source.columns, source.zone)
        except Unusable as error:
            report.refused.append((line.number, line.cells.get(source.columns["id"], ""), str(error)))
            continue
        if case.source_id in seen:
            earlier = seen[case.source_id]
            report.refused.append((line.number, case.source_id, f"its id stands already in line {earlier}"))
            continue
        seen[case.source_id] = line.number
        yield case


class _Importer:
    """Takes over one batch; what it looks up is kept for the batch only."""

    def __init__(self, session: Session, actor: Actor, source: HistorySource, report: HistoryReport) -> None:
        self.session = session
        self.actor = actor
        self.source = source
        self.report = report
        self.at = now(session)
        self.boundaries = has_boundaries(session)
        self.above: dict[int, list[Category]] = {}
        self.points: dict[tuple[float | None, float | None], tuple[AreaRef, ...]] = {}
        self.categories = {
            one.code: one for one in session.scalars(select(Category).where(Category.is_group.is_(False)))
        }
        self.by_name = {_key(text): one for one in self.categories.values() for text in one.name.text.values()}
        self.groups: dict[str, Category] = {
            one.code: one for one in session.scalars(select(Category).where(Category.is_group.is_(True)))
        }
        self.departments: dict[str, Department | None] = {}
        self.areas: dict[str, Area | None] = {}
        self.decisions: dict[tuple[object, ...], Decision] = {}

    def run(self, cases: list[PastCase]) -> None:
        """Adopt those that are new."""
        present = find_imported(self.session, self.source.name, [case.source_id for case in cases])
        self.report.known += len(present)
        fresh = [past for past in cases if past.source_id not in present]
        filed = [(past, category) for past in fresh if (category := self.known_category(past)) is not None]
        adoptions = [self.adoption(past, category) for past, category in filed]
        adopted = adopt_cases(self.session, self.actor, CASE_TYPE, adoptions)
        for (past, category), case in zip(filed, adopted, strict=True):
            self.session.add(
                Complaint(
                    case_id=case.id,
                    category_id=category.id,
                    description=past.description or past.title,
                    source_category=past.category,
                )
            )
            self.count(past, case)

    def known_category(self, past: PastCase) -> Category | None:
        """Return the category, or None after reporting the line."""
        category = self.category(past)
        if category is None:
            reason = f"its category {past.category!r} is not known here; import the catalogue or --create-missing"
            self.report.refused.append((past.line, past.source_id, reason))
        return category

    def adoption(self, past: PastCase, category: Category) -> Adoption:
        """Return the case as it was, routed as if it came now."""
        matter, decision = self.route(past, category)
        ended = past.closed or past.due or past.opened
        return Adoption(
            matter=matter,
            decision=decision,
            title=title_of(past.title),
            language=self.source.language,
            received_at=past.opened,
            external=(self.source.name, past.source_id),
            latitude=past.latitude,
            longitude=past.longitude,
            address=past.address,
            is_private=category.private,
            due_at=past.due,
            due_hours=category.deadline_hours,
            ending=Ending("resolved", max(ended, past.opened), past.resolution) if past.is_closed else None,
        )

    def count(self, past: PastCase, case: Case) -> None:
        """Note what became of a line."""
        self.report.created += 1
        self.report.by_state["closed" if past.is_closed else "open"] += 1
        self.report.by_state["overdue"] += is_overdue(case, self.at)
        if case.is_triage:
            self.report.triage.append((past.line, past.source_id, self.why_triage(past)))

    def route(self, past: PastCase, category: Category) -> tuple[Matter, Decision]:
        """Ask the same rules as for a new complaint; the row's own department owns it where nothing else says so."""
        areas = self.place(past)
        department = self.department(past)
        if category.id not in self.above:
            self.above[category.id] = ancestors(self.session, category)
        above = self.above[category.id]
        matter = Matter(
            subject=category.code,
            parents=tuple(one.code for one in above),
            areas=areas,
            at=self.at,
            channel=past.channel,
            titles={one.code: one.name for one in (category, *above)},
            default_department_id=department.id if department else category.department_id,
        )
        key = (category.id, tuple(area.id for area in areas), past.channel, matter.default_department_id)
        if key not in self.decisions:
            self.decisions[key] = decide(self.session, matter)
        return matter, self.decisions[key]

    def place(self, past: PastCase) -> tuple[AreaRef, ...]:
        """Return the areas by the point where the city has borders, else by the row's own name for the area."""
        if self.boundaries:
            point = (past.latitude, past.longitude)
            if point not in self.points:
                self.points[point] = areas_at(self.session, *point)
            return self.points[point]
        area = self.area(past.area)
        return area_refs(self.session, [area]) if area is not None else ()

    def area(self, name: str) -> Area | None:
        """Return the area of a row by its name, made when it is new and may be made."""
        if not name:
            return None
        if name not in self.areas:
            code = _code(name, 60)
            found = area_by_code(self.session, AREA_LAYER, code)
            if found is None and self.source.create_missing:
                found, _is_new = put_named_area(self.session, self.actor, AREA_LAYER, code, self.words(name))
                self.report.made["areas"] += 1
            self.areas[name] = found
        return self.areas[name]

    def department(self, past: PastCase) -> Department | None:
        """Return the department of a row by its code, made when it is new and may be made."""
        code = _code(past.department, 60)
        if not code:
            return None
        if code not in self.departments:
            found = department_by_code(self.session, code)
            if found is None and self.source.create_missing:
                name = self.words(past.department_name or past.department)
                found = put_department(self.session, self.actor, code=code, name=name).row
                self.report.made["departments"] += 1
            self.departments[code] = found
        return self.departments[code]

    def category(self, past: PastCase) -> Category | None:
        """Return the category of a row by code or name, made when it is new and may be made."""
        found = self.categories.get(past.category) or self.by_name.get(_key(past.category))
        if found is not None or not self.source.create_missing:
            return found
        department = self.department(past)
        fresh = Category(
            code=self.free_code(past.category),
            name=self.words(past.category),
            parent_id=self.group(past.category_group),
            department_id=department.id if department else None,
            deadline_hours=_hours(past),
            position=len(self.categories) + 1,
        )
        self.session.add(fresh)
        self.session.flush()
        self.categories[fresh.code] = self.by_name[_key(past.category)] = fresh
        self.report.made["categories"] += 1
        return fresh

    def group(self, name: str) -> int | None:
        """Return the id of a group of categories by its name, made when it is new."""
        code = f"group.{_code(name, 70)}"
        if not name:
            return None
        if code not in self.groups:
            self.groups[code] = Category(code=code, name=self.words(name), is_group=True, position=len(self.groups))
            self.session.add(self.groups[code])
            self.session.flush()
        return self.groups[code].id

    def words(self, text: str) -> Translated:
        """Return a text of the rows as translated content."""
        return Translated.from_texts(self.source.language, {self.source.language: text[:200]})

    def free_code(self, name: str) -> str:
        """Return a code for a category's name that no other category has."""
        base = _code(name, 70) or "category"
        codes = (base if number == 1 else f"{base}-{number}" for number in range(1, 10_000))
        return next(code for code in codes if code not in self.categories)

    def why_triage(self, past: PastCase) -> str:
        """Say why nobody was found."""
        if not past.department:
            return "the line names no department, and neither do jurisdictions, rules or the category"
        if self.departments.get(_code(past.department, 60)) is None:
            return f"its department {past.department!r} is not known here; import the organisation or --create-missing"
        return f"nobody was found for {past.category!r}"


def _hours(past: PastCase) -> int:
    """Return the category's hours as the row's own target says, the usual three days without one."""
    if past.due is None or past.due <= past.opened:
        return DEFAULT_HOURS
    return max(1, round((past.due - past.opened).total_seconds() / 3600))


def _key(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _code(text: str, length: int) -> str:
    """Return a code for a name: ASCII letters and digits with hyphens; other scripts become their code points."""
    decomposed = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(c if c.isascii() else "" if unicodedata.combining(c) else f"-{ord(c):x}" for c in decomposed)
    return re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:length].rstrip("-")
