"""Translated content: fallbacks, stale marks, storage, and markup that cannot be injected."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError
from types import SimpleNamespace

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import Integer, MetaData, select
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from egovframe.core.i18n import I18n, Translated, localized, pick, translated_column, use_language
from egovframe.core.persistence import Database

TAGS = st.sampled_from(["en", "ko", "ar", "fr", "pt-BR", "zh-Hant"])
TEXTS = st.dictionaries(TAGS, st.text(min_size=1, max_size=20), min_size=1)


@pytest.fixture
def app() -> Flask:
    city = SimpleNamespace(timezone="Asia/Seoul", languages=("en", "ko", "ar", "pt-BR"), default_language="ko")
    app = Flask("city")
    I18n(app, SimpleNamespace(city=city))
    return app


@pytest.mark.parametrize(
    ("texts", "asked", "found"),
    [
        ({"en": "Road", "ar": "طريق", "ko": "도로"}, "ar", "ar"),
        ({"en": "Road", "pt": "Estrada", "ko": "도로"}, "pt-BR", "pt"),
        ({"en": "Road", "pt-PT": "Estrada", "ko": "도로"}, "pt-BR", "pt-PT"),
        ({"en": "Road", "ko": "도로"}, "ar", "ko"),
        ({"en": "Road", "fr": "Route"}, "ar", "en"),
    ],
)
def test_the_nearest_text_is_picked(app: Flask, texts: dict[str, str], asked: str, found: str) -> None:
    value = Translated.from_texts("en", texts)
    with app.app_context():
        picked = value.pick(asked)
    assert (picked.text, picked.lang, picked.is_fallback) == (texts[found], found, found != asked)


def test_any_text_is_better_than_none(app: Flask) -> None:
    with app.app_context():
        assert Translated("en", {"fr": "Route"}).pick("ar").lang == "fr"
        assert Translated("en", {}).pick("ar").text == ""


def test_the_language_of_the_moment_is_asked_for_by_default(app: Flask) -> None:
    value = Translated.of("en", en="Road", ko="도로", pt_BR="Estrada")
    with app.app_context():
        with use_language("en"):
            assert str(value) == "Road"
        with use_language("pt-BR"):
            assert (str(value), pick({"en": "x"}).lang, pick("as it is").text) == ("Estrada", "en", "as it is")


def test_a_fallback_says_its_language_and_direction_and_is_escaped(app: Flask) -> None:
    value = Translated.of("ar", ar="<b>طريق</b>")
    with app.app_context(), use_language("en"):
        expected = '<span lang="ar" dir="rtl">&lt;b&gt;طريق&lt;/b&gt;</span>'
        page = app.jinja_env.overlay(autoescape=True)
        assert page.from_string("{{ v }}").render(v=value) == expected
        assert page.from_string("{{ v|localized }}").render(v=value) == expected
    with app.app_context(), use_language("ar"):
        assert localized(value) == "&lt;b&gt;طريق&lt;/b&gt;"
        assert localized("<i>") == "&lt;i&gt;"
        assert localized(None) == ""


def test_a_changed_source_marks_the_others_stale_until_they_are_given_again() -> None:
    value = Translated.of("en", en="Road", ko="도로", ar="طريق")
    changed = value.with_text("en", "Roads")
    assert changed.stale == {"ko", "ar"}
    assert value.stale == frozenset()
    assert value.with_text("en", "Road").stale == frozenset()
    assert changed.with_text("ko", "길").stale == {"ar"}
    assert changed.missing(["en", "ko", "fr"]) == ("ko", "fr")
    together = value.with_texts({"ko": "길", "en": "Roads"})
    assert (set(together.stale), together.text["ko"]) == ({"ar"}, "길")
    assert value.with_text("ko", "").languages == ("en", "ar")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Translated.of("en", ko="도로"),
        lambda: Translated.of("en", en="Road", qqq="?"),
        lambda: Translated.of("en", en="Road").with_text("en", ""),
        lambda: Translated.from_json({"en": "Road"}),
        lambda: Translated.from_json({"source": "en", "text": {"en": "a"}, "more": 1}),
    ],
)
def test_values_that_make_no_sense_are_refused(make: object) -> None:
    with pytest.raises(ValueError):
        make()  # type: ignore[operator]


def test_a_value_cannot_be_changed_in_place() -> None:
    value = Translated.of("en", en="Road")
    with pytest.raises(FrozenInstanceError):
        value.source = "ko"  # type: ignore[misc]
    with pytest.raises(TypeError):
        value.text["en"] = "x"  # type: ignore[index]


@given(texts=TEXTS, stale=st.sets(TAGS))
def test_stored_and_read_it_is_the_same_value(texts: dict[str, str], stale: set[str]) -> None:
    value = Translated(next(iter(texts)), texts, frozenset(stale))
    for copy in (Translated.from_json(value.to_json()), pickle.loads(pickle.dumps(value))):
        assert copy == value
        assert hash(copy) == hash(value)
    assert value.pick("ko").text in texts.values()


class Base(DeclarativeBase):
    metadata = MetaData()


class Street(Base):
    __tablename__ = "test_street"
    id: Mapped[int] = mapped_column(Integer, primary_key=True)
    title: Mapped[Translated] = translated_column(10)
    note: Mapped[Translated | None] = translated_column(10, nullable=True)


def test_the_column_keeps_texts_and_refuses_long_ones(database: Database) -> None:
    with database.writing() as session:
        Base.metadata.create_all(session.connection())
        session.add(Street(id=1, title=Translated.of("ko", ko="도로", en="Road"), note=None))
    with database.writing() as session:
        street = session.execute(select(Street)).scalar_one()
        street.title = street.title.with_text("ko", "길")
    with database.reading() as session:
        street = session.execute(select(Street)).scalar_one()
        assert (street.title, street.note) == (Translated("ko", {"ko": "길", "en": "Road"}, frozenset({"en"})), None)
        rows = select(Street.id).where(Street.title == street.title)
        assert session.execute(rows).scalar_one() == 1
    with pytest.raises(Exception, match="over the column's limit of 10"), database.writing() as session:
        session.add(Street(id=2, title=Translated.of("en", en="x" * 11)))
