"""Versions of case types: published once, kept for ever, read from memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Select, bindparam, select, tuple_
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.cases.definition import CaseTypeError, Definition, canonical, load_definition
from egovframe.core.modules.cases.models import Case, CaseType
from egovframe.core.persistence import kept, now, quick_rows, unit_of
from egovframe.errors import NotFound

PUBLISHING = "cases.publishing"
"""Marks a session that has published versions: they may still be rolled back, so nothing it reads is remembered."""


class _Known:
    """The definitions that one database's process has read: a version never changes once it is committed."""

    def __init__(self) -> None:
        self.definitions: dict[tuple[str, int], Definition] = {}


def read_definitions(paths: Iterable[Path]) -> list[Definition]:
    """Read the files that the hook ``case_types`` names.

    Raises:
        CaseTypeError: lists the problems of every file at once, and types or reference patterns that clash.
    """
    found: list[Definition] = []
    problems: list[str] = []
    for path in paths:
        try:
            found.append(load_definition(path))
        except CaseTypeError as error:
            problems += [f"{path.name}: {problem}" for problem in error.problems]
    for attribute in ("code", "reference"):
        values = [getattr(definition, attribute) for definition in found]
        problems += [
            f"two case types share the {attribute} {value}" for value in set(values) if values.count(value) > 1
        ]
    if problems:
        raise CaseTypeError("Some case types cannot be used:", problems)
    return found


def publish_types(session: Session, definitions: Iterable[Definition], actor: Actor = SYSTEM) -> list[CaseType]:
    """Store a new version of each definition that differs from the latest one stored; return those that are new.

    Cases that are open keep the version they began with.
    """
    published = []
    session.info[PUBLISHING] = True
    for definition in definitions:
        latest = latest_type(session, definition.code)
        if latest is not None and latest.digest == definition.digest:
            continue
        fresh = CaseType(
            code=definition.code,
            version=latest.version + 1 if latest else 1,
            body=canonical(definition.raw),
            digest=definition.digest,
            created_at=now(session),
        )
        session.add(fresh)
        session.flush()
        audit(session, actor, "cases:type:publish", f"case_type:{fresh.code}", after={"version": fresh.version})
        published.append(fresh)
    return published


def latest_type(session: Session, code: str) -> CaseType | None:
    """Return the newest version of a type, or None."""
    return session.scalars(_latest(), {"wanted": code}).one_or_none()


@kept
def _latest() -> Select[CaseType]:
    return select(CaseType).where(CaseType.code == bindparam("wanted")).order_by(CaseType.version.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class CurrentType:
    """The version of a type that new cases get."""

    code: str
    version: int
    definition: Definition


def current_type(session: Session, code: str) -> CurrentType:
    """Return the version that new cases get; raise NotFound when the type was never published."""
    for row in quick_rows(session, _newest(), {"wanted": code}):
        return CurrentType(code, row.type_version, definitions_of(session, [row])[code, row.type_version])
    raise NotFound(_("This city has no cases of the kind “%(code)s”.", code=code))


@kept
def _newest() -> Select[str, int]:
    version = CaseType.version.label("type_version")
    statement = select(CaseType.code.label("type_code"), version).where(CaseType.code == bindparam("wanted"))
    return statement.order_by(version.desc()).limit(1)


def definition_of(session: Session, case: Case) -> Definition:
    """Return the definition that a case lives by: of the version it began with."""
    return definitions_of(session, [case])[case.type_code, case.type_version]


def definitions_of(session: Session, cases: Iterable[Any]) -> dict[tuple[str, int], Definition]:
    """Return the definitions of several cases (or rows with their type) by (code, version), mostly from memory."""
    wanted = {(case.type_code, case.type_version) for case in cases}
    known = unit_of(session).database.service(_Known).definitions
    missing = sorted(wanted - known.keys())
    if not missing:
        return {key: known[key] for key in wanted}
    statement = select(CaseType).where(tuple_(CaseType.code, CaseType.version).in_(missing))
    found = {(row.code, row.version): row.definition for row in session.scalars(statement)}
    if PUBLISHING not in session.info:
        known.update(found)
    return {**{key: known[key] for key in wanted & known.keys()}, **found}


def all_types(session: Session) -> list[CaseType]:
    """Return the newest version of every type, by code."""
    statement = select(CaseType).order_by(CaseType.code, CaseType.version)
    return list({row.code: row for row in session.scalars(statement)}.values())
