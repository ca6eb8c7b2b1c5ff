"""Stored settings: values that an administrator changes while the city runs, above the settings file."""

from egovframe.core.modules.settings.models import StoredSetting
from egovframe.core.modules.settings.registry import DeclaredSetting
from egovframe.core.modules.settings.services import declare, declared, get, put, reset

__all__ = ["DeclaredSetting", "StoredSetting", "declare", "declared", "get", "put", "reset"]
