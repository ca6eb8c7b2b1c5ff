"""What one request, command or job has seen of people's data, until it is written down."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import inspect
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.persistence import SYSTEM_ERRAND, Database, Errand, unit_of

UNSTATED = "unstated"
"""Purpose of a look that the code gave no purpose for."""


class Unknown:
    """The person of a row whose subject column was not read along: looked up when the look is written."""


UNKNOWN = Unknown()
Subject = int | None | Unknown


@dataclass(slots=True)
class Seen:
    """One row that was looked at.

    Attributes:
        account_id: the person's account; None while the row stands for the person itself.
        columns: the personal columns that were read.
    """

    account_id: Subject
    columns: set[str] = field(default_factory=set)


Recorder = Callable[["Looking", Database], None]


class Looking(Errand):
    """An errand whose looks are recorded.

    Args:
        viewer: who reads, or a function that says so once it is known.
        route: the route's pattern, the command or the job.
        purpose: code of the purpose; ``state_purpose`` says it later.
        at_unit_end: whether the record is written whenever a unit ends (commands and jobs; requests do it once).
    """

    watched = True

    def __init__(
        self,
        viewer: Actor | Callable[[], Actor],
        *,
        route: str = "",
        purpose: str = "",
        reason: str = "",
        thing: str = "",
        at_unit_end: bool = False,
    ) -> None:
        self._viewer = viewer
        self.route = route
        self.purpose = purpose
        self.reason = reason
        self.thing = thing
        self.occasion = ""
        """What was read for, where values that are masked were not asked for; goes with what was noted."""
        self.noted = ""
        """What ``note_read`` was about; empty when it was about several things."""
        self.at_unit_end = at_unit_end
        self.masked = False
        """Set when no record can be written: pages then show dots."""
        self.rows: dict[tuple[str, str], Seen] = {}
        self.searches: set[str] = set()

    @property
    def viewer(self) -> Actor | None:
        """Who reads."""
        if callable(self._viewer):
            self._viewer = self._viewer()
        return self._viewer

    def change_hands(self, viewer: Callable[[], Actor]) -> None:
        """Let what is seen from now on be another's; what was seen before is written down by now."""
        self._viewer = viewer

    @property
    def pending(self) -> bool:
        """Whether something was seen that is not written down."""
        return bool(self.rows or self.searches)

    def forget(self) -> None:
        """Forget what was seen: it is written down, or will not be shown."""
        self.rows.clear()
        self.searches.clear()
        self.occasion = self.noted = ""

    def saw(self, table: str, row: str, account_id: Subject, columns: set[str]) -> None:
        """Note that columns of a row were read."""
        seen = self.rows.setdefault((table, row), Seen(account_id))
        if isinstance(seen.account_id, Unknown):
            seen.account_id = account_id
        seen.columns |= columns

    def searched(self, columns: frozenset[str]) -> None:
        """Note that rows were chosen or sorted by personal columns."""
        self.searches |= columns

    def unit_ended(self, database: Database) -> None:
        """Write down what was seen, where that is done unit by unit."""
        if self.at_unit_end and self.pending:
            # The recorder needs what is declared here.
            from egovframe.core.modules.privacy.recording import write_down  # noqa: PLC0415

            write_down(self, database)


class Unwatched(Errand):
    """Reading that shows nothing to the viewer of the unit; remembers what it loaded so that it can be put away."""

    def __init__(self) -> None:
        self.loaded: list[tuple[Any, set[str]]] = []


def state_purpose(session: Session, code: str, *, thing: str = "", reason: str = "") -> None:
    """Say what the reader of this session is about to look at personal data for, and thereby ask for the values.

    Args:
        code: of a declared purpose (``declare_purpose``).
        thing: what it is about, such as ``case:SB-2026-000123-4``.
        reason: in the reader's own words, where the purpose asks for them.
    """
    errand = unit_of(session).errand
    if isinstance(errand, Looking):
        errand.purpose, errand.thing, errand.reason = code, thing, reason


def note_read(
    session: Session, row: Any, account_id: int | None, columns: Collection[str], *, occasion: str, thing: str
) -> None:
    """Note that a row was read which people handed in to be read, but not by everybody: it is a look as well.

    Args:
        session: of any unit; where nobody reads (a job of the system) nothing is noted.
        row: with an ``id``; its columns are declared ``openly``.
        account_id: the person's account, or None.
        columns: the columns that were shown.
        occasion: code of a declared purpose, for the record; unlike ``state_purpose`` it asks for no masked value.
        thing: what it is about, such as ``case:SB-2026-000123-4``.
    """
    errand = unit_of(session).errand
    if isinstance(errand, Looking):
        errand.saw(row.__tablename__, str(row.id), account_id, set(columns))
        errand.noted = thing if errand.noted == thing or not errand.occasion else ""
        errand.occasion = occasion


def purpose_stated(session: Session) -> bool:
    """Whether values have been asked for and can be recorded: else pages show dots."""
    errand = unit_of(session).errand
    if isinstance(errand, Looking):
        return bool(errand.purpose) and not errand.masked
    return not errand.refuses


def is_held_back(session: Session) -> bool:
    """Whether values are not shown because no record of a look can be written at the moment."""
    errand = unit_of(session).errand
    return isinstance(errand, Looking) and errand.masked


@contextmanager
def by_the_system(session: Session) -> Iterator[None]:
    """Read personal columns to do work with them (address a message), not to show them to whoever asks.

    What rows were loaded with is put away at the end of the block, of rows that were expunged as well. Values that the
    block took out of rows, or selected as columns, stay with the code: take what the work needs, and give it to nobody.
    """
    unit, errand = unit_of(session), Unwatched()
    outer, unit.errand = unit.errand, errand
    try:
        yield
    finally:
        unit.errand = outer
        if outer.watched:
            _put_away(session, errand)


@contextmanager
def by_the_person(session: Session) -> Iterator[None]:
    """Read the personal columns of somebody who has shown to be the person without being signed in.

    For tracking codes, one-time links and the secret addresses of drafts. Whoever is signed in needs no such block:
    what one reads of oneself leaves no record anyway.
    """
    unit = unit_of(session)
    outer, unit.errand = unit.errand, SYSTEM_ERRAND
    try:
        yield
    finally:
        unit.errand = outer


@contextmanager
def by_order_of(session: Session, actor: Actor, purpose: str, *, thing: str = "", reason: str = "") -> Iterator[None]:
    """Read in a job's unit on somebody's order (an export): recorded with the job's own change, when the block ends.

    A job that opens units itself runs ``with on_errand(Looking(actor, purpose=…, at_unit_end=True))`` instead.
    """
    from egovframe.core.modules.privacy.recording import write_into  # noqa: PLC0415 - as above

    unit, errand = unit_of(session), Looking(actor, route="job", purpose=purpose, thing=thing, reason=reason)
    outer, unit.errand = unit.errand, errand
    try:
        yield
        unit.errand = outer
        write_into(session, errand)
    finally:
        unit.errand = outer


def _put_away(session: Session, errand: Unwatched) -> None:
    for state, names in errand.loaded:
        row = state.obj()
        if row is None:
            continue
        unchanged = [name for name in names if not inspect(row).attrs[name].history.has_changes()]
        if row not in session:  # taken out of the session meanwhile: the values go, and nobody loads them again
            for name in unchanged:
                state.dict.pop(name, None)
        elif unchanged:
            session.expire(row, unchanged)


__all__ = [
    "SYSTEM",
    "UNKNOWN",
    "UNSTATED",
    "Looking",
    "Seen",
    "Unknown",
    "by_order_of",
    "by_the_person",
    "by_the_system",
    "is_held_back",
    "note_read",
    "purpose_stated",
    "state_purpose",
]
