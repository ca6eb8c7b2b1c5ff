"""What comes in with a CSV row, and what the API takes and gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import Schema
from marshmallow import fields as plain

from egovframe.core.i18n import is_language
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.codes.models import TITLE_LENGTH
from egovframe.fields import Code, FieldError, Instant, Integer, StrictSchema, TranslatedField

MAX_POSITION = 2**31 - 1


class Moment(Instant):
    """An instant, or a plain date: its first moment, or with ``ends`` the moment after its last, in the given zone."""

    def __init__(self, zone: ZoneInfo, *, ends: bool = False, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.zone = zone
        self.ends = ends

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        if not (isinstance(value, str) and len(value.strip()) == 10):
            return super()._deserialize(value, attr, data, **kwargs)
        try:
            day = date.fromisoformat(value.strip()) + timedelta(days=1 if self.ends else 0)
            return datetime.combine(day, time(), self.zone).astimezone(UTC)
        except (ValueError, OverflowError) as error:
            raise FieldError(_("Enter a date such as 2026-11-21.")) from error


class Title(TranslatedField):
    """A title in languages that CLDR knows."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, str]:
        texts = super()._deserialize(value, attr, data, **kwargs)
        unknown = [language for language in texts if not is_language(language)]
        if unknown:
            raise FieldError(_("%(language)s is not a known language.", language=unknown[0]))
        return texts


def row_schema(language: str, zone: ZoneInfo) -> StrictSchema:
    """Return the schema of a CSV row.

    Args:
        language: of a title without one.
        zone: of dates without a time.
    """
    fields: Mapping[str, Any] = {
        "code": Code(required=True),
        "title": Title(required=True, default_language=language, max_length=TITLE_LENGTH),
        "parent": Code(load_default=None),
        "position": Integer(minimum=0, maximum=MAX_POSITION, load_default=0),
        "valid_from": Moment(zone, load_default=None),
        "valid_until": Moment(zone, ends=True, load_default=None),
    }
    made = StrictSchema.from_dict(dict(fields), name="CodeRow")()
    assert isinstance(made, StrictSchema)
    return made


class AtSchema(StrictSchema):
    """Which day's list is asked for."""

    at = Instant(load_default=None, metadata={"description": "Only codes in force at this instant (now by default)"})
    all = plain.Boolean(load_default=False, metadata={"description": "Also those that are not in force"})


class CodeSchema(Schema):
    """One code, in the language of the answer."""

    code = plain.String(required=True)
    title = plain.String(required=True)
    language = plain.String(required=True, metadata={"description": "The language that the title is written in"})
    parent = plain.String(required=True, allow_none=True)
    position = plain.Integer(required=True)
    valid_from = Instant(required=True, allow_none=True)
    valid_until = Instant(required=True, allow_none=True)


class CodeTableSchema(Schema):
    """A table with its codes, each followed by those below it."""

    code = plain.String(required=True)
    title = plain.String(required=True)
    language = plain.String(required=True)
    codes = plain.List(plain.Nested(CodeSchema), required=True)
