"""Lawful delays: for how long a look with a certain purpose is not shown to the persons it concerns."""

from __future__ import annotations

import time
from datetime import timedelta

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.settings import DeclaredSetting, declare, get
from egovframe.core.persistence import unit_of
from egovframe.fields import FieldError, Json

KEY = "privacy.look_delays"
LONGEST_DAYS = 3650
GOOD_FOR = 1.0
"""Seconds for which the setting is not read again."""


class Delays(Json):
    """Days by purpose, such as ``{"investigation": 30}``; what is not named is shown at once."""

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> dict[str, int]:
        found = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(found, dict):
            raise FieldError(_("Name purposes and days."))
        for days in found.values():
            if isinstance(days, bool) or not isinstance(days, int) or not 0 <= days <= LONGEST_DAYS:
                raise FieldError(_("Enter a whole number."))
        return {str(purpose): days for purpose, days in found.items()}


DELAYS = DeclaredSetting(
    key=KEY,
    field=Delays(),
    default={},
    description=_(
        "Days by purpose after which people see that their data was looked at, where a law delays it:"
        " an object such as investigation: 30. Everything else is shown at once."
    ),
    section=_("Privacy"),
)


class _Known:
    """The delays as this process last read them."""

    def __init__(self) -> None:
        self.days: dict[str, int] = {}
        self.read_at = -GOOD_FOR


def delay_of(session: Session, purpose: str) -> timedelta:
    """Return for how long a look for the purpose stays hidden from the persons; a change counts within a second."""
    database = unit_of(session).database
    known = database.service(_Known)
    if time.monotonic() - known.read_at >= GOOD_FOR:
        declare(database, DELAYS)
        known.days, known.read_at = get(session, KEY), time.monotonic()
    return timedelta(days=known.days.get(purpose, 0))


__all__ = ["DELAYS", "KEY", "delay_of"]
