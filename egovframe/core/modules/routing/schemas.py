"""What a rule may say, checked before it is stored: a wrong condition would send every matter astray."""

from __future__ import annotations

from datetime import time
from typing import Any

from marshmallow import fields, validate

from egovframe import fields as strict
from egovframe.core.i18n import lazy_gettext as _

MAX_LISTED = 500


def _check_plain(value: Any) -> None:
    if not isinstance(value, str | int | float | bool) or len(str(value)) > 300:
        raise strict.FieldError(_("Name answers as text, numbers, true or false."))


class Span(fields.Field[Any]):
    """Two local times ``["22:00", "06:00"]``; the end may lie on the next day."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:
        wrong = strict.FieldError(_("Write two times like 08:00 and 17:30."))
        if not isinstance(value, list | tuple) or len(value) != 2:
            raise wrong
        try:
            start, end = (time.fromisoformat(text) for text in value)
        except (TypeError, ValueError) as error:
            raise wrong from error
        if start == end or start.tzinfo or end.tzinfo:
            raise wrong
        return [start.isoformat("minutes"), end.isoformat("minutes")]


def _some(inner: fields.Field[Any]) -> fields.List[Any]:
    return fields.List(inner, validate=validate.Length(min=1, max=MAX_LISTED))


class ConditionsSchema(strict.StrictSchema):
    """Conditions of a rule; those left out always hold."""

    subjects = _some(strict.Text(max_length=120, min_length=1))
    areas = _some(strict.Integer(minimum=1))
    weekdays = _some(strict.Integer(minimum=1, maximum=7))
    hours = _some(Span())
    channels = _some(strict.Text(max_length=20, min_length=1))
    answers = fields.Dict(
        keys=strict.Text(max_length=80, min_length=1),
        values=_some(fields.Raw(validate=_check_plain)),
        validate=validate.Length(min=1, max=50),
    )
