"""How every benchmark here prints: the figure beside its target and, where there is one, its peer in the same run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured value.

    Attributes:
        name: what was measured.
        value: the median, or what the name says.
        unit: ms, MB, 1/s …
        target: the bound; None where there is none.
        at_least: the target is a lower bound (rates) instead of an upper one (times, sizes).
        peer: what stands beside it, such as ``bare Flask 0.4 ms``.
    """

    name: str
    value: float
    unit: str
    target: float | None = None
    at_least: bool = False
    peer: str = ""

    @property
    def holds(self) -> bool:
        """Whether the target is met; without one, yes."""
        if self.target is None:
            return True
        return self.value >= self.target if self.at_least else self.value <= self.target

    def __str__(self) -> str:
        line = f"{self.name:<52} {self.value:>9.2f} {self.unit:<4}"
        if self.target is not None:
            sign = "≥" if self.at_least else "≤"
            line += f" target {sign} {self.target:g} {self.unit} {'ok' if self.holds else 'MISSED'}"
        return f"{line} | {self.peer}" if self.peer else line


def report(figures: Sequence[Figure]) -> int:
    """Print the figures and return the exit code: 1 when a target is missed."""
    for figure in figures:
        print(figure, flush=True)
    return 0 if all(figure.holds for figure in figures) else 1


def percentile(values: Sequence[float], share: float) -> float:
    """Return the value below which the share (0 to 1) of the values lies (nearest rank)."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, round(share * (len(ordered) - 1)))]
