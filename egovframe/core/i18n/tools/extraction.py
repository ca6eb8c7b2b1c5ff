"""Finding every message of a package: Python, Jinja templates, and the titles in its TOML files."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from tokenize import TokenError
from typing import Any

from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_file
from jinja2 import TemplateSyntaxError

from egovframe.core.i18n.languages import SOURCE_LANGUAGE, is_language

KEYWORDS: dict[str, Any] = {
    **DEFAULT_KEYWORDS,
    "lazy_gettext": None,
    "lazy_ngettext": (1, 2),
    "lazy_pgettext": ((1, "c"), 2),
}
COMMENT_TAGS = ("translators:",)
"""Comments that begin so stand beside the message in the catalogue."""
METHODS = {".py": "python", ".html": "jinja2", ".txt": "jinja2", ".xml": "jinja2", ".svg": "jinja2", ".toml": "toml"}
JINJA_OPTIONS = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}
READABLE_KEYS = frozenset({"title", "done", "text_title", "label", "hint", "description"})
"""Keys of manifests and case types whose text a person reads."""
NOT_FOR_READERS = frozenset({"quality.toml", "pyproject.toml"})
SKIPPED_FOLDERS = frozenset({"translations", "static", "migrations", "tests", "__pycache__", "starters"})

MessageKey = tuple[str | None, str]
"""(context, message id)."""


@dataclass(frozen=True, slots=True)
class Package:
    """A folder of code with messages of its own and the directory of its catalogues."""

    name: str
    root: Path
    translations: Path


@dataclass(slots=True)
class Message:
    """One message as the code has it.

    Attributes:
        context: what tells equal words apart, or None.
        text: the English text, singular.
        plural: the English plural, or an empty string.
        files: where it is used, relative to the package's parent folder.
        comments: notes for translators.
    """

    context: str | None
    text: str
    plural: str = ""
    files: set[str] = field(default_factory=set)
    comments: set[str] = field(default_factory=set)

    @property
    def key(self) -> MessageKey:
        """What catalogues file it under."""
        return self.context, self.text


class ExtractionError(ValueError):
    """A file cannot be searched for messages, or two uses of a message disagree."""


def extract(package: Package, known: Iterable[MessageKey] = ()) -> dict[MessageKey, Message]:
    """Return the package's messages in a stable order.

    Args:
        package: whose files are read.
        known: messages that another catalogue translates already (for a plugin: those of the core).

    Raises:
        ExtractionError: a file that cannot be parsed, or a message with two different plurals.
    """
    found: dict[MessageKey, Message] = {}
    for path in source_files(package.root):
        place = path.relative_to(package.root.parent).as_posix()
        for message in read_messages(path):
            _add(found, message, place)
    for key in known:
        found.pop(key, None)
    return dict(sorted(found.items(), key=lambda item: (item[0][1], item[0][0] or "")))


def source_files(root: Path) -> list[Path]:
    """Return the files that may hold messages, sorted."""
    files = (path for path in root.rglob("*") if path.suffix in METHODS and path.is_file())
    return sorted(
        path
        for path in files
        if path.name not in NOT_FOR_READERS and not SKIPPED_FOLDERS & set(path.relative_to(root).parts[:-1])
    )


def read_messages(path: Path) -> Iterator[Message]:
    """Yield the messages of one file."""
    method = METHODS[path.suffix]
    if method == "toml":
        yield from (Message(None, text) for text in _titles(_read_toml(path)))
        return
    options = JINJA_OPTIONS if method == "jinja2" else {}
    try:
        results = extract_from_file(method, path, KEYWORDS, COMMENT_TAGS, options, strip_comment_tags=True)
    except (SyntaxError, UnicodeError, TokenError, TemplateSyntaxError) as error:
        raise ExtractionError(f"{path}: {error}") from error
    for _line, text, comments, context in results:
        singular, plural = (text[0], text[1]) if isinstance(text, tuple) else (text, "")
        yield Message(context, singular, plural, comments=set(filter(None, [" ".join(comments)])))


def _read_toml(path: Path) -> Any:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeError) as error:
        raise ExtractionError(f"{path}: {error}") from error


def _titles(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for part in value:
            yield from _titles(part)
    elif isinstance(value, dict):
        for key, part in value.items():
            if isinstance(part, str):
                if key in READABLE_KEYS and part:
                    yield part
            else:
                yield from _titles(part)


def language_tables(path: Path) -> Iterator[tuple[str, dict[str, str]]]:
    """Yield (place, texts by language) for every table of a TOML file that holds one text in several languages."""
    yield from _tables(_read_toml(path), "")


def _tables(value: Any, place: str) -> Iterator[tuple[str, dict[str, str]]]:
    if isinstance(value, list):
        for number, part in enumerate(value):
            yield from _tables(part, f"{place}[{number}]")
    elif isinstance(value, dict):
        if SOURCE_LANGUAGE in value and all(is_language(key) and isinstance(text, str) for key, text in value.items()):
            yield place, value
        else:
            for key, part in value.items():
                yield from _tables(part, f"{place}.{key}".lstrip("."))


def _add(found: dict[MessageKey, Message], message: Message, place: str) -> None:
    known = found.setdefault(message.key, message)
    if message.plural and known.plural not in ("", message.plural):
        elsewhere = ", ".join(sorted(known.files))
        raise ExtractionError(
            f"{message.text!r} has the plural {message.plural!r} in {place}, but {known.plural!r} in {elsewhere}"
        )
    known.plural = known.plural or message.plural
    known.files.add(place)
    known.comments |= message.comments
