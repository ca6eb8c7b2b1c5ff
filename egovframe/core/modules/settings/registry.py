"""Which settings there are: declared by rooms and plugins, kept on the database of the application."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from marshmallow import ValidationError, fields

from egovframe.core.i18n import AmountUnit, Text
from egovframe.core.persistence import Database
from egovframe.errors import SettingsError


@dataclass(frozen=True, slots=True)
class DeclaredSetting:
    """A setting that an administrator may change. Secrets are none: they stay in the file and the environment.

    Attributes:
        key: ``room.name``, such as ``cases.reminder_hours``.
        field: checks and converts values; one of ``egovframe.fields``, a list of them, or ``NumbersByName``.
        default: the value while nothing else is said; as ``field`` gives it.
        description: what it does, for the administrator.
        section: heading of the page it stands on.
        title: its name in a few words; the key where left out.
        unit: what a number counts (``day``, ``hour``, ``minute``, ``second``, ``metre``), or empty.
    """

    key: str
    field: fields.Field[Any]
    default: Any
    description: Text
    section: Text
    title: Text = ""
    unit: AmountUnit | None = None


@dataclass(slots=True)
class Declared:
    """The settings of one application by key, and what its file says of them."""

    by_key: dict[str, DeclaredSetting] = field(default_factory=dict)
    presets: dict[str, Any] = field(default_factory=dict)
    """By key, as they stand in the file."""


def declare(database: Database, *settings: DeclaredSetting) -> None:
    """Make settings known to an application; called by the assembly and by plugins when they start.

    Raises:
        ValueError: another setting has the key.
    """
    known = database.service(Declared).by_key
    for setting in settings:
        if known.setdefault(setting.key, setting) != setting:
            raise ValueError(f"the setting {setting.key} is declared twice")


def preset(database: Database, values: Mapping[str, Any]) -> None:
    """Give an application the values of its file, by key; they hold above the defaults and below what is stored."""
    database.service(Declared).presets.update(values)


def check_presets(database: Database) -> None:
    """Refuse values of the file that no setting takes.

    Called once the core's settings are declared, before the plugins' are: theirs stand in ``[plugin.<name>]``.

    Raises:
        SettingsError: with every problem.
    """
    known = database.service(Declared)
    problems = []
    for key, value in sorted(known.presets.items()):
        if key not in known.by_key:
            problems.append(f"settings.{key}: there is no such setting")
            continue
        try:
            known.by_key[key].field.deserialize(value)
        except ValidationError as error:
            words = error.messages if isinstance(error.messages, list) else [error.messages]
            problems += [f"settings.{key}: {message}" for message in words]
    if problems:
        raise SettingsError("The settings cannot be used:", problems)


__all__ = ["Declared", "DeclaredSetting", "check_presets", "declare", "preset"]
