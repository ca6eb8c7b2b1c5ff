"""What a city sets about identity: how long a letter's code works, and how long a verification holds."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.settings import DeclaredSetting, declare, get
from egovframe.core.persistence import Database, unit_of
from egovframe.fields import Integer

SECTION = _("Identity")
DAYS = {
    "letter": DeclaredSetting(
        "auth.letter_days",
        Integer(minimum=1, maximum=365),
        30,
        _("For how many days the code in a letter works once the letter has been sent"),
        SECTION,
        _("How long the code in a letter works"),
        "day",
    ),
    "verification": DeclaredSetting(
        "auth.verification_days",
        Integer(minimum=0, maximum=36_500),
        0,
        _("After how many days residents are asked to prove again who they are; 0 for never"),
        SECTION,
        _("How long a verification holds"),
        "day",
    ),
}


def declare_identity_settings(database: Database) -> None:
    """Make the settings known to an application."""
    declare(database, *DAYS.values())


def days_of(session: Session, name: str) -> int:
    """Return the number of days in force."""
    declare_identity_settings(unit_of(session).database)
    return int(get(session, DAYS[name].key))
