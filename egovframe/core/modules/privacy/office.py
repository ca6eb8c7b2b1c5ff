"""What privacy needs of the application: whom to ask, and where the ledger of erasures lies."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy.delays import DELAYS
from egovframe.core.modules.settings import DeclaredSetting, declare, get
from egovframe.core.persistence import Database, now, unit_of
from egovframe.fields import Integer
from egovframe.hooks import Hooks

BACKUP_DAYS = DeclaredSetting(
    key="privacy.backup_days",
    field=Integer(minimum=1, maximum=3_650),
    default=30,
    title=_("How long backups are kept"),
    description=_("For how many days backups are kept. People who erase their data are told this."),
    section=_("Privacy"),
    unit="day",
)


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
        found = self.hooks.collect("erasure_obstacles", session=session, account_id=account_id)
        return [obstacle.text for obstacle in found]

    def lengths(self) -> Mapping[str, str]:
        """Return the key of the setting by retention code, where a setting says how long something stays."""
        if self.hooks is None:
            return {}
        return {one.code: one.setting for one in self.hooks.collect("retention_rules") if one.setting}


def declare_privacy_settings(database: Database) -> None:
    """Make the room's settings known to an application."""
    declare(database, BACKUP_DAYS, DELAYS)


def configure_privacy(database: Database, hooks: Hooks, data_dir: Path) -> None:
    """Let the privacy of this application ask its rooms and plugins; called once, when it is assembled."""
    office = database.service(PrivacyOffice)
    office.hooks, office.ledger = hooks, data_dir / "privacy" / "erasures.jsonl"


def backups_end(session: Session) -> datetime:
    """Return when the last backup that was made until now is gone, by the city's setting."""
    return now(session) + timedelta(days=get(session, BACKUP_DAYS.key))


def office_of(session: Session) -> PrivacyOffice:
    """Return the office of the session's application."""
    return unit_of(session).database.service(PrivacyOffice)
