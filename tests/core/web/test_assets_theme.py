"""Static files for a year, and colours that people can read."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given, settings
from hypothesis import strategies as st

from egovframe.config_sections import ThemeSettings
from egovframe.core.web import Assets, Theme, asset, contrast
from egovframe.core.web.assets import STATIC
from egovframe.core.web.theme import default_tokens, luminance, problems, with_luminance
from egovframe.errors import SettingsError

COLOURS = st.integers(0, 0xFFFFFF).map(lambda value: f"#{value:06x}")


def test_an_address_changes_with_the_content(tmp_path: Path) -> None:
    file = tmp_path / "a.css"
    file.write_text("a{}")
    assets = Assets({"city": tmp_path}, watch=True)
    before = assets.url("city/a.css")
    file.write_text("a{color:red}")
    assert assets.url("city/a.css") != before
    assert Assets({"city": tmp_path}).url("city/a.css") == assets.url("city/a.css")


def test_files_are_kept_for_a_year_and_packed(visitor: FlaskClient) -> None:
    with visitor.application.test_request_context():
        address = asset("core/app.css")
    answer = visitor.get(address, headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.mimetype == "text/css"
    assert "Set-Cookie" not in answer.headers
    text = gzip.decompress(answer.data).decode()
    assert ".masthead" in text
    assert "--ds-color-accent-base-default" in text
    assert visitor.get(address).get_data(as_text=True) == text


def test_an_old_address_leads_to_the_present_file(visitor: FlaskClient) -> None:
    answer = visitor.get("/static/000000000000/core/app.css")
    assert answer.status_code == 302
    assert visitor.get(answer.headers["Location"]).status_code == 200


def test_only_published_files_are_served(visitor: FlaskClient, tmp_path: Path) -> None:
    secret = tmp_path / "secret.css"
    secret.write_text("secret")
    folder = tmp_path / "static"
    (folder / ".git").mkdir(parents=True)
    for name in ("ok.css", "page.html", ".hidden.css", ".git/x.css", "code.py"):
        (folder / name).write_text("x")
    (folder / "link.css").symlink_to(secret)
    assert [path for path in Assets({"city": folder}).paths() if path.startswith("city/")] == ["city/ok.css"]
    for path in ("core/../__init__.py", "core/%2e%2e/runtime.py", "../../etc/passwd", "core/vendor"):
        assert visitor.get(f"/static/000000000000/{path}").status_code == 404


def test_the_vendored_files_are_those_of_the_manifest() -> None:
    import hashlib

    vendor = STATIC / "vendor"
    manifest = json.loads((vendor / "MANIFEST.json").read_text())["files"]
    found = {
        path.relative_to(vendor).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in vendor.rglob("*")
        if path.is_file() and path.name != "MANIFEST.json"
    }
    assert found == manifest
    assert not [name for name in found if name.endswith(".map")]
    assert all((folder / "LICENSE.txt").is_file() for folder in vendor.iterdir() if folder.is_dir())


def test_the_default_theme_is_readable_at_seven_to_one() -> None:
    assert problems(ThemeSettings()) == []
    assert Theme(ThemeSettings()).url == ""
    light, dark = default_tokens()
    assert contrast(light["accent-text-default"], light["accent-surface-tinted"]) >= 7
    assert contrast(dark["accent-text-default"], dark["accent-surface-tinted"]) >= 7
    for muted, ground in (
        ("#4B535D", "#FFFFFF"),
        ("#4B535D", "#F6F8FA"),
        ("#B7BBC0", "#14181D"),
        ("#B7BBC0", "#212931"),
    ):
        assert contrast(muted, ground) >= 7
    for stop in ("#0A4A8C", "#0B5CAD", "#0A7058"):
        assert contrast(stop, "#ffffff") >= 4.5


@pytest.mark.parametrize("colour", ["#FFFF00", "#7FB5FF", "#AAAAAA"])
def test_colours_that_cannot_be_read_are_refused_with_one_that_can(colour: str) -> None:
    with pytest.raises(SettingsError) as refused:
        Theme(ThemeSettings(accent=colour))
    message = str(refused.value)
    assert colour in message
    suggestion = message.rsplit(" ", 1)[1]
    assert Theme(ThemeSettings(accent=suggestion)).css


@settings(max_examples=60, deadline=None)
@given(colour=COLOURS)
def test_every_accepted_colour_gives_readable_shades(colour: str) -> None:
    light, _dark = default_tokens()
    shade = with_luminance(colour, luminance(light["accent-text-subtle"]))
    assert contrast(shade, "#ffffff") >= 4.5 - 0.2
    assert abs(luminance(shade) - luminance(light["accent-text-subtle"])) < 0.02
    if not problems(ThemeSettings(accent=colour)):
        assert contrast(colour, "#ffffff") >= 4.5


def test_the_same_colour_contrasts_with_itself_not_at_all() -> None:
    assert contrast("#123456", "#123456") == 1
    assert round(contrast("#000000", "#ffffff"), 3) == 21


class TestOwnColours:
    """A city with its own colours, logo and picture."""

    @pytest.fixture
    def city_settings(self, city_folder: Path) -> dict[str, Any]:
        (city_folder / "static").mkdir()
        (city_folder / "static" / "logo.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg"/>')
        (city_folder / "static" / "hero.webp").write_bytes(b"RIFF")
        return {"theme": {"accent": "#7A1F5C", "support": "#8A4B08", "logo": "logo.svg", "hero": "hero.webp"}}

    def test_they_come_as_a_style_sheet_of_their_own(self, visitor: FlaskClient) -> None:
        text = visitor.get("/en/").get_data(as_text=True)
        address = text.split('href="/theme/')[1].split('"')[0]
        sheet = visitor.get(f"/theme/{address}")
        assert sheet.mimetype == "text/css"
        assert "immutable" in sheet.headers["Cache-Control"]
        assert "--ds-color-accent-base-default:#7A1F5C" in sheet.get_data(as_text=True)
        assert "prefers-color-scheme:dark" in sheet.get_data(as_text=True)
        assert "/city/logo.svg" in text
        assert "/city/hero.webp" in text
        assert visitor.get("/theme/000000000000.css").status_code == 404
