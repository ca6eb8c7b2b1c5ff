"""Finding messages, writing catalogues that stay still, counting what is missing, and the command line."""

from __future__ import annotations

import json
from pathlib import Path

import polib
import pytest
from click.testing import CliRunner

from egovframe.cli import cli
from egovframe.core.i18n import CatalogueError, is_language
from egovframe.core.i18n.catalogues import plural_rule
from egovframe.core.i18n.tools import ExtractionError, Package, catalogue_status, extract, template_path, update

PYTHON = """
from egovframe.core.i18n import N_, gettext as _, lazy_gettext, lazy_ngettext, ngettext, pgettext
# translators: the button
_("Send")
lazy_gettext("Dear %(name)s")
ngettext("%(num)s case", "%(num)s cases", 3)
lazy_ngettext("%(num)s vote", "%(num)s votes", 3)
pgettext("state", "Open"); N_("Later"); not_a_message("Never")
"""
TEMPLATE = """{% trans count=n %}
   one
   line {% pluralize %} {{ count }} lines
{% endtrans %}{{ _("From a page") }}"""
MANIFEST = """name = "lost"
title = "Lost and found"
[summary]
en = "Not extracted: has its languages with it"
ko = "…"
[states]
open = { title = "Open now", kind = "not text" }
[[transitions]]
done = "Was done"
"""


@pytest.fixture
def package(tmp_path: Path) -> Package:
    root = tmp_path / "lost"
    (root / "templates" / "lost").mkdir(parents=True)
    (root / "tests").mkdir()
    (root / "services.py").write_text(PYTHON)
    (root / "queries.py").write_text("_('Send')")
    (root / "tests" / "test_it.py").write_text("_('Only in a test')")
    (root / "templates" / "lost" / "page.html").write_text(TEMPLATE)
    (root / "plugin.toml").write_text(MANIFEST)
    (root / "quality.toml").write_text('title = "Not for readers"')
    return Package("lost", root, root / "translations")


def po(package: Package, language: str) -> polib.POFile:
    return polib.pofile(str(package.translations / language / "LC_MESSAGES" / "messages.po"), wrapwidth=110)


def translate(package: Package, language: str) -> None:
    """Give every message a translation that can be shown."""
    file = po(package, language)
    for entry in file:
        if entry.msgid_plural:
            entry.msgstr_plural = dict.fromkeys(entry.msgstr_plural, "~" + entry.msgid_plural)
        else:
            entry.msgstr = "~" + entry.msgid
    file.save()


def test_messages_are_found_in_code_templates_and_titles(package: Package) -> None:
    found = extract(package)
    assert [(message.context, message.text, message.plural) for message in found.values()] == [
        (None, "%(num)s case", "%(num)s cases"),
        (None, "%(num)s vote", "%(num)s votes"),
        (None, "Dear %(name)s", ""),
        (None, "From a page", ""),
        (None, "Later", ""),
        (None, "Lost and found", ""),
        ("state", "Open", ""),
        (None, "Open now", ""),
        (None, "Send", ""),
        (None, "Was done", ""),
        (None, "one line", "%(count)s lines"),
    ]
    send = found[None, "Send"]
    assert (send.files, send.comments) == ({"lost/services.py", "lost/queries.py"}, {"the button"})
    assert (None, "Send") not in extract(package, [(None, "Send")])


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("bad.py", "_('unfinished"),
        ("bad.html", "{% trans %}open"),
        ("bad.toml", "title = "),
        ("bad.py", 'ngettext("%(num)s case", "%(num)s other plural", 1)'),
    ],
)
def test_what_cannot_be_searched_is_named(package: Package, name: str, content: str) -> None:
    (package.root / name).write_text(content)
    with pytest.raises(ExtractionError, match=name.split(".")[0]):
        extract(package)


def test_a_second_update_changes_nothing(package: Package) -> None:
    assert len(update(package, extract(package), ["ko", "ar"])) == 3
    translate(package, "ko")
    assert update(package, extract(package)) == []
    assert "POT-Creation-Date" not in template_path(package.translations).read_text()
    assert "services.py:" not in template_path(package.translations).read_text()


def test_an_update_keeps_translations_adds_new_messages_and_drops_old_ones(package: Package) -> None:
    update(package, extract(package), ["ko"])
    translate(package, "ko")
    (package.root / "queries.py").write_text("_('New')")
    (package.root / "plugin.toml").unlink()
    update(package, extract(package))
    texts = {entry.msgid: entry.msgstr for entry in po(package, "ko") if not entry.msgid_plural}
    assert (texts["Send"], texts["New"]) == ("~Send", "")
    assert "Lost and found" not in texts
    assert not po(package, "ko").obsolete_entries()


def test_a_message_that_gains_a_plural_must_be_translated_again(package: Package) -> None:
    update(package, extract(package), ["ko"])
    translate(package, "ko")
    (package.root / "services.py").write_text('ngettext("%(num)s case", "%(num)s matters", 1)')
    update(package, extract(package))
    case = po(package, "ko").find("%(num)s case")
    assert case is not None
    assert case.msgstr_plural == {0: ""}


@pytest.mark.parametrize(("language", "count"), [("ko", 1), ("ar", 6), ("fr", 2), ("zh-Hant", 1)])
def test_catalogues_have_the_languages_number_of_plural_forms(package: Package, language: str, count: int) -> None:
    update(package, extract(package), [language])
    file = po(package, language.replace("-", "_"))
    assert f"nplurals={count};" in file.metadata["Plural-Forms"]
    assert all(len(entry.msgstr_plural) == count for entry in file if entry.msgid_plural)


def test_arabic_forms_stand_in_cldr_order() -> None:
    count, rule = plural_rule("", "ar")
    assert (count, [rule(n) for n in (0, 1, 2, 3, 10, 11, 99, 100, 102, 103)]) == (6, [0, 1, 2, 3, 3, 4, 4, 5, 5, 3])


def test_status_counts_missing_fuzzy_and_wrong(package: Package) -> None:
    update(package, extract(package), ["ko"])
    translate(package, "ko")
    (whole,) = catalogue_status({"lost": package.translations}, ["ko"])
    assert (whole.total, whole.translated, whole.percent, whole.missing) == (11, 11, 100.0, ())
    file = po(package, "ko")
    for entry in file:
        if entry.msgid == "Send":
            entry.flags.append("fuzzy")
        if entry.msgid == "Later":
            entry.msgstr = ""
        if entry.msgid == "Dear %(name)s":
            entry.msgstr = "%(nmae)s"
    file.save()
    (state,) = catalogue_status({"lost": package.translations}, ["ko"])
    assert (state.translated, set(state.missing)) == (8, {"Send", "Later", "Dear %(name)s"})
    assert (state.fuzzy, [message for message, _why in state.wrong]) == (("Send",), ["Dear %(name)s"])
    assert state.percent == 72.7


def test_a_citys_catalogue_fills_what_the_package_lacks(package: Package, tmp_path: Path) -> None:
    update(package, extract(package), ["ko"])
    translate(package, "ko")
    city = tmp_path / "translations"
    (package.translations / "ko").rename(city.with_name("ko"))
    city.mkdir()
    city.with_name("ko").rename(city / "ko")
    (state,) = catalogue_status({"lost": package.translations, "city": city}, ["ko"])
    assert state.missing == ()


def test_a_broken_catalogue_is_named(package: Package) -> None:
    update(package, extract(package), ["ko"])
    path = package.translations / "ko" / "LC_MESSAGES" / "messages.po"
    for content in (b"nonsense", b"\xff\xff", b'msgid ""\nmsgstr "Plural-Forms: none\\n"\n'):
        path.write_bytes(content)
        with pytest.raises(CatalogueError, match=r"messages\.po"):
            catalogue_status({"lost": package.translations}, ["ko"])


@pytest.fixture
def city(tmp_path: Path, package: Package) -> Path:
    """A city folder with the plugin in it."""
    folder = tmp_path / "city"
    (folder / "plugins").mkdir(parents=True)
    (folder / "egovframe.toml").write_text("")
    package.root.rename(folder / "plugins" / "lost")
    return folder


def run(*arguments: str) -> tuple[int, str]:
    result = CliRunner().invoke(cli, arguments)
    return result.exit_code, result.output


def test_the_command_line_updates_and_reports(city: Path) -> None:
    plugin = city / "plugins" / "lost"
    code, said = run("i18n", "update", str(plugin), "--language", "ko")
    assert (code, "files changed" in said) == (0, True)
    translate(Package("lost", plugin, plugin / "translations"), "ko")
    at_city = ("--city", str(city), "i18n", "status", "--language", "ko")
    code, said = run(*at_city, "--json")
    (state,) = [state for state in json.loads(said) if state["catalogue"] == "lost"]
    assert (code, state["percent"], state["missing"]) == (0, 100.0, [])


def test_the_command_line_lists_what_is_missing_and_fails_below_the_minimum(city: Path) -> None:
    run("i18n", "update", str(city / "plugins" / "lost"), "--language", "fr")
    code, said = run("--city", str(city), "i18n", "status", "--language", "fr", "--min", "100", "--verbose")
    assert (code, "missing: 'Lost and found'" in said) == (1, True)
    assert run("--city", str(city), "i18n", "status", "--language", "fr", "--min", "0")[0] == 0


def test_an_unknown_language_is_wrong_use() -> None:
    assert not is_language("qqq")
    code, said = run("i18n", "status", "--language", "qqq")
    assert (code, "not a known language" in said) == (2, True)
