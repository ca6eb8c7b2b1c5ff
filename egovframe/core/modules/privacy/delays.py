"""Lawful delays: for how long a look with a certain purpose is not shown to the persons it concerns."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy.purposes import declared_purposes
from egovframe.core.modules.settings import DeclaredSetting, NumbersByName, settings_in_force
from egovframe.core.persistence import unit_of

KEY = "privacy.look_delays"
LONGEST_DAYS = 3650

DELAYS = DeclaredSetting(
    key=KEY,
    field=NumbersByName(declared_purposes, maximum=LONGEST_DAYS),
    default={},
    title=_("When people see who looked at their data"),
    description=_(
        "Where a law says that people may only learn later that their data was looked at for a purpose: after how many"
        " days. Everything else is shown at once. A look keeps the delay that was in force when it was taken."
    ),
    section=_("Privacy"),
    unit="day",
)


def delay_of(session: Session, purpose: str) -> timedelta:
    """Return for how long a look for the purpose stays hidden from the persons; a change counts within a second."""
    days = settings_in_force(unit_of(session).database, "privacy").get("look_delays", {})
    return timedelta(days=days.get(purpose, 0))


__all__ = ["DELAYS", "KEY", "delay_of"]
