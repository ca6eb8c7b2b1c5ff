"""The doctor names what is wrong and what to do, and is silent about what is fine."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from egovframe.cli import cli
from egovframe.testing.databases import TEST_SECRET


def doctor(folder: Path) -> Result:
    return CliRunner().invoke(cli, ["--city", str(folder), "doctor", "--json"], catch_exceptions=False)


def wrong(result: Result) -> list[tuple[str, str]]:
    found = json.loads(result.output)
    assert all(one["remedy"] for one in found if one["state"] == "wrong")
    return [(one["about"], one["text"]) for one in found if one["state"] == "wrong"]


@pytest.fixture
def healthy(city_folder: Path, database_address: str, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", database_address)
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", TEST_SECRET)
    (city_folder / "data").mkdir()
    return city_folder


def test_a_healthy_city_has_nothing_wrong(healthy: Path) -> None:
    result = doctor(healthy)
    assert wrong(result) == []
    assert result.exit_code == 0
    assert {one["about"] for one in json.loads(result.output)} == {
        "settings", "secrets", "disk", "mail", "database", "schema", "jobs",
    }  # fmt: skip


def test_every_wrong_setting_is_named(city_folder: Path) -> None:
    (city_folder / "egovframe.toml").write_text('colour = "red"\n[city]\ntimezone = "Mars"\n')
    result = doctor(city_folder)
    assert result.exit_code == 1
    assert [about for about, _text in wrong(result)] == ["settings", "settings"]


def test_an_empty_database_a_weak_secret_and_a_missing_folder_are_named(
    healthy: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", f"sqlite:///{tmp_path}/empty.sqlite")
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", "change-me")
    (healthy / "data").rmdir()
    result = doctor(healthy)
    assert result.exit_code == 1
    assert {about for about, _text in wrong(result)} == {"secrets", "disk", "schema"}


def test_a_secret_that_others_can_read_is_named(healthy: Path) -> None:
    (healthy / "secret.key").write_text(TEST_SECRET)
    (healthy / "secret.key").chmod(0o644)
    assert [about for about, _text in wrong(doctor(healthy))] == ["secrets"]


def test_a_mail_server_that_does_not_answer_is_named(healthy: Path) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    (healthy / "egovframe.toml").write_text(f'[mail]\nadapter = "smtp"\nhost = "127.0.0.1"\nport = {port}\n')
    assert [about for about, _text in wrong(doctor(healthy))] == ["mail"]


def test_a_database_that_does_not_answer_is_named(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert [about for about, _text in wrong(doctor(healthy))] == ["database"]
