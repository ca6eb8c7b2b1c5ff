"""Language tags: their locale, direction, own name, relatives, and the reader's choice among those offered."""

from __future__ import annotations

import functools
from collections.abc import Iterator, Sequence
from typing import Literal

from babel import Locale, UnknownLocaleError
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

SOURCE_LANGUAGE = "en"
"""The language in which messages are written in the code."""

Direction = Literal["ltr", "rtl"]

FORMATTING = {"en": "en_GB"}
"""Where dates read otherwise than the bare language suggests: a world city's English has day before month, 24 hours."""

LONGEST_HEADER = 500
"""Characters of Accept-Language that are looked at."""


@functools.lru_cache(maxsize=512)
def locale_of(language: str) -> Locale:
    """Return the CLDR locale of a language tag such as ``ko`` or ``zh-Hant``.

    Raises:
        ValueError: not a language tag, or one that CLDR does not know.
    """
    try:
        return Locale.parse(language, sep="-" if "-" in language else "_")
    except (UnknownLocaleError, ValueError, TypeError) as error:
        raise ValueError(f"{language!r} is not a known language: use a tag such as 'ko' or 'zh-Hant'") from error


@functools.lru_cache(maxsize=512)
def formatting_locale(language: str) -> Locale:
    """Return the locale whose dates and numbers are shown to readers of the language."""
    return locale_of(FORMATTING.get(language, language))


def is_language(language: str) -> bool:
    """Whether the tag names a language that CLDR knows."""
    try:
        locale_of(language)
    except ValueError:
        return False
    return True


@functools.lru_cache(maxsize=512)
def direction(language: str) -> Direction:
    """Return the writing direction; left to right for a language that CLDR does not know."""
    try:
        return "rtl" if locale_of(language).text_direction == "rtl" else "ltr"
    except ValueError:
        return "ltr"


@functools.lru_cache(maxsize=512)
def language_name(language: str) -> str:
    """Return the language's name in itself (``한국어``), or the tag where CLDR does not know it."""
    try:
        name = locale_of(language).get_display_name()
    except ValueError:
        return language
    return name[:1].upper() + name[1:] if name else language


def base_language(language: str) -> str:
    """Return the tag without script and territory: ``pt-BR`` is ``pt``."""
    return language.replace("_", "-").split("-", 1)[0].lower()


def related(language: str, available: Sequence[str]) -> Iterator[str]:
    """Yield the available languages that a reader of ``language`` most likely reads: itself, its base, its variants."""
    if language in available:
        yield language
    base = base_language(language)
    if base != language and base in available:
        yield base
    yield from (other for other in available if other not in (language, base) and base_language(other) == base)


def negotiate(accept: str | None, available: Sequence[str], default: str) -> str:
    """Return the offered language that an Accept-Language header likes best (RFC 9110, 12.5.4), else ``default``.

    A header that is absent, broken or endless counts as no wish.
    """
    wishes = parse_accept_header((accept or "")[:LONGEST_HEADER], LanguageAccept)
    for tag, quality in wishes:
        if quality <= 0:
            continue
        found = _offered(tag, available)
        if found:
            return found
    return default


def _offered(tag: str, available: Sequence[str]) -> str | None:
    by_lower = {language.lower(): language for language in available}
    wanted = tag.replace("_", "-").lower()
    parts = wanted.split("-")
    for length in range(len(parts), 0, -1):
        found = by_lower.get("-".join(parts[:length]))
        if found:
            return found
    return next(related(parts[0], available), None)
