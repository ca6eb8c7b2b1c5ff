"""Verb: take over a complaint catalogue: categories, their groups and departments; a rerun changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session

from civic_participation.intake.catalogue import Catalogue, CatalogueItem, words_of_code
from civic_participation.models import Category
from egovframe.actor import Actor
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import audit
from egovframe.core.modules.organisation import Department, department_by_code, put_department

GROUP_PREFIX = "group."


@dataclass(slots=True)
class CatalogueReport:
    """What the import did: codes by outcome, and (number, code, reason) of what was refused."""

    created: list[str] = field(default_factory=list)
    updated: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    departments: list[str] = field(default_factory=list)
    refused: list[tuple[int, str, str]] = field(default_factory=list)


def import_catalogue(session: Session, actor: Actor, catalogue: Catalogue, language: str = "en") -> CatalogueReport:
    """Create or update the categories of a catalogue; departments and groups it names are made when they are new.

    What a city added by hand (hints, notices, texts in other languages) stays unless the catalogue gives it.

    Args:
        language: source language of names made from codes (groups, departments).
    """
    report = CatalogueReport(refused=list(catalogue.refused))
    known = {one.code: one for one in session.scalars(select(Category))}
    departments: dict[str, Department] = {}
    for item in catalogue.items:
        department = _department(session, actor, item.department, departments, report, language)
        group = _group(session, item.group, known, language)
        _store(session, item, known, department, group, report)
    session.flush()
    if report.created or report.updated:
        facts = {"created": len(report.created), "updated": len(report.updated)}
        audit(session, actor, "civic_participation:category:import", "civic_participation:categories", after=facts)
    return report


def _department(
    session: Session,
    actor: Actor,
    code: str,
    seen: dict[str, Department],
    report: CatalogueReport,
    language: str,
) -> Department | None:
    if not code:
        return None
    if code not in seen:
        name = Translated.from_texts(language, {language: words_of_code(code)})
        found = department_by_code(session, code)
        if found is None:
            found = put_department(session, actor, code=code, name=name).row
            report.departments.append(code)
        seen[code] = found
    return seen[code]


def _group(session: Session, path: str, known: dict[str, Category], language: str) -> Category | None:
    if not path:
        return None
    code = f"{GROUP_PREFIX}{path}"[:80]
    if code not in known:
        name = Translated.from_texts(language, {language: words_of_code(path)})
        known[code] = Category(code=code, is_group=True, name=name, position=len(known))
        session.add(known[code])
        session.flush()
    return known[code]


def _store(
    session: Session,
    item: CatalogueItem,
    known: dict[str, Category],
    department: Department | None,
    group: Category | None,
    report: CatalogueReport,
) -> None:
    category = known.get(item.code)
    wanted = {
        "department_id": department.id if department else None,
        "parent_id": group.id if group else None,
        "deadline_hours": item.hours,
        "deadline_mode": item.mode,
        "keywords": item.keywords,
        "active": item.active,
        "private": item.private,
        "staff_only": item.staff_only,
        "position": item.position,
        "name": merged(category.name if category else None, item.names),
        "hint": merged(category.hint if category else None, item.hints),
        "notice": merged(category.notice if category else None, item.notices),
    }
    if category is None:
        known[item.code] = Category(code=item.code, **wanted)
        session.add(known[item.code])
        report.created.append(item.code)
        return
    changed = {name: value for name, value in wanted.items() if getattr(category, name) != value}
    for name, value in changed.items():
        setattr(category, name, value)
    (report.updated if changed else report.unchanged).append(item.code)


def merged(present: Translated | None, texts: object) -> Translated | None:
    """Return the present text with those given put in; a new text starts in the first language given."""
    given = dict(texts) if isinstance(texts, dict) else {}
    if not given:
        return present
    if present is None:
        return Translated.from_texts(next(iter(given)), given)
    return present.with_texts(given)
