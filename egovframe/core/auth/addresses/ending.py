"""Ending changes of address that still wait: whoever may have asked for one, it must not outlive a new password."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from egovframe.core.auth.addresses.models import AddressChange
from egovframe.core.persistence import now


def end_address_changes(session: Session, account_id: int) -> None:
    """Let every open change of an account's address end: its links set nothing any more."""
    at = now(session)
    waits = AddressChange.account_id == account_id, AddressChange.used_at.is_(None), AddressChange.expires_at > at
    session.execute(update(AddressChange).where(*waits).values(expires_at=at))
