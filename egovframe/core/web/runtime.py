"""What one running application is made of; ``app.py`` fills it, the web room reads it from ``current_app``."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from flask import Flask, current_app

from egovframe.config import Settings
from egovframe.core.i18n import I18n
from egovframe.core.persistence import Database
from egovframe.core.web.assets import Assets
from egovframe.core.web.theme import Theme
from egovframe.hooks import Hooks

EXTENSION = "egovframe"
Check = Callable[[], str | None]
"""A readiness check: None when all is well, else one line without secrets that says what is wrong."""


@dataclass(slots=True)
class Runtime:
    """Settings, database and services of one application.

    Attributes:
        settings: the city's settings.
        database: gives units of work.
        hooks: guarded hook calls.
        i18n: the catalogues of core, plugins and city.
        assets: static files by content hash.
        theme: the city's colours.
        readiness: checks of ``/readyz`` by name.
        plugin_report: states of the plugins for ``/status``; names and stages, never exception text.
        plugin_settings: each plugin's own settings by its name, checked, with defaults.
        schema_heads: the schema revision of the core and of every plugin for ``/status``.
        safe_mode: whether only the core was started.
    """

    settings: Settings
    database: Database
    hooks: Hooks
    i18n: I18n
    assets: Assets
    theme: Theme
    readiness: dict[str, Check] = field(default_factory=dict)
    plugin_report: Callable[[], Sequence[Mapping[str, Any]]] = tuple
    plugin_settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    schema_heads: Callable[[], Mapping[str, str]] = dict
    safe_mode: bool = False


def runtime(app: Flask | None = None) -> Runtime:
    """Return the runtime of the application (by default the current one)."""
    found = (app or current_app).extensions[EXTENSION]
    if not isinstance(found, Runtime):
        raise RuntimeError("this application was not assembled by create_app")
    return found
