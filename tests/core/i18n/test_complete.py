"""Every message of the core and of the bundled plugins is translated into Korean and Arabic, and can be shown.

Messages are searched for afresh: run ``python scripts/messages.py update``, then translate what is listed here.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path

import polib
import pytest

from egovframe.core.i18n.catalogues import catalogue_path, placeholders
from egovframe.core.i18n.tools import (
    CatalogueState,
    Message,
    MessageKey,
    Package,
    extract,
    language_tables,
    source_files,
    state_of,
    template,
    update,
)

ROOT = Path(__file__).resolve().parents[3]
LANGUAGES = ("ko", "ar")
PLUGINS = sorted(path.parent.name for path in (ROOT / "plugins").glob("*/__init__.py"))


def package_named(name: str) -> Package:
    if name == "core":
        return Package(name, ROOT / "egovframe", ROOT / "egovframe" / "core" / "translations")
    return Package(name, ROOT / "plugins" / name, ROOT / "plugins" / name / "translations")


@functools.cache
def messages_of(name: str) -> Mapping[MessageKey, Message]:
    package = package_named(name)
    return extract(package) if name == "core" else extract(package, messages_of("core"))


def complaints(state: CatalogueState) -> list[str]:
    """Say everything that keeps the catalogue from being complete."""
    fuzzy, wrong = set(state.fuzzy), dict(state.wrong)
    listed = [f"{'fuzzy' if text in fuzzy else wrong.get(text, 'untranslated')}: {text!r}" for text in state.missing]
    return listed + [f"{why}: {text!r}" for text, why in state.wrong if text not in state.missing]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["core", *PLUGINS])
def test_every_message_is_translated(name: str, language: str) -> None:
    reference = template(name, messages_of(name))
    found = complaints(state_of(name, reference, language, [package_named(name).translations]))
    assert not found, f"{len(found)} of {len(reference)} in {name}/{language}:\n" + "\n".join(found)


@pytest.mark.parametrize("name", ["core", *PLUGINS])
def test_messages_on_pages_can_be_formatted(name: str) -> None:
    """Jinja fills placeholders always: a lone % in a page's message would fail when shown."""
    messages = messages_of(name).values()
    on_pages = [message for message in messages if any(not file.endswith((".py", ".toml")) for file in message.files)]
    assert [message.text for message in on_pages if placeholders(message.text) is None] == []


@pytest.mark.parametrize("name", ["core", *PLUGINS])
def test_manifests_give_their_texts_in_every_language(name: str) -> None:
    files = [path for path in source_files(package_named(name).root) if path.suffix == ".toml"]
    lacking = [
        f"{path.name}: {place} lacks {language}"
        for path in files
        for place, texts in language_tables(path)
        for language in LANGUAGES
        if not texts.get(language)
    ]
    assert lacking == []


@pytest.fixture
def small(tmp_path: Path) -> Package:
    """A package with two messages, translated into Korean."""
    root = tmp_path / "small"
    root.mkdir()
    (root / "services.py").write_text('_("Dear %(name)s")\nngettext("%(num)s case", "%(num)s cases", 2)\n')
    package = Package("small", root, root / "translations")
    update(package, extract(package), ["ko"])
    edit(package, "Dear %(name)s", msgstr="%(name)s님")
    edit(package, "%(num)s case", msgstr_plural={0: "사건 %(num)s건"})
    return package


def edit(package: Package, msgid: str, **changes: object) -> None:
    file = polib.pofile(str(catalogue_path(package.translations, "ko")))
    entry = file.find(msgid)
    assert entry is not None
    for name, value in changes.items():
        setattr(entry, name, value)
    file.save()


def complaints_of(package: Package) -> list[str]:
    return complaints(state_of("small", template("small", extract(package)), "ko", [package.translations]))


def test_a_complete_catalogue_passes(small: Package) -> None:
    assert complaints_of(small) == []


def test_a_new_message_is_reported(small: Package) -> None:
    with (small.root / "services.py").open("a") as code:
        code.write('_("Brand new")\n')
    assert complaints_of(small) == ["untranslated: 'Brand new'"]


@pytest.mark.parametrize(
    ("msgid", "changes", "word"),
    [
        ("Dear %(name)s", {"msgstr": ""}, "untranslated"),
        ("Dear %(name)s", {"flags": ["fuzzy"]}, "fuzzy"),
        ("Dear %(name)s", {"msgstr": "%(nmae)s님"}, "placeholders"),
        ("Dear %(name)s", {"msgstr": "안녕하세요"}, "placeholders"),
        ("%(num)s case", {"msgstr_plural": {0: "%(num)s", 1: "%(num)s"}}, "2 plural forms"),
        ("%(num)s case", {"msgid_plural": "", "msgstr": "사건", "msgstr_plural": {}}, "plural"),
    ],
)
def test_every_fault_is_reported(small: Package, msgid: str, changes: dict[str, object], word: str) -> None:
    edit(small, msgid, **changes)
    (complaint,) = complaints_of(small)
    assert word in complaint
