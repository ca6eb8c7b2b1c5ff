"""What the rest of the city learns about cases: ids and codes, no personal data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from egovframe.core.modules.events import Event


@dataclass(frozen=True)
class CaseOpened(Event):
    """A case was opened."""

    name: ClassVar[str] = "cases.CaseOpened"
    version: ClassVar[int] = 1

    case_id: int
    type_code: str
    subject: str
    department_id: int | None


@dataclass(frozen=True)
class CaseChanged(Event):
    """An action was taken on a case; ``from_state`` equals ``to_state`` for one that leaves it in place."""

    name: ClassVar[str] = "cases.CaseChanged"
    version: ClassVar[int] = 1

    case_id: int
    type_code: str
    action: str
    from_state: str
    to_state: str
    case_version: int


@dataclass(frozen=True)
class CaseEscalated(Event):
    """A deadline has passed a threshold and somebody up the reporting line was told."""

    name: ClassVar[str] = "cases.CaseEscalated"
    version: ClassVar[int] = 1

    case_id: int
    type_code: str
    level: int


@dataclass(frozen=True)
class CasesAdopted(Event):
    """Past cases of another system were taken over, with what had become of them there."""

    name: ClassVar[str] = "cases.CasesAdopted"
    version: ClassVar[int] = 1

    type_code: str
    source: str
    count: int
