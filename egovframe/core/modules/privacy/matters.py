"""A matter by the number that people know, wherever a row only repeats its public id."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.core.modules.privacy.subjects import Unresolvable, sheet_of, standing_for


def matter_number(session: Session, thing: str) -> str:
    """Return the number of what ``case:<public id>`` names; empty where people know it by none."""
    kind, _colon, public_id = thing.partition(":")
    try:
        table = standing_for(kind)
    except Unresolvable:
        return ""
    named = sheet_of(table).named
    if named is None:
        return ""
    return session.scalar(select(table.c[named[0]]).where(table.c.public_id == public_id)) or ""


__all__ = ["matter_number"]
