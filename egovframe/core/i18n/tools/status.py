"""How complete the catalogues are: per language and package, what is missing, fuzzy or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from egovframe.core.i18n.catalogues import CatalogueError, catalogue_path, entry_fault, plural_rule
from egovframe.core.i18n.tools.extraction import MessageKey
from egovframe.core.i18n.tools.merging import read_po, template_path


@dataclass(frozen=True, slots=True)
class CatalogueState:
    """One package's messages in one language.

    Attributes:
        language: the tag.
        catalogue: name of the package.
        total: messages that the package has.
        translated: those with a usable translation in any of the directories.
        missing: ids without one, fuzzy and wrong ones included.
        fuzzy: ids whose translation somebody must still look at.
        wrong: (id, reason) of translations that cannot be shown.
    """

    language: str
    catalogue: str
    total: int
    translated: int
    missing: tuple[str, ...]
    fuzzy: tuple[str, ...]
    wrong: tuple[tuple[str, str], ...]

    @property
    def percent(self) -> float:
        """Share of translated messages in percent, cut off to one decimal; 100 for an empty package."""
        return 100.0 if not self.total else int(1000 * self.translated / self.total) / 10


def catalogue_status(directories: Mapping[str, Path], languages: Iterable[str]) -> list[CatalogueState]:
    """Return the state of every package in every language.

    Args:
        directories: catalogue directories by package name, in order core → plugins → city. A package's messages are
            those of its ``messages.pot``; a directory without one (a city's wording) only adds translations.
        languages: tags to look at.

    Raises:
        CatalogueError: a catalogue cannot be read.
    """
    references = {name: read_po(template_path(directory)) for name, directory in directories.items()}
    places = list(directories.values())
    named = [(name, reference) for name, reference in references.items() if len(reference)]
    return [state_of(name, reference, tag, places) for tag in languages for name, reference in named]


def state_of(name: str, reference: Any, language: str, directories: Iterable[Path]) -> CatalogueState:
    """Compare a list of messages (polib) with what the directories translate.

    Raises:
        CatalogueError: a catalogue cannot be read.
    """
    catalogues = [_entries(directory, language) for directory in directories]
    missing: list[str] = []
    fuzzy: list[str] = []
    wrong: list[tuple[str, str]] = []
    for message in reference:
        key = (message.msgctxt, message.msgid)
        found = [(entries[key], forms) for entries, forms in catalogues if key in entries]
        faults = [problem(entry, message, forms) for entry, forms in found]
        wrong += [(message.msgid, why) for why in faults if why not in ("", "missing", "fuzzy")]
        if "" not in faults:
            missing.append(message.msgid)
            fuzzy += [message.msgid] if "fuzzy" in faults else []
    total = len(reference)
    return CatalogueState(language, name, total, total - len(missing), tuple(missing), tuple(fuzzy), tuple(wrong))


Entries = tuple[dict[MessageKey, Any], int]


def _entries(directory: Path, language: str) -> Entries:
    path = catalogue_path(directory, language)
    file = read_po(path)
    try:
        forms, _rule = plural_rule(file.metadata.get("Plural-Forms", ""), language)
    except (KeyError, ValueError) as error:
        raise CatalogueError("A catalogue cannot be used:", [f"{path}: Plural-Forms: {error}"]) from error
    return {(entry.msgctxt, entry.msgid): entry for entry in file if not entry.obsolete}, forms


def problem(entry: Any, message: Any, forms: int) -> str:
    """Say what keeps an entry from being shown: ``missing``, ``fuzzy``, or a sentence; empty when it is fine."""
    if entry.fuzzy:
        return "fuzzy"
    if not entry.translated():
        return "missing"
    if bool(message.msgid_plural) != bool(entry.msgid_plural):
        return "one of message and translation has a plural, the other has not"
    return entry_fault(entry, forms)
