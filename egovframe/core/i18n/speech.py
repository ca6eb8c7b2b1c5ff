"""The language of the moment: one per request, changed for a while by jobs, mails and the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import flask_babel
from babel import Locale
from flask import current_app, g

from egovframe.core.i18n.catalogues import Messages
from egovframe.core.i18n.languages import SOURCE_LANGUAGE, formatting_locale, is_language, related

EXTENSION = "egovframe.i18n"
_VOICE = "_egovframe_voice"


@dataclass(frozen=True)
class Voice:
    """How one application speaks one language.

    Attributes:
        language: the tag shown in addresses and in ``lang``.
        locale: whose dates and numbers are shown.
        messages: the merged translations.
        zone: the city's time zone.
    """

    language: str
    locale: Locale
    messages: Messages
    zone: ZoneInfo


@dataclass(frozen=True)
class Speech:
    """What an application offers: its languages in order, the default one, and a voice for each."""

    languages: tuple[str, ...]
    default: str
    voices: dict[str, Voice]

    def voice(self, language: str | None) -> Voice:
        """Return the voice for a wish: the language itself, a related one that is offered, else the default."""
        found = self.voices.get(language or self.default)
        if found is None:
            found = self.voices[next(related(language or self.default, self.languages), self.default)]
        return found


_UTC = ZoneInfo("UTC")
_SILENT = Voice(SOURCE_LANGUAGE, formatting_locale(SOURCE_LANGUAGE), Messages(), _UTC)
"""Outside any application: English, UTC."""
_outside: ContextVar[Voice] = ContextVar("egovframe_voice", default=_SILENT)


def speech() -> Speech | None:
    """Return what the current application offers, or None outside any application that has an I18n."""
    if not current_app:
        return None
    found: Speech | None = current_app.extensions.get(EXTENSION)
    return found


def voice() -> Voice:
    """Return the voice of the moment; English and UTC outside any application."""
    try:
        # Asked a hundred times for one page: through the proxy once instead of three times.
        here = g._get_current_object()
    except RuntimeError:
        return _outside.get()
    found: Voice | None = here.get(_VOICE)
    if found is None:
        offered = speech()
        found = offered.voice(None) if offered else _SILENT
        setattr(here, _VOICE, found)
    return found


def current_language() -> str:
    """Return the tag of the language of the moment."""
    return voice().language


def set_language(language: str | None) -> str:
    """Choose the language for the rest of this request (or application context); return the one that was taken.

    A language that the city does not offer becomes a related one that it offers, else the city's default.
    """
    offered = speech()
    if offered is None:
        raise RuntimeError("set_language() needs an application context with I18n")
    chosen = offered.voice(language)
    setattr(g, _VOICE, chosen)
    flask_babel.refresh()
    return chosen.language


@contextmanager
def use_language(language: str | None) -> Iterator[str]:
    """Speak another language inside the block: mails, jobs, the command line; gives the one that was taken.

    None and languages that the city does not offer become the closest one that it offers. Blocks nest. Outside any
    application only formats change: there are no catalogues.
    """
    offered = speech()
    if offered is None:
        known = language if language and is_language(language) else SOURCE_LANGUAGE
        token = _outside.set(Voice(known, formatting_locale(known), Messages(), _UTC))
        try:
            yield known
        finally:
            _outside.reset(token)
        return
    before = voice()
    try:
        yield set_language(language)
    finally:
        setattr(g, _VOICE, before)
        flask_babel.refresh()
