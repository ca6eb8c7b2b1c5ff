"""Stored settings as an administrator reads them: by room, in words, with where each value comes from."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from marshmallow import fields as plain

from egovframe.core.i18n import format_amount, format_number, gettext, pgettext
from egovframe.core.modules.settings import DeclaredSetting, NumbersByName, Standing
from egovframe.fields import Choice


@dataclass(frozen=True, slots=True)
class SettingView:
    """A setting for a page.

    Attributes:
        standing: the setting as it stands.
        title: its name.
        lines: the value in force in words, a line for each entry of a list or a mapping.
        fallback: what holds without a stored value, in the same form.
    """

    standing: Standing
    title: str
    lines: list[str]
    fallback: list[str]


def view_of(found: Standing) -> SettingView:
    """Return a setting in the language of the moment."""
    setting = found.setting
    return SettingView(found, title_of(setting), in_words(setting, found.value), in_words(setting, found.fallback))


def by_section(found: Iterable[Standing]) -> dict[str, list[SettingView]]:
    """Return settings under the heading of their room or plugin, both in the order of their words."""
    sections: dict[str, list[SettingView]] = {}
    for one in found:
        sections.setdefault(str(one.setting.section), []).append(view_of(one))
    return {name: sorted(sections[name], key=lambda view: view.title) for name in sorted(sections)}


def title_of(setting: DeclaredSetting) -> str:
    """Return a setting's name, or its key."""
    return str(setting.title or setting.key)


def in_words(setting: DeclaredSetting, value: Any) -> list[str]:
    """Return a value in lines that a person reads; one line for a single value, none for an empty list or mapping."""
    field = setting.field
    if isinstance(field, NumbersByName) and isinstance(value, Mapping):
        titles = field.names()
        return [
            gettext("%(name)s: %(value)s", name=str(titles.get(name, name)), value=_one(setting, field, count))
            for name, count in value.items()
        ]
    if isinstance(field, plain.List) and isinstance(value, list | tuple):
        return [_one(setting, field.inner, one) for one in value]
    return [] if value is None or value == "" else [_one(setting, field, value)]


def _one(setting: DeclaredSetting, field: plain.Field[Any], value: Any) -> str:
    if isinstance(value, bool):
        return pgettext("setting", "Yes") if value else pgettext("setting", "No")
    if isinstance(field, Choice):
        return str(dict(field.choices).get(value, value))
    if isinstance(value, int):
        return format_amount(value, setting.unit) if setting.unit else format_number(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


__all__ = ["SettingView", "by_section", "in_words", "title_of", "view_of"]
