"""Who takes a matter for a post, and the sentence that says so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session

from egovframe.core.auth import Account
from egovframe.core.i18n import city_zone
from egovframe.core.modules.organisation import Holder, Official, Post, holder_of
from egovframe.core.modules.routing.values import Step
from egovframe.core.persistence import kept


@dataclass(frozen=True, slots=True)
class Holding:
    """The post and account that take a matter: the post's own, or those of whoever stands in."""

    post_id: int
    account_id: int
    step: Step


def holding_of(session: Session, post: Post, at: datetime) -> Holding | None:
    """Return who takes matters for the post, or None when nobody holds it and nobody stands in."""
    holder = holder_of(session, post, at)
    if holder.official is None:
        return None
    if holder.substituting_for is None:
        step = Step("holder", {"person": _name(session, holder.official.account_id)})
    else:
        step = _standing_in(session, holder, holder.official)
    return Holding(holder.official.post_id, holder.official.account_id, step)


def _standing_in(session: Session, holder: Holder, official: Official) -> Step:
    absence = holder.away[0]
    substitute = session.get_one(Post, official.post_id)
    params: Mapping[str, Any] = {
        "person": _name(session, absence.account_id) if absence.account_id else holder.post.title,
        "until": absence.valid_until.astimezone(city_zone()).date().isoformat(),
        "substitute": _name(session, official.account_id),
        "substitute_post": substitute.title,
    }
    return Step("absence", params)


def _name(session: Session, account_id: int) -> str:
    return session.scalar(_named(), {"account": account_id}) or ""


@kept
def _named() -> Select[str]:
    return select(Account.display_name).where(Account.id == bindparam("account"))
