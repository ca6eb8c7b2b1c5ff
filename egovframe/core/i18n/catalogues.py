"""Catalogues: ``.po`` files read directly, merged so that every message keeps the plural rule of its own file."""

from __future__ import annotations

import gettext as stdlib_gettext
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import polib
from babel.messages.plurals import get_plural
from babel.support import NullTranslations

from egovframe.core.i18n.languages import base_language, locale_of
from egovframe.errors import ProblemList

DOMAIN = "messages"
Key = str | tuple[str, str]
"""A message id, or (context, message id)."""
PluralRule = Callable[[int], int]
Variables = TypeVar("Variables", bound=Mapping[str, object])


class CatalogueError(ProblemList):
    """A ``.po`` file cannot be read; the message names it and says why."""


@dataclass(frozen=True, slots=True)
class Catalogue:
    """What one ``.po`` file says: usable translations only (not fuzzy, not empty, placeholders right).

    ``refused`` are the ids of translations that would fail or mislead when shown, each with the reason.
    """

    path: Path
    texts: Mapping[Key, str]
    plurals: Mapping[Key, tuple[str, ...]]
    rule: PluralRule
    refused: tuple[tuple[str, str], ...] = ()


class _AnyPlaceholder(dict[str, object]):
    """Records which names a message asks for while formatting it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: set[str] = set()

    def __missing__(self, key: str) -> int:
        self.asked.add(key)
        return 1


def placeholders(text: str) -> frozenset[str] | None:
    """Return the names of ``%(name)s`` placeholders, or None for a text that cannot be formatted."""
    if "%" not in text:
        return frozenset()
    values = _AnyPlaceholder()
    try:
        _ = text % values
    except (TypeError, ValueError):
        return None
    return frozenset(values.asked)


def fault(sources: Sequence[str], translations: Sequence[str]) -> str:
    """Say why translations cannot stand in for their sources, or return an empty string.

    A plural form may leave the number out ("one day"); a text may not use a name that its source lacks, nor forget
    one (other than ``num``).
    """
    known = [placeholders(source) for source in sources]
    if None in known:
        return ""
    allowed = frozenset().union(*(names for names in known if names is not None))
    for text in translations:
        names = placeholders(text)
        if names is None:
            return f"{text!r} cannot be formatted: write a lone % as %%"
        unknown, lost = names - allowed - {"num"}, allowed - names - {"num"}
        if unknown or (lost and len(translations) == 1):
            return f"{text!r} must use the placeholders {sorted(allowed)}, it uses {sorted(names)}"
    return ""


PLURAL_HEADERS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);"
}
"""Where Babel's list differs from GNU gettext and CLDR: it swaps the Arabic forms for 11 and for 100."""


def plural_header(language: str) -> str:
    """Return the ``Plural-Forms`` header that translators' tools expect for the language."""
    known = PLURAL_HEADERS.get(base_language(language))
    if known:
        return known
    own = get_plural(locale_of(language))
    return f"nplurals={own.num_plurals}; plural={own.plural_expr};"


def plural_rule(header: str, language: str) -> tuple[int, PluralRule]:
    """Return (number of forms, rule) of a ``Plural-Forms`` header; the language's usual one where it is missing.

    Raises:
        ValueError: the header cannot be read.
    """
    header = header or plural_header(language)
    fields = dict(part.strip().split("=", 1) for part in header.split(";") if "=" in part)
    return int(fields["nplurals"]), stdlib_gettext.c2py(fields["plural"])


_parsed: dict[tuple[Path, int, int], Catalogue] = {}
_parsed_lock = threading.Lock()


def read_catalogue(path: Path, language: str) -> Catalogue:
    """Read one ``.po`` file; the parsed (immutable) result is kept as long as the file does not change.

    Raises:
        CatalogueError: the file is no valid ``.po`` file in UTF-8.
    """
    stat = path.stat()
    key = (path, stat.st_mtime_ns, stat.st_size)
    with _parsed_lock:
        found = _parsed.get(key)
        if found is None:
            found = _parsed[key] = _parse(path, language)
    return found


def _parse(path: Path, language: str) -> Catalogue:
    try:
        file = polib.pofile(str(path), encoding="utf-8")
        count, rule = plural_rule(file.metadata.get("Plural-Forms", ""), language)
    except (OSError, UnicodeError, KeyError, ValueError) as error:
        raise CatalogueError("A catalogue cannot be used:", [f"{path}: {error} (check it with 'msgfmt -c')"]) from error
    texts: dict[Key, str] = {}
    plurals: dict[Key, tuple[str, ...]] = {}
    refused: list[tuple[str, str]] = []
    for entry in file:
        why = entry_fault(entry, count)
        if why:
            refused.append((entry.msgid, why))
        elif entry.translated():
            key: Key = entry.msgid if entry.msgctxt is None else (entry.msgctxt, entry.msgid)
            if entry.msgid_plural:
                plurals[key] = forms_of(entry)
            else:
                texts[key] = entry.msgstr
    return Catalogue(path, texts, plurals, rule, tuple(refused))


def forms_of(entry: Any) -> tuple[str, ...]:
    """Return the plural forms of a polib entry in the order of the plural rule."""
    return tuple(text for _number, text in sorted(entry.msgstr_plural.items()))


def entry_fault(entry: Any, count: int) -> str:
    """Say why a translated polib entry must not be shown, or return an empty string."""
    if not entry.translated() or entry.obsolete:
        return ""
    if not entry.msgid_plural:
        return fault([entry.msgid], [entry.msgstr])
    forms = forms_of(entry)
    if len(forms) != count:
        return f"{len(forms)} plural forms where the language has {count}"
    return fault([entry.msgid, entry.msgid_plural], forms)


class Messages(NullTranslations):
    """The translations of one language in one application: the last catalogue that knows a message wins."""

    def __init__(self, catalogues: Sequence[Catalogue] = ()) -> None:
        super().__init__()
        self._texts: dict[Key, str] = {}
        self._plurals: dict[Key, tuple[tuple[str, ...], PluralRule]] = {}
        for catalogue in catalogues:
            self._texts.update(catalogue.texts)
            self._plurals.update({key: (forms, catalogue.rule) for key, forms in catalogue.plurals.items()})

    def gettext(self, message: str) -> str:
        """Return the translation of a message, or the message."""
        return self._texts.get(message) or self._first_form(message, message)

    def pgettext(self, context: str, message: str) -> str:
        """Return the translation of a message that carries a context."""
        return self._texts.get((context, message)) or self._first_form((context, message), message)

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        """Return the plural form for the number, by the rule of the catalogue that translated the message."""
        return self._form(msgid1, msgid1, msgid2, n)

    def npgettext(self, context: str, singular: str, plural: str, num: int) -> str:
        """Return the plural form of a message that carries a context."""
        return self._form((context, singular), singular, plural, num)

    ugettext, ungettext, upgettext, unpgettext = gettext, ngettext, pgettext, npgettext

    def _first_form(self, key: Key, message: str) -> str:
        found = self._plurals.get(key)
        return found[0][found[1](1)] if found else message

    def _form(self, key: Key, singular: str, plural: str, num: int) -> str:
        found = self._plurals.get(key)
        if found is None:
            return singular if num == 1 else plural
        forms, rule = found
        return forms[rule(abs(int(num)))]


@dataclass(frozen=True)
class CatalogueSet:
    """The catalogue directories of one application, in order core → plugins → city; reads a language once."""

    directories: tuple[Path, ...]
    _loaded: dict[str, Messages] = field(default_factory=dict, repr=False, compare=False)

    def messages(self, language: str) -> Messages:
        """Return the merged messages of a language; a catalogue that does not exist is skipped.

        Raises:
            CatalogueError: one of the files cannot be read.
        """
        found = self._loaded.get(language)
        if found is None:
            found = self._loaded[language] = Messages(list(self.catalogues(language)))
        return found

    def catalogues(self, language: str) -> Iterator[Catalogue]:
        """Yield the language's catalogues, those of its base language (``pt`` for ``pt-BR``) first."""
        names = [str(locale_of(language))]
        base = base_language(language)
        if base != names[0]:
            names.insert(0, base)
        for name in names:
            for directory in self.directories:
                path = catalogue_path(directory, name)
                if path.is_file():
                    yield read_catalogue(path, language)

    def languages(self) -> list[str]:
        """Return the tags of all languages that have a catalogue somewhere, sorted."""
        return sorted({tag for directory in self.directories for tag in languages_in(directory)})


def catalogue_path(directory: Path, language: str) -> Path:
    """Return where a directory keeps the catalogue of a language."""
    return directory / language.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"


def languages_in(directory: Path) -> list[str]:
    """Return the tags of the languages for which a directory has a catalogue, sorted."""
    found = directory.glob(f"*/LC_MESSAGES/{DOMAIN}.po")
    return sorted(path.parent.parent.name.replace("_", "-") for path in found)
