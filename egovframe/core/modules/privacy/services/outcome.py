"""Reads: what an erasure did and what had to stay, as its person is told afterwards."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.modules.privacy.keeping.models import Erasure
from egovframe.core.modules.privacy.plan import Stay
from egovframe.core.modules.privacy.services.people import public_id_of
from egovframe.core.modules.privacy.subjects import ACCOUNTS, Subject, facets


@dataclass(frozen=True, slots=True)
class Gone:
    """What went of one kind of record: rows erased, and rows that lost every link to the person."""

    title: Any
    erased: int
    severed: int


@dataclass(frozen=True, slots=True)
class Kept:
    """What stays of one kind of record: how many rows for which reason."""

    title: Any
    stays: Mapping[Stay, int]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a request to be erased when it was carried out last.

    Attributes:
        public_id: of the request, by which it is found again.
        requested_at: when it was made first.
        account_stays: whether the account is among what stays, so that its person can go on signing in.
    """

    public_id: str
    requested_at: datetime
    gone: Sequence[Gone]
    kept: Sequence[Kept]
    account_stays: bool


def outcome_of(session: Session, subject: Subject) -> Outcome | None:
    """Return what became of a person's request, or None when there was none."""
    name = public_id_of(session, subject)
    row = session.scalar(select(Erasure).where(Erasure.kind == subject.kind, Erasure.subject == name))
    return None if row is None else _outcome(row)


def outcome_named(session: Session, public_id: str) -> Outcome | None:
    """Return what became of the request with a public id, or None when there is none."""
    row = session.scalar(select(Erasure).where(Erasure.public_id == public_id))
    return None if row is None else _outcome(row)


def _outcome(row: Erasure) -> Outcome:
    titles = {facet.name: facet.sheet.title or facet.table.name for facet in facets()}
    # Of a plugin that is away only the name of its records is left.
    told = [(name, titles.get(name, name), counts) for name, counts in row.counts.items()]
    return Outcome(
        row.public_id,
        row.requested_at,
        [Gone(title, one["erased"], one["severed"]) for _name, title, one in told if one["erased"] or one["severed"]],
        [Kept(title, _stays(one)) for _name, title, one in told if one.get("stays")],
        any(name.startswith(f"{ACCOUNTS}.") and one["kept"] > 0 for name, _title, one in told),
    )


def _stays(counts: Mapping[str, Any]) -> dict[Stay, int]:
    return {
        Stay(one["why"], one["until"] and datetime.fromisoformat(one["until"]), one["law"]): one["rows"]
        for one in counts["stays"]
    }


__all__ = ["Gone", "Kept", "Outcome", "outcome_named", "outcome_of"]
