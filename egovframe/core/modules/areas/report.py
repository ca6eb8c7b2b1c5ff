"""What an import works with and what it says in the end."""

from __future__ import annotations

from dataclasses import dataclass, field

from egovframe.core.modules.areas.reading import Feature, Refusal
from egovframe.core.modules.areas.shapes import Drawn


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do.

    Attributes:
        layer: code of the layer.
        created, updated, unchanged: numbers of areas.
        retired: areas that the file no longer has (only when replacing).
        homeless: codes of areas for which the parent layer has no area at their middle.
        refused: features that were not taken, with the reason.
        applied: whether it is stored; False for a trial, and when something was refused and nothing may be skipped.
    """

    layer: str
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    homeless: tuple[str, ...] = ()
    refused: tuple[Refusal, ...] = ()
    applied: bool = False


@dataclass(frozen=True, slots=True)
class Prepared:
    """Features that were read, checked and drawn, ready to be stored quickly."""

    features: tuple[tuple[Feature, Drawn], ...]
    refused: tuple[Refusal, ...]


@dataclass(slots=True)
class Counts:
    """What an import has done so far: numbers of areas, and codes of those for which no parent was found."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    retired: int = 0
    homeless: list[str] = field(default_factory=list)

    @property
    def changed(self) -> int:
        """How many areas are no longer what they were: created, updated or retired."""
        return self.created + self.updated + self.retired

    def report(self, layer: str, refused: tuple[Refusal, ...], *, applied: bool) -> ImportReport:
        """Return the final report."""
        return ImportReport(
            layer,
            self.created,
            self.updated,
            self.unchanged,
            self.retired,
            tuple(self.homeless),
            refused,
            applied,
        )
