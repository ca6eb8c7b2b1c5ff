"""Who answers for a post at an instant: its holder, or the one who stands in while the holder is away."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.auth import Account
from egovframe.core.i18n import city_zone
from egovframe.core.modules.organisation import Absence, Official, Post, post_holder
from egovframe.core.modules.routing.values import Step


@dataclass(frozen=True, slots=True)
class Holding:
    """The post and account that take a matter, and the sentence that says so."""

    post_id: int
    account_id: int
    code: str
    params: Mapping[str, Any]

    def step(self) -> Step:
        """Return the sentence as a step of an explanation."""
        return Step(self.code, self.params)


def holding_of(session: Session, post: Post, at: datetime) -> Holding | None:
    """Return who answers for the post, or None when nobody holds it and nobody stands in."""
    official = post_holder(session, post, at)
    if official is None:
        return None
    if official.post_id == post.id:
        return Holding(post.id, official.account_id, "holder", {"person": _name(session, official.account_id)})
    return _standing_in(session, post, official, at)


def _standing_in(session: Session, post: Post, official: Official, at: datetime) -> Holding:
    absence = session.scalars(
        select(Absence)
        .where(Absence.post_id == post.id, Absence.valid_from <= at, Absence.valid_until > at)
        .order_by(Absence.valid_until.desc())
        .limit(1)
    ).one_or_none()
    substitute = session.get(Post, official.post_id)
    params: dict[str, Any] = {
        "person": _name(session, absence.account_id) if absence and absence.account_id else post.title,
        "substitute": _name(session, official.account_id),
        "substitute_post": substitute.title if substitute else "",
    }
    if absence is None:
        return Holding(official.post_id, official.account_id, "absence_open", params)
    params["until"] = absence.valid_until.astimezone(city_zone()).date().isoformat()
    return Holding(official.post_id, official.account_id, "absence", params)


def _name(session: Session, account_id: int) -> str:
    account = session.get(Account, account_id)
    return account.display_name if account else ""
