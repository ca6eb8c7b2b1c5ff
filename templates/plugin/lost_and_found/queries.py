"""The reads."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from egovframe.core.persistence import NumberedPage, numbered_page
from lost_and_found.models import KEPT, Item


def kept_items(session: Session, page: int = 1, page_size: int = 20) -> NumberedPage[Item]:
    """Return the things that wait for their owners, the newest first."""
    statement = select(Item).where(Item.state == KEPT).order_by(Item.created_at.desc(), Item.id.desc())
    return numbered_page(session, statement, page, page_size)


def item_by_public_id(session: Session, public_id: str) -> Item | None:
    """Return one thing."""
    return session.scalars(select(Item).where(Item.public_id == public_id)).one_or_none()


def count_kept(session: Session) -> int:
    """Count the things that wait for their owners."""
    return session.execute(select(func.count()).select_from(Item).where(Item.state == KEPT)).scalar_one()
