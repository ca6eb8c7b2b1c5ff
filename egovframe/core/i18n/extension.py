"""I18n inside an application: Flask-Babel over our catalogues, Jinja's gettext, the city's languages and zone."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, Protocol
from zoneinfo import ZoneInfo

import flask_babel
from babel.support import NullTranslations
from flask import Flask
from flask_babel.speaklater import LazyString

from egovframe.core.i18n import formats, pages
from egovframe.core.i18n.catalogues import CatalogueSet
from egovframe.core.i18n.content import localized
from egovframe.core.i18n.languages import direction, formatting_locale, language_name
from egovframe.core.i18n.speech import EXTENSION, Speech, Voice, current_language, voice

CORE_CATALOGUES = Path(__file__).parents[1] / "translations"
"""The core's own catalogues."""


class CitySpeech(Protocol):
    """The part of the city's settings that this room reads."""

    @property
    def timezone(self) -> str:
        """Name of the city's zone in the IANA database, such as ``Asia/Seoul``."""
        ...

    @property
    def languages(self) -> tuple[str, ...]:
        """Tags of the languages that are offered, in the city's order."""
        ...

    @property
    def default_language(self) -> str:
        """The language of readers who ask for none of those offered; one of ``languages``."""
        ...


class HasCity(Protocol):
    """Settings as ``egovframe.config.Settings`` gives them."""

    @property
    def city(self) -> CitySpeech:
        """What the city says about its zone and languages."""
        ...


class _Domain(flask_babel.Domain):  # type: ignore[misc]
    """Flask-Babel's domain with our merged messages: each keeps the plural rule of its own catalogue.

    Flask-Babel 4.0.0 takes the rule of the last directory even when that lacks the locale, which breaks Arabic and
    Korean plurals as soon as one plugin is not translated.
    """

    def get_translations(self) -> NullTranslations:
        """Return the translations of the language of the moment."""
        return voice().messages


class _Babel(flask_babel.Babel):  # type: ignore[misc]
    """Flask-Babel with our domain; made per application, so that no catalogue leaks into another one."""

    domain_instance = _Domain()


class I18n:
    """Translations, formats and the language of the moment for one application.

    Args:
        app: the application; gets Jinja's ``_``, ``ngettext``, the formats as filters, and JSON of lazy texts.
        settings: the city's languages, default language and time zone.
        directories: catalogue directories of plugins, then of the city; the core's stands before them. The last
            directory that translates a message wins.

    Raises:
        CatalogueError: a catalogue of an offered language cannot be read.
    """

    def __init__(self, app: Flask, settings: HasCity, directories: Iterable[Path] = ()) -> None:
        city = settings.city
        self.catalogues = CatalogueSet((CORE_CATALOGUES, *directories))
        self.speech = Speech(city.languages, city.default_language, self._voices(city))
        app.extensions[EXTENSION] = self.speech
        _Babel(app, configure_jinja=False, locale_selector=current_language, timezone_selector=lambda: city.timezone)
        _teach_jinja(app)
        _teach_json(app)

    def _voices(self, city: CitySpeech) -> dict[str, Voice]:
        zone = ZoneInfo(city.timezone)
        return {
            tag: Voice(tag, formatting_locale(tag), self.catalogues.messages(tag), zone)
            for tag in dict.fromkeys((*city.languages, city.default_language))
        }


def _teach_jinja(app: Flask) -> None:
    env = app.jinja_env
    pages.install(env)
    env.filters.update({name: getattr(formats, name) for name in formats.__all__ if name.startswith("format_")})
    env.filters["localized"] = localized
    env.globals.update(current_language=current_language, direction=direction, language_name=language_name)


def _teach_json(app: Flask) -> None:
    provider: Any = app.json
    original: Callable[[Any], Any] | None = getattr(provider, "default", None)
    if original is None:
        return

    def default(value: Any) -> Any:
        return str(value) if isinstance(value, LazyString) else original(value)

    provider.default = default
