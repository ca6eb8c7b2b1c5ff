"""The form of a stored setting: its typed inputs, from its declaration alone."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from copy import copy
from typing import Any

from marshmallow import Schema
from marshmallow import fields as plain

from egovframe.core.i18n import format_amount, format_number, lazy_pgettext
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.settings import DeclaredSetting, NumbersByName
from egovframe.errors import Invalid
from egovframe.fields import Boolean, Choice, FieldError, Integer, Json, LongText, StrictSchema, Text

VALUE = "value"
ROW = "value-"
"""Begins the name of a row's input; the rest is the name in the mapping."""
BOUNDED = 10**12
"""Bounds beyond this are the column's, not the setting's: nobody is told."""
MOST_LINES = 100


class SettingForm:
    """How one setting is asked for.

    Args:
        setting: its declaration.
        value: what is in force: a mapping has a row for each name that it holds, known or not.
    """

    def __init__(self, setting: DeclaredSetting, value: Any) -> None:
        self.setting = setting
        self.value = value
        self.names = _names(setting, value)

    @property
    def shown(self) -> Sequence[str]:
        """The inputs in their order."""
        return [f"{ROW}{name}" for name in self.names] if self.by_name else [VALUE]

    @property
    def by_name(self) -> bool:
        """Whether the setting has a row for each of several names."""
        return isinstance(self.setting.field, NumbersByName)

    def schema(self) -> Schema:
        """Return what the form takes: the inputs, and the mark of what was seen."""
        found: dict[str, plain.Field[Any]] = {"seen": Text(load_default="", max_length=64)}
        field = self.setting.field
        if isinstance(field, NumbersByName):
            return _made({**found, **{f"{ROW}{name}": self._row(field, name) for name in self.names}})
        return _made({**found, VALUE: _input(self.setting)})

    def values(self) -> dict[str, Any]:
        """Return the present value as the inputs show it."""
        if self.by_name:
            return {f"{ROW}{name}": self.value.get(name, "") for name in self.names}
        return {VALUE: _shown(self.setting, self.value)}

    def given(self, data: Mapping[str, Any]) -> Any:
        """Return the value that the loaded form means, as ``settings.put`` takes it."""
        if self.by_name:
            rows = {name: data.get(f"{ROW}{name}") for name in self.names}
            return {name: count for name, count in rows.items() if count is not None}
        value = data[VALUE]
        if isinstance(self.setting.field, Json):
            return _parsed(value)
        if isinstance(self.setting.field, plain.List) and isinstance(value, str):
            return [line.strip() for line in value.splitlines() if line.strip()]
        return value

    def messages(self, error: Invalid) -> Mapping[str, Any]:
        """Return what was refused by input: the setting's own field speaks of the whole."""
        return {self._input_of(name): found for name, found in error.errors.items()}

    def _input_of(self, name: str) -> str:
        known = name != self.setting.key
        return name if known else "_schema" if self.by_name else VALUE

    def _row(self, field: NumbersByName, name: str) -> plain.Field[Any]:
        label = field.names().get(name, name)
        facts = {"label": label, "hint": _bounds(self.setting, field), "widget": "number"}
        return _OptionalInteger(
            minimum=field.minimum, maximum=field.maximum, load_default=None, allow_none=True, metadata=facts
        )


class _OptionalInteger(Integer):
    """A whole number, or nothing: an empty text is what a form sends for it."""

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> int | None:
        """Return the number, or None for an empty text."""
        return None if value == "" else super().deserialize(value, attr, data, **kwargs)


def _made(found: dict[str, plain.Field[Any]]) -> Schema:
    return StrictSchema.from_dict(found, name="SettingForm")()


def _names(setting: DeclaredSetting, value: Any) -> list[str]:
    if not isinstance(setting.field, NumbersByName):
        return []
    known = list(setting.field.names())
    return known + [name for name in value if name not in known]


def _input(setting: DeclaredSetting) -> plain.Field[Any]:
    field = setting.field
    facts: dict[str, Any] = {**field.metadata, "label": _("Value")}
    if isinstance(field, Boolean):
        choices = (("1", lazy_pgettext("setting", "Yes")), ("0", lazy_pgettext("setting", "No")))
        return Choice(choices, required=True, metadata=facts)
    if isinstance(field, plain.List) and not isinstance(field.inner, Choice):
        facts["hint"] = _("One on each line.")
        return LongText(max_length=4_000, load_default="", validate=_not_too_many, metadata={**facts, "rows": 6})
    if isinstance(field, Json):
        return LongText(max_length=16_000, required=True, metadata={**facts, "hint": _("As JSON."), "ltr": True})
    found = copy(field)
    found.metadata = {**facts, "hint": _bounds(setting, field)} if isinstance(field, Integer) else facts
    found.required = not (isinstance(field, plain.List | Text) and not field.required)
    if not found.required:
        found.load_default = [] if isinstance(field, plain.List) else ""
    return found


def _bounds(setting: DeclaredSetting, field: Integer | NumbersByName) -> Any:
    if max(abs(field.minimum), abs(field.maximum)) >= BOUNDED:
        return ""
    low, high = (
        format_amount(bound, setting.unit) if setting.unit else format_number(bound)
        for bound in (field.minimum, field.maximum)
    )
    return _("From %(low)s to %(high)s.", low=low, high=high)


def _shown(setting: DeclaredSetting, value: Any) -> Any:
    field = setting.field
    if isinstance(field, Boolean):
        return "" if value is None else "1" if value else "0"
    if isinstance(field, plain.List):
        found = [str(one) for one in value or ()]
        return found if isinstance(field.inner, Choice) else "\n".join(found)
    if isinstance(field, Json):
        return json.dumps(value, ensure_ascii=False, indent=1)
    return field.serialize(VALUE, {VALUE: value})


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise Invalid(errors={VALUE: [_("This is no JSON.")]}) from error


def _not_too_many(text: str) -> None:
    if len(text.splitlines()) > MOST_LINES:
        raise FieldError(_("Enter at most %(count)s lines.", count=format_number(MOST_LINES)))


__all__ = ["SettingForm"]
