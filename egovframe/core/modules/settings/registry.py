"""Which settings there are: declared by rooms and plugins, kept on the database of the application."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from marshmallow import fields

from egovframe.core.i18n import Text


@dataclass(frozen=True, slots=True)
class DeclaredSetting:
    """A setting that an administrator may change.

    Attributes:
        key: ``room.name``, such as ``cases.reminder_hours``.
        field: checks and converts values; one of ``egovframe.fields``.
        default: the value while nothing is stored; as ``field`` gives it.
        description: what it does, for the administrator.
        section: heading of the page it stands on.
    """

    key: str
    field: fields.Field[Any]
    default: Any
    description: Text
    section: Text


class Declared:
    """The settings of one application by key."""

    def __init__(self) -> None:
        self.by_key: dict[str, DeclaredSetting] = {}
