"""Writing catalogues: a template (``messages.pot``) of what the code says, and a ``.po`` per language merged with it.

Written so that nothing changes when nothing changed: sorted, without dates and line numbers, obsolete entries gone.
English is the source language: the code holds its text, so ``en`` has no catalogue in the core (a city may add one to
reword).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import polib

from egovframe.core.i18n.catalogues import (
    DOMAIN,
    CatalogueError,
    catalogue_path,
    forms_of,
    languages_in,
    placeholders,
    plural_header,
    plural_rule,
)
from egovframe.core.i18n.languages import SOURCE_LANGUAGE, locale_of
from egovframe.core.i18n.tools.extraction import Message, MessageKey, Package

WIDTH = 110
KEPT_METADATA = ("Last-Translator", "Language-Team")


def template_path(directory: Path) -> Path:
    """Return where a directory keeps the list of its messages."""
    return directory / f"{DOMAIN}.pot"


def update(package: Package, messages: Mapping[MessageKey, Message], languages: Iterable[str] = ()) -> list[Path]:
    """Write the package's template and its catalogues; return the files that changed.

    Args:
        package: whose ``translations`` directory is written.
        messages: what the code says, from ``extract``.
        languages: tags to begin a catalogue for, beside those that have one.
    """
    started = (language for language in languages if language != SOURCE_LANGUAGE)
    wanted = dict.fromkeys([*languages_in(package.translations), *started])
    changed = [_written(template_path(package.translations), template(package.name, messages))]
    for language in wanted:
        path = catalogue_path(package.translations, language)
        changed.append(_written(path, merged(package.name, messages, language, read_po(path))))
    return [path for path in changed if path is not None]


def read_po(path: Path) -> Any:
    """Return polib's view of a catalogue or template; an empty one where there is no file.

    Raises:
        CatalogueError: it cannot be read.
    """
    if not path.is_file():
        return polib.POFile()
    try:
        return polib.pofile(str(path), encoding="utf-8")
    except (OSError, UnicodeError, ValueError) as error:
        raise CatalogueError("A catalogue cannot be used:", [f"{path}: {error}"]) from error


def template(name: str, messages: Mapping[MessageKey, Message]) -> Any:
    """Return the list of messages as a ``.pot`` file."""
    file = polib.POFile(wrapwidth=WIDTH)
    file.metadata = _metadata(name)
    file.extend(_entry(message) for message in messages.values())
    return file


def merged(name: str, messages: Mapping[MessageKey, Message], language: str, old: Any) -> Any:
    """Return the language's catalogue: the messages of the code with the translations of the old one."""
    header = plural_header(language)
    forms, _rule = plural_rule(header, language)
    file = polib.POFile(wrapwidth=WIDTH)
    file.metadata = _metadata(name) | {
        "Language": str(locale_of(language)),
        "Plural-Forms": header,
    }
    file.metadata |= {key: old.metadata[key] for key in KEPT_METADATA if old.metadata.get(key)}
    known = {(entry.msgctxt, entry.msgid): entry for entry in old if not entry.obsolete}
    for message in messages.values():
        entry = _entry(message)
        _translate(entry, known.get(message.key), forms)
        file.append(entry)
    return file


def _translate(entry: Any, before: Any, forms: int) -> None:
    if before is not None:
        entry.tcomment = before.tcomment
        if before.fuzzy:
            entry.flags.append("fuzzy")
    if not entry.msgid_plural:
        entry.msgstr = before.msgstr if before is not None and not before.msgid_plural else ""
        return
    had = forms_of(before) if before is not None and before.msgid_plural == entry.msgid_plural else ()
    entry.msgstr_plural = {number: had[number] if number < len(had) else "" for number in range(forms)}


def _entry(message: Message) -> Any:
    entry = polib.POEntry(
        msgctxt=message.context,
        msgid=message.text,
        msgid_plural=message.plural,
        occurrences=[(place, "") for place in sorted(message.files)],
        comment="\n".join(sorted(message.comments)),
    )
    if message.plural:
        entry.msgstr_plural = {0: "", 1: ""}
    if placeholders(message.text) or placeholders(message.plural):
        entry.flags.append("python-format")
    return entry


def _metadata(name: str) -> dict[str, str]:
    return {
        "Project-Id-Version": name,
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }


def _written(path: Path, file: Any) -> Path | None:
    text = str(file).rstrip("\n") + "\n"
    if path.is_file() and path.read_text(encoding="utf-8") == text:
        return None
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
