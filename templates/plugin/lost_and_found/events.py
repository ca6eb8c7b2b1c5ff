"""What this service tells others: in the past tense, with ids only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from egovframe.core.modules.events import Event


@dataclass(frozen=True)
class ItemRecorded(Event):
    """Somebody recorded a found thing."""

    name: ClassVar[str] = "lost_and_found.ItemRecorded"
    version: ClassVar[int] = 1
    item_id: int


@dataclass(frozen=True)
class ItemReturned(Event):
    """A found thing went back to its owner."""

    name: ClassVar[str] = "lost_and_found.ItemReturned"
    version: ClassVar[int] = 1
    item_id: int
