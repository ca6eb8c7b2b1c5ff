"""What the hook ``retention_rules`` answers with: the rule that a room or a plugin proposes for a retention code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from egovframe.errors import Text

CODE = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class Retention:
    """A default for one retention code; the city's own dated rules come after it.

    Args:
        code: as ``personal(retention=…)`` names it.
        keep_days: days after the instant; None keeps until the person asks.
        since: name of the instant: ``created``, or a clock declared with ``subjects(clocks=…)``. While it has not
            come (an open case), everything stays.
        action: ``erase`` or ``sever``: what happens when the time is over.
        on_request: ``erase``, ``sever`` or ``keep``: what a person's own request does before that.
        law: the law that demands it, as it is cited.
        counted_from: the instant in words, for administrators: "the day the case was closed".
        setting: key of a declared setting that holds the days, such as ``civic_participation.draft_days``: then it
            alone says how long, and ``keep_days`` is only what a rule is begun with.
    """

    code: str
    keep_days: int | None = None
    since: str = "created"
    action: Literal["erase", "sever"] = "erase"
    on_request: Literal["erase", "sever", "keep"] = "erase"
    law: str = ""
    counted_from: Text = ""
    setting: str = ""

    def __post_init__(self) -> None:
        if not CODE.fullmatch(self.code) or not CODE.fullmatch(self.since):
            raise TypeError(f"Retention: {self.code!r} and {self.since!r} are codes of lower-case letters")
        if self.action not in {"erase", "sever"} or self.on_request not in {"erase", "sever", "keep"}:
            raise TypeError(f"Retention {self.code}: action is erase or sever; on_request erase, sever or keep")
        if self.keep_days is not None and (isinstance(self.keep_days, bool) or self.keep_days < 0):
            raise TypeError(f"Retention {self.code}: keep_days is {self.keep_days!r}")


@dataclass(frozen=True, slots=True)
class Obstacle:
    """What stands in the way of erasing an account, in words that its person reads."""

    text: Text

    def __post_init__(self) -> None:
        if not str(self.text).strip():
            raise TypeError("Obstacle.text is empty")
