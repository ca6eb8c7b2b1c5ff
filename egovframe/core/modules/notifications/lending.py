"""Messages about rights that are lent: whose they are and who has them are both told, whoever arranged it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from egovframe.core.auth import Account, Delegation, RoleGrant
from egovframe.core.i18n import Translated
from egovframe.core.modules.events import EventHandler, Told
from egovframe.core.modules.notifications.services import notify
from egovframe.core.modules.organisation import places_of, posts_of

Texts = dict[str, str]
"""A text by language, the source first, as a message carries it; empty when there is none."""


def lent(session: Session, told: Told) -> None:
    """Tell the delegate what they may do now and for whom, and the lender who stands in for them."""
    made = _loans(session, told.data["loan_ids"])
    lender, delegate = told.data["lender_id"], told.data["delegate_id"]
    if not made:
        return
    arranged = session.get_one(Account, lender).public_id != told.actor.partition(":")[2]
    facts = _facts(session, told, made) | {
        "begins": made[0].valid_from.isoformat(),
        "ends": made[0].valid_until.isoformat(),
        "by_somebody_else": arranged,
    }
    _tell(session, told, delegate, "auth.lent", facts)
    _tell(session, told, lender, "auth.lent_by", facts)


def ended(session: Session, told: Told) -> None:
    """Tell both that a loan has ended before its time."""
    found = _loans(session, [told.data["loan_id"]])
    if found:
        facts = _facts(session, told, found)
        _tell(session, told, told.data["delegate_id"], "auth.loan_ended", facts)
        _tell(session, told, told.data["lender_id"], "auth.loan_ended_by", facts)


HANDLERS: Mapping[str, EventHandler] = {"auth.RightsLent@1": lent, "auth.LoanEnded@1": ended}


def _loans(session: Session, ids: Collection[int]) -> list[Delegation]:
    whole = joinedload(Delegation.grant).joinedload(RoleGrant.role)
    found = session.scalars(select(Delegation).where(Delegation.id.in_(sorted(ids))).options(whole))
    return sorted(found, key=lambda loan: loan.id)


def _facts(session: Session, told: Told, found: list[Delegation]) -> dict[str, Any]:
    places = places_of(session, [loan.grant.pairs for loan in found])
    return {
        "lender": _post(session, told.data["lender_id"], told),
        "delegate": _post(session, told.data["delegate_id"], told),
        "roles": [
            {
                "title": _texts(loan.grant.role.title),
                "places": [_texts(places[pair].name) for pair in sorted(loan.grant.pairs)],
            }
            for loan in found
        ],
    }


def _post(session: Session, account_id: int, told: Told) -> Texts:
    posts = posts_of(session, account_id, told.occurred_at)
    return _texts(posts[0].title) if posts else {}


def _texts(text: Translated | str) -> Texts:
    if isinstance(text, str):
        return {"en": text}
    return {language: text.text[language] for language in text.languages}


def _tell(session: Session, told: Told, account: int, kind: str, facts: Mapping[str, Any]) -> None:
    notify(session, f"auth.account:{account}", kind, f"account:{account}", facts, key=told.id)
