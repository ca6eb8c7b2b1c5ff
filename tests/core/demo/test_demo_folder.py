"""The demo's folder: a city that can be loaded, never mistaken for a real one, and never the other way round."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from egovframe.config import load_settings
from egovframe.demo import DemoFolder
from egovframe.errors import SettingsError


def test_a_new_folder_is_a_city_whose_settings_load(tmp_path: Path) -> None:
    place = DemoFolder(tmp_path / "demo")
    place.make()
    settings = load_settings(place.folder, environ={})
    assert settings.demo
    assert settings.city.languages == ("en", "ko", "ar")
    assert settings.city.name_in("ko") == "새빛시"
    assert stat.S_IMODE((place.folder / "secret.key").stat().st_mode) == 0o600


def test_two_demo_cities_have_different_secrets(tmp_path: Path) -> None:
    for name in ("a", "b"):
        DemoFolder(tmp_path / name).make()
    assert len({(tmp_path / name / "secret.key").read_text() for name in ("a", "b")}) == 2


def test_production_refuses_a_demo_folder(tmp_path: Path) -> None:
    place = DemoFolder(tmp_path / "demo")
    place.make()
    with pytest.raises(SettingsError, match="demo city with public passwords"):
        load_settings(place.folder, environ={"EGOVFRAME_ENVIRONMENT": "production"})


def test_making_it_again_keeps_what_the_city_wrote(tmp_path: Path) -> None:
    place = DemoFolder(tmp_path / "demo")
    place.make()
    secret = (place.folder / "secret.key").read_text()
    place.note(["core"])
    place.make()
    assert (place.folder / "secret.key").read_text() == secret
    assert place.done() == ["core"]


def test_a_real_city_is_neither_filled_nor_thrown_away(tmp_path: Path) -> None:
    (tmp_path / "egovframe.toml").write_text('environment = "development"\n')
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "city.sqlite").write_text("precious")
    place = DemoFolder(tmp_path)
    for harm in (place.make, place.remove):
        with pytest.raises(SettingsError, match="a city of its own"):
            harm()
    assert (tmp_path / "data" / "city.sqlite").read_text() == "precious"


def test_a_fresh_start_throws_data_away_and_keeps_the_citys_own_words(tmp_path: Path) -> None:
    place = DemoFolder(tmp_path / "demo")
    place.make()
    (place.folder / "translations").mkdir()
    (place.data / "city.sqlite").write_text("old")
    (place.data / "outbox").mkdir()
    place.note(["core"])
    place.remove()
    assert [entry.name for entry in place.data.iterdir()] == [place.marker.name]
    assert place.done() == []
    assert (place.folder / "translations").is_dir()
    place.make()


@pytest.mark.parametrize("text", ["", "[]", '{"filled": 3}', "no json"])
def test_an_unreadable_note_means_that_nothing_is_filled_in(tmp_path: Path, text: str) -> None:
    place = DemoFolder(tmp_path / "demo")
    place.make()
    place.marker.write_text(text)
    assert place.done() == []
