"""A setting that holds a number for each of several names, such as days by purpose."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from egovframe.core.i18n import Text
from egovframe.core.i18n import lazy_gettext as _
from egovframe.fields import FieldError, Integer, Json

MOST_NAMES = 200
_NAME = re.compile(r"[a-z][a-z0-9_]{0,79}(:[a-z][a-z0-9_]{0,79})?")


class NumbersByName(Json):
    """Whole numbers by name, ``{"investigation": 30}``; what is not named has no number.

    Args:
        names: gives the known names with their titles, when the form is drawn. Others are taken too: the plugin that
            they belong to may be away.
        minimum: least number.
        maximum: greatest number.
    """

    def __init__(self, names: Callable[[], Mapping[str, Text]], *, minimum: int = 0, maximum: int, **kwargs: Any):
        super().__init__(max_items=2 * MOST_NAMES + 2, **kwargs)
        self.names = names
        self.minimum = minimum
        self.maximum = maximum

    def _deserialize(self, value: object, attr: str | None, data: object, **kwargs: object) -> dict[str, int]:
        found = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(found, Mapping) or not all(isinstance(name, str) and _NAME.fullmatch(name) for name in found):
            raise FieldError(_("Send whole numbers by name."))
        number = Integer(minimum=self.minimum, maximum=self.maximum)
        clean: dict[str, Any] = {name: number.deserialize(count) for name, count in sorted(found.items())}
        return clean


__all__ = ["NumbersByName"]
