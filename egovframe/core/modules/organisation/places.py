"""Scopes of grants in words: the departments and areas that their pairs name."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import Scope
from egovframe.core.i18n import Translated
from egovframe.core.modules.areas import Area
from egovframe.core.modules.organisation.models import Department


@dataclass(frozen=True, slots=True)
class Place:
    """One pair of a scope: its kind, the code that ``parse_scope`` takes, and its name for people."""

    kind: str
    code: str
    name: Translated | str

    @property
    def text(self) -> str:
        """The pair as the command line takes it: ``department=roads``."""
        return f"{self.kind}={self.code}"


def places_of(session: Session, scopes: Iterable[Scope]) -> dict[tuple[str, int], Place]:
    """Return every pair of the scopes as a place, with two statements at most; what is gone keeps its number."""
    pairs = {pair for scope in scopes for pair in scope}
    found = {pair: Place(pair[0], str(pair[1]), str(pair[1])) for pair in pairs}
    departments = [identity for kind, identity in pairs if kind == "department"]
    areas = [identity for kind, identity in pairs if kind == "area"]
    if departments:
        for department in session.scalars(select(Department).where(Department.id.in_(departments))):
            found["department", department.id] = Place("department", department.code, department.name)
    if areas:
        for area in session.scalars(select(Area).where(Area.id.in_(areas))):
            found["area", area.id] = Place("area", f"{area.layer.code}:{area.code}", area.name)
    return found
