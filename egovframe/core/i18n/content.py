"""Text that people write in several languages: one JSON value with its source language and what is out of date."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from markupsafe import Markup
from sqlalchemy import TypeDecorator
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import MappedColumn, mapped_column

from egovframe.core.i18n.languages import SOURCE_LANGUAGE, direction, is_language, related
from egovframe.core.i18n.speech import current_language, speech
from egovframe.core.persistence import BoundedJSON

_SHAPE = {"source", "text", "stale"}


@dataclass(frozen=True, slots=True)
class LocalText:
    """A text as one reader sees it.

    Attributes:
        text: what to show.
        lang: the language it is written in.
        is_fallback: it is not in the language that was asked for, so it must carry its own ``lang`` and ``dir``.
        is_stale: the source has changed since this translation was made.
    """

    text: str
    lang: str
    is_fallback: bool = False
    is_stale: bool = False

    def __str__(self) -> str:
        return self.text

    def __bool__(self) -> bool:
        return bool(self.text)

    def __html__(self) -> Markup:
        """Escape; a fallback becomes ``<span lang="…" dir="…">`` so that it is read aloud and set correctly."""
        if not self.is_fallback:
            return Markup.escape(self.text)
        return Markup('<span lang="{}" dir="{}">{}</span>').format(self.lang, direction(self.lang), self.text)


@dataclass(frozen=True)
class Translated:
    """One text in several languages; immutable: every change gives a new value.

    Attributes:
        source: the language in which the text was first written.
        text: the text by language tag.
        stale: languages whose text is older than the source's.
    """

    source: str
    text: Mapping[str, str] = field(default_factory=dict)
    stale: frozenset[str] = frozenset()

    def __post_init__(self) -> None:
        unknown = [language for language in self.text if not is_language(language)]
        if unknown:
            raise ValueError(f"not a known language: {', '.join(map(repr, unknown))}")
        kept = {language: text for language, text in self.text.items() if text}
        object.__setattr__(self, "text", MappingProxyType(kept))
        object.__setattr__(self, "stale", frozenset(self.stale) & kept.keys() - {self.source})

    @classmethod
    def of(cls, source: str, /, **text: str) -> Translated:
        """Make one from keywords, ``_`` standing for ``-`` in tags: ``Translated.of("en", en="Roads", ko="도로")``.

        Raises:
            ValueError: no text in the source language, or a tag that CLDR does not know.
        """
        return cls.from_texts(source, {language.replace("_", "-"): value for language, value in text.items()})

    @classmethod
    def from_texts(cls, source: str, text: Mapping[str, str]) -> Translated:
        """Make one from texts by language tag.

        Raises:
            ValueError: no text in the source language, or a tag that CLDR does not know.
        """
        if not text.get(source):
            raise ValueError(f"there is no text in the source language {source!r}")
        return cls(source, text)

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Translated:
        """Read the stored form ``{"source": …, "text": {…}, "stale": […]}``.

        Raises:
            ValueError: another shape.
        """
        if not isinstance(value, Mapping) or not value.keys() <= _SHAPE or not {"source", "text"} <= value.keys():
            raise ValueError("a translated text is stored as {source, text, stale}")
        return cls(value["source"], value["text"], frozenset(value.get("stale", ())))

    def to_json(self) -> dict[str, Any]:
        """Return the stored form."""
        return {"source": self.source, "text": dict(self.text), "stale": sorted(self.stale)}

    def __hash__(self) -> int:
        return hash((self.source, frozenset(self.text.items()), self.stale))

    def __reduce__(self) -> tuple[Any, ...]:
        return Translated, (self.source, dict(self.text), self.stale)

    def __str__(self) -> str:
        """Return the text for the language of the moment."""
        return self.pick().text

    def __html__(self) -> Markup:
        """Show it in a template: ``{{ category.title }}`` is escaped and marked when it is a fallback."""
        return self.pick().__html__()

    def __bool__(self) -> bool:
        return bool(self.text)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages it is written in, the source first."""
        return tuple(sorted(self.text, key=lambda language: (language != self.source, language)))

    def pick(self, language: str | None = None) -> LocalText:
        """Return the text for a reader: asked → related → the city's default → source → any.

        Args:
            language: what the reader asked for; the language of the moment when None.
        """
        asked = language or current_language()
        for found in self._chain(asked):
            return LocalText(self.text[found], found, found != asked, found in self.stale)
        return LocalText("", asked)

    def _chain(self, asked: str) -> Iterator[str]:
        if asked in self.text:
            yield asked
        yield from related(asked, tuple(self.text))
        offered = speech()
        for language in (offered.default if offered else self.source, self.source):
            if language in self.text:
                yield language
        yield from sorted(self.text)

    def with_text(self, language: str, text: str) -> Translated:
        """Return a value with another text in one language.

        A changed source text marks the other languages stale; a text given for a stale language is fresh again; an
        empty one removes the language.

        Raises:
            ValueError: an empty source text, or a tag that CLDR does not know.
        """
        if language == self.source and not text:
            raise ValueError("the source text cannot be removed")
        texts = {**self.text, language: text}
        if language != self.source:
            return Translated(self.source, texts, self.stale - {language})
        changed = text != self.text.get(language)
        return Translated(self.source, texts, frozenset(texts) - {language} if changed else self.stale)

    def with_texts(self, texts: Mapping[str, str]) -> Translated:
        """Return a value with the given texts; those given together with a changed source text count as fresh."""
        result = self
        for language in sorted(texts, key=lambda tag: tag != self.source):
            result = result.with_text(language, texts[language])
        return result

    def missing(self, languages: Iterable[str]) -> tuple[str, ...]:
        """Return which of the languages have no text, or a stale one, in the order given."""
        return tuple(language for language in languages if language not in self.text or language in self.stale)


class TranslatedText(TypeDecorator[Translated]):
    """A column of :class:`Translated`, stored as bounded JSON.

    Args:
        max_length: most characters in each language.
        limit: most bytes of the whole value.
    """

    impl = BoundedJSON
    cache_ok = True

    def __init__(self, max_length: int = 255, limit: int = 65_536) -> None:
        super().__init__(limit)
        self.max_length = max_length
        self.limit = limit

    def process_bind_param(self, value: Translated | None, dialect: Dialect) -> Any:
        """Store the value; raise ValueError when a text is too long."""
        if value is None:
            return None
        longest = max(map(len, value.text.values()), default=0)
        if longest > self.max_length:
            raise ValueError(f"a text of {longest} characters is over the column's limit of {self.max_length}")
        return value.to_json()

    def process_result_value(self, value: Any, dialect: Dialect) -> Translated | None:
        """Read the value."""
        return None if value is None else Translated.from_json(value)


def translated_column(max_length: int = 255, **column: Any) -> MappedColumn[Any]:
    """Return a mapped column of :class:`Translated`: ``title: Mapped[Translated] = translated_column(200)``."""
    return mapped_column(TranslatedText(max_length), **column)


def localized(value: Translated | LocalText | str | None, language: str | None = None) -> Markup:
    """Return markup for a template, escaped, with ``lang`` and ``dir`` where the text is a fallback."""
    if isinstance(value, Translated):
        value = value.pick(language)
    return value.__html__() if isinstance(value, LocalText) else Markup.escape(value or "")


def pick(value: Translated | Mapping[str, str] | str | None, language: str | None = None) -> LocalText:
    """Return the text for a reader of ``language`` (the language of the moment when None).

    Besides :class:`Translated` it takes texts by language as settings hold them, and a plain string as it is.
    """
    if isinstance(value, Mapping):
        source = next(iter(value), SOURCE_LANGUAGE)
        value = Translated(source, value)
    if isinstance(value, Translated):
        return value.pick(language)
    return LocalText(value or "", language or current_language())


def source_text(text: str) -> Translated:
    """Return a text written in the language of the code (English)."""
    return Translated.from_texts(SOURCE_LANGUAGE, {SOURCE_LANGUAGE: text})
