"""Loans of rights in words, for pages: posts and places, never names."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time

from sqlalchemy.orm import Session

from egovframe.core.auth import Delegation
from egovframe.core.i18n import LocalText, city_zone
from egovframe.core.modules.organisation.deputies import seats
from egovframe.core.modules.organisation.places import places_of


@dataclass(frozen=True, slots=True)
class LoanView:
    """A loan as it is listed: the role, where it holds, who has it from whom (posts, never names), when."""

    loan: Delegation
    role: LocalText
    places: tuple[str, ...]
    lender: str
    delegate: str


def midnight(day: date) -> datetime:
    """Return the beginning of a day in the city."""
    return datetime.combine(day, time(), tzinfo=city_zone())


def loan_views(session: Session, found: Sequence[Delegation], at: datetime) -> list[LoanView]:
    """Return loans in words, with a fixed number of statements."""
    titles: dict[int, str] = {}
    for seat in seats(session, at):
        titles.setdefault(seat.account_id, str(seat.post.title.pick().text))
    places = places_of(session, [loan.grant.pairs for loan in found])
    return [
        LoanView(
            loan=loan,
            role=loan.grant.role.title.pick(),
            places=tuple(str(places[pair].name) for pair in sorted(loan.grant.pairs)),
            lender=titles.get(loan.grant.account_id, ""),
            delegate=titles.get(loan.delegate_id, ""),
        )
        for loan in found
    ]
