"""Lawful delays: for how long a look with a certain purpose is not shown to the persons it concerns."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.settings import DeclaredSetting, declare, get
from egovframe.core.persistence import unit_of
from egovframe.fields import FieldError, Json

KEY = "privacy.look_delays"
LONGEST_DAYS = 3650


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


def delay_of(session: Session, purpose: str) -> timedelta:
    """Return for how long a look for the purpose stays hidden from the persons."""
    declare(unit_of(session).database, DELAYS)
    return timedelta(days=get(session, KEY).get(purpose, 0))


__all__ = ["DELAYS", "KEY", "delay_of"]
