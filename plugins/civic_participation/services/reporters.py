"""Whom messages about a complaint reach."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session, undefer_group

from civic_participation.models import Contact
from egovframe.hooks import Recipient

PREFIX = "civic_participation.contact:"


def recipient_of(session: Session, reference: str) -> Recipient | None:
    """Return whom ``civic_participation.contact:<id>`` names, or None for other references and deleted contacts."""
    if not reference.startswith(PREFIX):
        return None
    statement = select(Contact).where(Contact.public_id == reference.removeprefix(PREFIX))
    contact = session.scalar(statement.options(undefer_group("personal")))
    if contact is None:
        return None
    return Recipient(
        email=contact.email, name=contact.name or "", language=contact.language, account_id=contact.account_id
    )
