"""A complaint being filled in: kept in the database so that nothing is lost between steps, devices or bad lines."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session, undefer

from civic_participation.models import Draft
from egovframe.core.modules.privacy import by_the_person
from egovframe.core.persistence import new_public_id, now
from egovframe.errors import NotFound

CODE_LENGTH = 32
"""160 random bits: the address is the only key to what is inside."""


def start_draft(session: Session, values: Mapping[str, Any], account_id: int | None = None) -> Draft:
    """Begin a complaint with the first answers; it is erased with the account of whoever is signed in."""
    at = now(session)
    draft = Draft(
        code=new_public_id(CODE_LENGTH), account_id=account_id, values=_packed(values), created_at=at, updated_at=at
    )
    session.add(draft)
    session.flush()
    return draft


def find_draft(session: Session, code: str) -> tuple[Draft, dict[str, Any]]:
    """Return a draft and its answers.

    Raises:
        NotFound: no such draft, or it has been deleted by age.
    """
    with by_the_person(session):  # the address is known to nobody else
        draft = session.scalar(select(Draft).where(Draft.code == code).options(undefer(Draft.values)))
    if draft is None:
        raise NotFound
    values: dict[str, Any] = json.loads(draft.values)
    return draft, values


def save_draft(session: Session, code: str, values: Mapping[str, Any]) -> None:
    """Add answers to a draft; those given before under other names stay.

    Raises:
        NotFound: no such draft.
    """
    draft, before = find_draft(session, code)
    draft.values = _packed({**before, **values})
    draft.updated_at = now(session)


def purge_drafts(session: Session, days: int) -> int:
    """Delete drafts that nobody has touched for so many days, sent or not; return how many."""
    limit = now(session) - timedelta(days=days)
    gone = session.execute(delete(Draft).where(Draft.updated_at < limit).returning(Draft.id))
    return len(gone.all())


def _packed(values: Mapping[str, Any]) -> str:
    return json.dumps(dict(values), ensure_ascii=False, sort_keys=True)
