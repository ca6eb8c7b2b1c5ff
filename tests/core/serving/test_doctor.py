"""The doctor names what is wrong and what to do, and is silent about what is fine."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete, update

from egovframe.actor import SYSTEM
from egovframe.app import core_hooks
from egovframe.cli import cli, findings
from egovframe.cli.examining import look_at_backup
from egovframe.cli.findings import look_at_secrets, look_at_sender
from egovframe.config import Settings, load_settings
from egovframe.config_sections import MailSettings
from egovframe.core.auth import CHEAP, Account, create_account, grant_role, hash_password, sync_roles
from egovframe.core.modules.audit import AuditCheck, audit, check_chain, keep_verdict, seal
from egovframe.core.persistence import Database, now
from egovframe.testing.clock import Clock
from egovframe.testing.databases import TEST_SECRET, opened, tamper


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
    (city_folder / "data").mkdir(mode=0o700)
    return city_folder


def test_a_healthy_city_has_nothing_wrong(healthy: Path) -> None:
    result = doctor(healthy)
    assert wrong(result) == []
    assert result.exit_code == 0
    assert {one["about"] for one in json.loads(result.output)} == {
        "settings", "secrets", "debug", "proxies", "disk", "mail", "backup", "database", "schema", "jobs", "clock",
        "accounts", "audit", "keys",
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
    mail = f'[mail]\nadapter = "smtp"\nsender = "portal@city.example"\nhost = "127.0.0.1"\nport = {port}\n'
    (healthy / "egovframe.toml").write_text(f'environment = "test"\n{mail}')
    assert [about for about, _text in wrong(doctor(healthy))] == ["mail"]


def settled(folder: Path, *lines: str) -> list[str]:
    """What is wrong in a city with these settings, by place."""
    (folder / "egovframe.toml").write_text("\n".join(lines) + "\n")
    return [about for about, _text in wrong(doctor(folder))]


STRONG = "Zq8-kT3vX9_mW2pL7rB5nH4cJ6yD1sF0gA-uEoIxVzQw"
HTTPS = 'public_url = "https://city.example"'
PROXY = "trusted_proxies = 1"
MAIL = '[mail]\nadapter = "file"'


@pytest.mark.parametrize(
    ("lines", "about"),
    [
        ([HTTPS, PROXY, 'environment = "test"', MAIL], {"debug", "mail", "backup"}),
        ([HTTPS, 'environment = "test"'], {"debug", "mail", "proxies", "backup"}),
        ([PROXY, 'environment = "development"'], {"proxies"}),
        (['environment = "development"', 'trusted_hosts = ["*.example"]'], {"proxies"}),
        (['environment = "development"', "[backup]", 'folder = "backups"'], {"backup"}),
        (['environment = "development"'], set()),
    ],
)
def test_settings_that_are_dangerous_together_are_named(
    healthy: Path, lines: list[str], about: set[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", STRONG)
    assert set(settled(healthy, *lines)) == about


@pytest.mark.parametrize(
    ("secret", "more", "found"),
    [
        (STRONG, "", False),
        ("abcdefghijkl" * 4, "", True),
        (TEST_SECRET, "", True),
        (STRONG, f'old_secret_keys = ["{STRONG}"]', True),
        (STRONG, f'old_secret_keys = ["{STRONG[::-1]}"]', False),
        (STRONG, f"old_secret_keys = [{', '.join(repr(STRONG[n:] + STRONG[:n]) for n in (1, 2, 3))}]", True),
    ],
)
def test_keys_that_can_be_guessed_or_were_kept_too_long_are_named(
    healthy: Path, secret: str, more: str, found: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", secret)
    assert settled(healthy, 'environment = "development"', more) == (["secrets"] if found else [])


def test_a_password_of_the_database_that_everybody_tries_is_named() -> None:
    def found(address: str) -> list[str]:
        given = Settings(folder=Path("/nowhere"), secret_key=STRONG, environment="production", database_url=address)
        return [one.text for one in look_at_secrets(given) if one.state == "wrong"]

    assert found("postgresql://city:postgres@db.city.example/city")
    assert found("postgresql://kim:kim@db.city.example/city")
    assert found("postgresql://city:k3j4h5-kjh3-99xx@db.city.example/city") == []
    assert found("postgresql://postgres@127.0.0.1/city") == []


def test_a_mail_sender_of_nowhere_and_a_readable_password_are_named() -> None:
    def found(**mail: Any) -> list[str]:
        given = MailSettings("smtp", host="mail.city.example", **mail)
        return [one.text.split()[0] for one in look_at_sender(given, Settings(folder=Path("/nowhere")))]

    assert found() == ["mail.sender"]
    assert found(sender="portal@city.example") == []
    assert found(sender="portal@city.example", password="x") == ["the"]
    assert found(sender="portal@city.example", password="x", security="tls") == []


def test_debug_switches_are_named(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLASK_DEBUG", "1")
    assert [about for about, _text in wrong(doctor(healthy))] == ["debug"]
    monkeypatch.setenv("FLASK_DEBUG", "0")
    assert wrong(doctor(healthy)) == []


def test_a_data_folder_that_others_may_enter_is_named(healthy: Path) -> None:
    (healthy / "data").chmod(0o755)
    assert [about for about, _text in wrong(doctor(healthy))] == ["disk"]
    (healthy / "data").chmod(0o750)
    assert wrong(doctor(healthy)) == []


def test_clocks_that_differ_are_named(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = Database.read_clock
    with monkeypatch.context() as patched:
        patched.setattr(Database, "read_clock", lambda self, session: clock(self, session) - timedelta(seconds=30))
        assert [about for about, _text in wrong(doctor(healthy))] == ["clock"]
    disk = findings.file_clock
    with monkeypatch.context() as patched:
        patched.setattr(findings, "file_clock", lambda folder: disk(folder) + 30)
        assert [about for about, _text in wrong(doctor(healthy))] == ["clock"]
    assert wrong(doctor(healthy)) == []


def test_a_backup_is_known_by_its_marker_or_by_the_newest_file(healthy: Path) -> None:
    (healthy / "backups").mkdir()
    config = ['environment = "development"', "[backup]", 'folder = "backups"', "max_age_hours = 2"]
    (healthy / "egovframe.toml").write_text("\n".join(config))
    settings = load_settings(healthy, environ={})
    at = datetime.now(UTC)

    def state(hours: float = 0) -> str:
        return next(iter(look_at_backup(settings, at + timedelta(hours=hours)))).state

    assert state() == "wrong"
    (healthy / "backups" / "monday.tar").write_text("x")
    assert state() == "fine"
    assert state(3) == "wrong"
    (healthy / "data" / "last-backup.json").write_text(json.dumps({"at": (at + timedelta(hours=2)).isoformat()}))
    assert state(3) == "fine"
    (healthy / "data" / "last-backup.json").write_text("no json")
    assert state(3) == "wrong"


@pytest.fixture
def opened_city(healthy: Path, database_address: str) -> Iterator[Database]:
    with opened(database_address) as database:
        with database.writing() as session:
            sync_roles(session, core_hooks(strict=True))
        yield database


def person(database: Database, email: str, **more: Any) -> None:
    with database.writing() as session:
        account = create_account(session, SYSTEM, email=email, display_name="x", **more)
        grant_role(session, SYSTEM, account, "administrator")


def test_a_city_that_nobody_can_administer_is_named(healthy: Path, opened_city: Database) -> None:
    seal_and_check(opened_city)
    assert wrong(doctor(healthy)) == []  # no accounts yet is no fault
    person(opened_city, "kim@city.example")  # cannot sign in: no password was ever set
    seal_and_check(opened_city)
    assert [about for about, _text in wrong(doctor(healthy))] == ["accounts"]
    person(opened_city, "lee@city.example", password=hash_password("quiet-harbour-lantern", CHEAP))
    seal_and_check(opened_city)
    assert wrong(doctor(healthy)) == []


def test_administrators_with_a_password_alone_are_counted_where_it_matters(
    healthy: Path, opened_city: Database
) -> None:
    known = hash_password("quiet-harbour-lantern", CHEAP)
    person(opened_city, "kim@city.example", password=known)
    person(opened_city, "lee@city.example", password=known)
    seal_and_check(opened_city)
    assert wrong(doctor(healthy)) == []  # a test city
    environment = healthy / "egovframe.toml"
    text = environment.read_text().replace('environment = "test"', 'environment = "production"')
    text = 'public_url = "https://city.example"\n' + text.replace(
        'adapter = "file"', 'adapter = "smtp"\nhost = "localhost"'
    )
    environment.write_text(text)
    accounts = "accounts", "2 of 2 administrators sign in with a password alone"
    assert accounts in wrong(doctor(healthy))
    with opened_city.writing() as session:
        session.execute(update(Account).values(second_factor=True))
    assert "accounts" not in {about for about, _text in wrong(doctor(healthy))}


def test_demo_accounts_outside_of_a_demo_are_named(healthy: Path, opened_city: Database) -> None:
    person(opened_city, "a@demo.example", password=hash_password("quiet-harbour-lantern", CHEAP), is_demo=True)
    seal_and_check(opened_city)
    assert [about for about, _text in wrong(doctor(healthy))] == ["accounts"]
    (healthy / "data" / "demo-city").touch()
    assert wrong(doctor(healthy)) == []


def seal_and_check(database: Database) -> None:
    seal(database)
    keep_verdict(database, check_chain(database), "system")


def test_a_chain_that_nobody_looks_after_is_named(healthy: Path, opened_city: Database, clock: Clock) -> None:
    seal_and_check(opened_city)
    assert wrong(doctor(healthy)) == []
    with opened_city.writing() as session:
        audit(session, SYSTEM, "a:b:c", "x:1")
        session.execute(delete(AuditCheck))
    seal(opened_city)
    assert [text for _about, text in wrong(doctor(healthy))] == ["the chain was not verified yet"]
    seal_and_check(opened_city)
    with opened_city.writing() as session:
        session.execute(update(AuditCheck).values(at=now(session) - timedelta(days=3)))
    assert "was not verified since" in wrong(doctor(healthy))[0][1]
    tamper(opened_city, "UPDATE core_audit SET reason = 'x'")
    seal_and_check(opened_city)
    assert "link 1" in wrong(doctor(healthy))[0][1]


def test_entries_that_nobody_seals_are_named(healthy: Path, opened_city: Database) -> None:
    seal_and_check(opened_city)
    opened_city.clock_offset = -timedelta(minutes=2)
    with opened_city.writing() as session:
        audit(session, SYSTEM, "a:b:c", "x:1")
    opened_city.clock_offset = timedelta()
    assert ["waited for their seal" in text for _about, text in wrong(doctor(healthy))] == [True]
    seal(opened_city)
    assert wrong(doctor(healthy)) == []


def test_a_database_that_does_not_answer_is_named(healthy: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", "postgresql://nobody@127.0.0.1:9/none")
    assert [about for about, _text in wrong(doctor(healthy))] == ["database"]
