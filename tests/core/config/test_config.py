"""Settings from file and environment: every mistake at once, secrets by reference, production is strict."""

from __future__ import annotations

from pathlib import Path

import pytest

from egovframe.config import DEMO_MARKER, host_of, load_settings
from egovframe.errors import SettingsError

SECRET = "kJ3d8sKq02LmZx7Vb5Nq91PwRt6YuIo4"


def city(folder: Path, text: str = "") -> Path:
    (folder / "egovframe.toml").write_text(text, encoding="utf-8")
    return folder


def problems_of(folder: Path, environ: dict[str, str] | None = None) -> str:
    with pytest.raises(SettingsError) as caught:
        load_settings(folder, environ=environ or {})
    return str(caught.value)


def test_a_small_file_is_enough(tmp_path: Path) -> None:
    settings = load_settings(city(tmp_path), environ={})
    assert settings.environment == "development"
    assert settings.strict
    assert settings.database_url == f"sqlite:///{tmp_path}/data/city.sqlite"
    assert settings.city.languages == ("en", "ko", "ar")
    assert not settings.is_https


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    said = problems_of(
        city(
            tmp_path,
            'environment = "prod"\nunknown = 1\n[city]\ntimezone = "Mars/Base"\nlanguages = ["en", "en"]\nnme = "x"\n'
            '[mail]\nport = 99999\n[theme]\naccent = "blue"\n',
        )
    )
    for place in (
        "environment",
        "unknown",
        "city.timezone",
        "city.languages",
        "city.nme",
        "mail.port",
        "theme.accent",
    ):
        assert f"- {place}: " in said, place


def test_variables_win_over_the_file_and_options_over_both(tmp_path: Path) -> None:
    folder = city(tmp_path, f'secret_key = "{SECRET}"\npublic_url = "http://file.example"\n')
    environ = {"EGOVFRAME_PUBLIC_URL": "https://variable.example/", "EGOVFRAME_STRICT": "0"}
    settings = load_settings(folder, environ=environ)
    assert settings.public_url == "https://variable.example"
    assert not settings.strict
    chosen = load_settings(folder, environ=environ, overrides={"public_url": "https://option.example"})
    assert chosen.public_url == "https://option.example"


def test_secrets_come_by_reference(tmp_path: Path) -> None:
    (tmp_path / "key").write_text(SECRET + "\n", encoding="utf-8")
    folder = city(tmp_path, 'secret_key = { "$file" = "key" }\nold_secret_keys = [{ "$env" = "OLD" }]\n')
    settings = load_settings(folder, environ={"OLD": SECRET[::-1]})
    assert settings.secrets == (SECRET, SECRET[::-1])
    said = problems_of(folder)
    assert "OLD is not set" in said
    assert SECRET not in said


def test_a_missing_city_says_what_to_do(tmp_path: Path) -> None:
    assert "egovframe new city" in problems_of(tmp_path)


@pytest.mark.parametrize("text", ["not toml [", "a = 1\na = 2\n", "\ufeff[[["])
def test_a_broken_file_is_one_clear_error(tmp_path: Path, text: str) -> None:
    assert "cannot be" in problems_of(city(tmp_path, text))


def test_production_refuses_everything_unsafe_at_once(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / DEMO_MARKER).touch()
    said = problems_of(
        city(
            tmp_path,
            'environment = "production"\nsecret_key = "change-me-change-me-change-me-change-me"\n'
            '[log]\nlevel="debug"\n',
        )
    )
    for word in ("secret_key", "demo", "https", "debug", "smtp"):
        assert word in said, word


def test_production_starts_when_all_is_well(tmp_path: Path) -> None:
    text = 'environment = "production"\npublic_url = "https://city.example"\n'
    text += f'secret_key = "{SECRET}"\n[mail]\nadapter = "smtp"\n'
    settings = load_settings(city(tmp_path, text), environ={})
    assert settings.is_production
    assert not settings.strict
    assert host_of(settings.public_url) == "city.example"
