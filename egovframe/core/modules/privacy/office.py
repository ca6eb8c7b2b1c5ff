"""What privacy needs of the application: whom to ask, and where the ledger of erasures lies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.persistence import Database, unit_of
from egovframe.hooks import Hooks


@dataclass(slots=True)
class PrivacyOffice:
    """Kept on the database of an application; empty without one, as for commands that need no plugin."""

    hooks: Hooks | None = None
    ledger: Path | None = None
    """File outside of the database that remembers erasures across a restore."""

    def obstacles(self, session: Session, account_id: int) -> Sequence[Any]:
        """Return in words what stands in the way of erasing an account."""
        if self.hooks is None:
            return ()
        return self.hooks.collect("erasure_obstacles", session=session, account_id=account_id)


def configure_privacy(database: Database, hooks: Hooks, data_dir: Path) -> None:
    """Let the privacy of this application ask its rooms and plugins; called once, when it is assembled."""
    office = database.service(PrivacyOffice)
    office.hooks, office.ledger = hooks, data_dir / "privacy" / "erasures.jsonl"


def office_of(session: Session) -> PrivacyOffice:
    """Return the office of the session's application."""
    return unit_of(session).database.service(PrivacyOffice)
