"""The instants that retention counts from, in words that an administrator understands."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.orm import Session

from egovframe.core.i18n import Text
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.privacy.office import office_of
from egovframe.core.modules.privacy.rules import Rule

CLOCKS: dict[str, Text] = {
    "created": _("the day it was made"),
    "updated": _("the last change"),
    "closed": _("the day it was closed"),
    "ended": _("its end"),
}
"""What the usual names of instants mean; a room says it better with ``Retention(counted_from=…)``."""


def clocks_in_words(session: Session) -> Callable[[Rule], Text]:
    """Return a function that puts the instant of a rule into words: those of the room or plugin whose code it is.

    A name that nobody explains stays as it is.
    """
    hooks = office_of(session).hooks
    proposed = hooks.collect("retention_rules") if hooks is not None else []
    said = {(one.code, one.since): one.counted_from for one in proposed if one.counted_from}
    return lambda rule: said.get((rule.code, rule.since)) or CLOCKS.get(rule.since, rule.since)


__all__ = ["CLOCKS", "clocks_in_words"]
