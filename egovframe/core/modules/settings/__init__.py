"""Stored settings: values that an administrator changes while the city runs, above the settings file."""

from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.modules.settings.numbers import NumbersByName
from egovframe.core.modules.settings.permissions import MANAGE_SETTINGS
from egovframe.core.modules.settings.queries import (
    Standing,
    declared,
    get,
    settings_in_force,
    settings_now,
    standing,
    standings,
)
from egovframe.core.modules.settings.registry import DeclaredSetting, check_presets, declare, preset
from egovframe.core.modules.settings.services import SettingChanged, put, reset

__all__ = [
    "MANAGE_SETTINGS",
    "DeclaredSetting",
    "NumbersByName",
    "SettingChanged",
    "Standing",
    "StoredSetting",
    "check_presets",
    "declare",
    "declared",
    "get",
    "preset",
    "put",
    "reset",
    "settings_in_force",
    "settings_now",
    "standing",
    "standings",
]
