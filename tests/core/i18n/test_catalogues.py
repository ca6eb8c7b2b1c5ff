"""Catalogues: plural rules, order, broken files, and no leaking between applications."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import flask_babel
import polib
import pytest
from flask import Flask

from egovframe.core.i18n import (
    CatalogueError,
    I18n,
    current_language,
    gettext,
    lazy_gettext,
    lazy_ngettext,
    ngettext,
    pgettext,
    set_language,
    use_language,
)

PLURALS = {
    "ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 : 5);",
    "ko": "nplurals=1; plural=0;",
    "en": "nplurals=2; plural=(n != 1);",
    "fr": "nplurals=2; plural=(n > 1);",
}
Entries = Mapping[str, str | list[str]]


def write_po(folder: Path, language: str, entries: Entries, **flags: Any) -> Path:
    """Write a catalogue; a list is the plural forms of a message whose plural is the message + 's'."""
    file = polib.POFile()
    file.metadata = {"Content-Type": "text/plain; charset=UTF-8", "Plural-Forms": PLURALS[language]}
    for msgid, text in entries.items():
        if isinstance(text, list):
            forms = dict(enumerate(text))
            file.append(polib.POEntry(msgid=msgid, msgid_plural=msgid + "s", msgstr_plural=forms, **flags))
        else:
            file.append(polib.POEntry(msgid=msgid, msgstr=text, **flags))
    path = folder / language / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True, exist_ok=True)
    file.save(str(path))
    return folder


def make_app(*directories: Path, languages: tuple[str, ...] = ("en", "ko", "ar"), default: str = "en") -> Flask:
    """Return an application that speaks the languages."""
    city = SimpleNamespace(timezone="Asia/Seoul", languages=languages, default_language=default)
    app = Flask("city")
    I18n(app, SimpleNamespace(city=city), directories)
    return app


ARABIC = ["لا شيء", "واحد", "اثنان", "%(num)s قليل", "%(num)s كثير", "%(num)s آخر"]
EXPECTED = {
    0: "لا شيء",
    1: "واحد",
    2: "اثنان",
    3: "3 قليل",
    10: "10 قليل",
    11: "11 كثير",
    99: "99 كثير",
    100: "100 آخر",
}


@pytest.mark.parametrize("ask", [ngettext, flask_babel.ngettext, lambda *a: str(lazy_ngettext(*a))])
def test_arabic_keeps_its_six_forms_when_a_later_directory_lacks_arabic(
    tmp_path: Path, ask: Callable[..., str]
) -> None:
    core = write_po(tmp_path / "core", "ar", {"%(num)s thing": ARABIC})
    without = write_po(tmp_path / "plugin", "ko", {"Other": "다른"})
    app = make_app(core, without, tmp_path / "nowhere")
    with app.app_context(), use_language("ar"):
        assert {n: ask("%(num)s thing", "%(num)s things", n) for n in EXPECTED} == EXPECTED


def test_korean_has_one_form_for_every_number(tmp_path: Path) -> None:
    app = make_app(write_po(tmp_path, "ko", {"%(num)s thing": ["%(num)s개"]}), tmp_path / "nowhere")
    with app.app_context(), use_language("ko"):
        assert [ngettext("%(num)s thing", "%(num)s things", n) for n in (0, 1, 2)] == ["0개", "1개", "2개"]


def test_each_catalogue_keeps_its_own_rule(tmp_path: Path) -> None:
    core = write_po(tmp_path / "core", "ar", {"%(num)s thing": ARABIC})
    careless = tmp_path / "careless"
    write_po(careless, "fr", {"%(num)s cat": ["%(num)s قطة", "%(num)s قطط"]})
    (careless / "fr").rename(careless / "ar")
    app = make_app(core, careless)
    with app.app_context(), use_language("ar"):
        assert ngettext("%(num)s thing", "%(num)s things", 11) == "11 كثير"
        assert ngettext("%(num)s cat", "%(num)s cats", 11) == "11 قطط"


def test_the_citys_wording_wins_over_plugin_and_core(tmp_path: Path) -> None:
    core = write_po(tmp_path / "core", "ko", {"Report": "신고", "Vote": "투표"})
    plugin = write_po(tmp_path / "plugin", "ko", {"Report": "민원"})
    city = write_po(tmp_path / "city", "ko", {"Report": "시민 제보"})
    with make_app(core, plugin, city).app_context(), use_language("ko"):
        assert (gettext("Report"), gettext("Vote")) == ("시민 제보", "투표")
    with make_app(core, plugin).app_context(), use_language("ko"):
        assert gettext("Report") == "민원"


def test_a_city_can_reword_english(tmp_path: Path) -> None:
    with make_app(write_po(tmp_path, "en", {"Report": "Tell us"})).app_context():
        assert gettext("Report") == "Tell us"


def test_two_applications_do_not_share_catalogues(tmp_path: Path) -> None:
    one = make_app(write_po(tmp_path / "one", "ko", {"Report": "하나"}))
    two = make_app(write_po(tmp_path / "two", "ko", {"Report": "둘"}))
    plain = make_app()
    said = []
    for app in (one, two, plain, one):
        with app.app_context(), use_language("ko"):
            said.append(
                (
                    gettext("Report"),
                    flask_babel.gettext("Report"),
                    app.jinja_env.from_string("{{ _('Report') }}").render(),
                )
            )
    assert said == [("하나",) * 3, ("둘",) * 3, ("Report",) * 3, ("하나",) * 3]


def test_outside_any_application_everything_is_english() -> None:
    assert gettext("Report %(what)s", what="it") == "Report it"
    assert ngettext("%(num)s thing", "%(num)s things", 2) == "2 things"
    assert str(lazy_gettext("Report")) == "Report"
    assert current_language() == "en"


def test_use_language_nests_and_comes_back_after_an_error(tmp_path: Path) -> None:
    app = make_app(write_po(tmp_path, "ko", {"Yes": "예"}), write_po(tmp_path, "ar", {"Yes": "نعم"}))
    yes = lazy_gettext("Yes")
    with app.app_context():
        with use_language("ko"):
            assert str(yes) == "예"
            with pytest.raises(ZeroDivisionError), use_language("ar"):
                assert str(yes) == "نعم"
                assert str(flask_babel.get_locale()) == "ar"
                raise ZeroDivisionError
            assert str(yes) == "예"
            assert str(flask_babel.get_locale()) == "ko"
        assert (str(yes), current_language()) == ("Yes", "en")


def test_each_request_starts_with_the_citys_language(tmp_path: Path) -> None:
    app = make_app(write_po(tmp_path, "ko", {"Yes": "예"}))

    @app.get("/<language>")
    def page(language: str) -> str:
        if language != "none":
            set_language(language)
        return gettext("Yes")

    client = app.test_client()
    assert [client.get(f"/{part}").text for part in ("ko", "none", "ko", "en")] == ["예", "Yes", "예", "Yes"]


@pytest.mark.parametrize(("asked", "taken"), [("ko", "ko"), ("ko-KR", "ko"), ("fr", "ar"), (None, "ar"), ("?!", "ar")])
def test_a_language_that_is_not_offered_becomes_the_closest(asked: str | None, taken: str) -> None:
    with make_app(languages=("ar", "ko"), default="ar").app_context(), use_language(asked) as language:
        assert language == current_language() == taken


def test_fuzzy_and_empty_translations_are_not_shown(tmp_path: Path) -> None:
    write_po(tmp_path / "a", "ko", {"Yes": "예?"}, flags=["fuzzy"])
    write_po(tmp_path / "b", "ko", {"Yes": "", "%(num)s thing": [""]})
    with make_app(tmp_path / "a", tmp_path / "b").app_context(), use_language("ko"):
        assert gettext("Yes") == "Yes"
        assert ngettext("%(num)s thing", "%(num)s things", 1) == "1 thing"


@pytest.mark.parametrize("text", ["%(nmae)s님", "이름", "%(name)", "100% %(name)s"])
def test_a_translation_with_wrong_placeholders_is_left_out_instead_of_failing(tmp_path: Path, text: str) -> None:
    with make_app(write_po(tmp_path, "ko", {"Dear %(name)s": text})).app_context(), use_language("ko"):
        assert gettext("Dear %(name)s", name="Kim") == "Dear Kim"


def test_too_few_plural_forms_are_left_out(tmp_path: Path) -> None:
    app = make_app(write_po(tmp_path, "ar", {"%(num)s thing": ["%(num)s شيء", "%(num)s أشياء"]}))
    with app.app_context(), use_language("ar"):
        assert ngettext("%(num)s thing", "%(num)s things", 5) == "5 things"


@pytest.mark.parametrize("content", [b"nonsense", b"\xff\xfe\x00", b'msgid ""\nmsgstr "Plural-Forms: what\\n"\n'])
def test_a_broken_catalogue_stops_the_start_and_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "ko" / "LC_MESSAGES" / "messages.po"
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    with pytest.raises(CatalogueError, match=r"messages\.po"):
        make_app(tmp_path)


def test_a_territorys_catalogue_stands_on_its_languages(tmp_path: Path) -> None:
    write_po(tmp_path, "fr", {"Yes": "Oui", "Lunch": "Déjeuner"})
    (tmp_path / "fr").rename(tmp_path / "was_fr")
    write_po(tmp_path, "fr", {"Lunch": "Dîner"})
    (tmp_path / "fr").rename(tmp_path / "fr_CA")
    (tmp_path / "was_fr").rename(tmp_path / "fr")
    with make_app(tmp_path, languages=("en", "fr-CA")).app_context(), use_language("fr-CA"):
        assert (gettext("Yes"), gettext("Lunch")) == ("Oui", "Dîner")


def test_contexts_tell_equal_words_apart(tmp_path: Path) -> None:
    write_po(tmp_path / "a", "ko", {"Open": "열기"})
    write_po(tmp_path / "b", "ko", {"Open": "열린 사건"}, msgctxt="state")
    with make_app(tmp_path / "a", tmp_path / "b").app_context(), use_language("ko"):
        assert (gettext("Open"), pgettext("state", "Open")) == ("열기", "열린 사건")


def test_templates_fill_placeholders_after_escaping_them(tmp_path: Path) -> None:
    app = make_app(
        write_po(
            tmp_path, "ko", {"Dear %(name)s": "%(name)s님", "%(num)s case of %(name)s": ["%(name)s 사건 %(num)s건"]}
        )
    )
    source = """{{ _("Dear %(name)s", name=name) }}|
    {{- ngettext("%(num)s case of %(name)s", "%(num)s case of %(name)ss", 2, name=name) }}|
    {%- trans %}
      Dear {{ name }}
    {% endtrans %}"""
    with app.test_request_context(), use_language("ko"):
        # A string template escapes only where the environment says so; pages (.html) always do.
        shown = app.jinja_env.overlay(autoescape=True).from_string(source).render(name="<b>")
    assert shown == "&lt;b&gt;님|&lt;b&gt; 사건 2건|&lt;b&gt;님"


def test_lazy_texts_become_json_in_the_readers_language_and_hash_alike(tmp_path: Path) -> None:
    app = make_app(write_po(tmp_path, "ko", {"Yes": "<예>"}))
    with app.app_context(), use_language("ko"):
        assert app.json.loads(app.json.dumps({"a": lazy_gettext("Yes"), "b": flask_babel.lazy_gettext("Yes")})) == {
            "a": "<예>",
            "b": "<예>",
        }
    assert len({lazy_gettext("Yes"), lazy_gettext("Yes"), lazy_gettext("No")}) == 2
    assert f"{lazy_gettext('Yes'):>5}" == "  Yes"
