"""The administrator sees what the city has set and changes it, one at a time, without losing anybody's change."""

from __future__ import annotations

import re
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from marshmallow import fields as plain
from sqlalchemy import update
from werkzeug.test import TestResponse

from egovframe.actor import SYSTEM, Actor
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.settings import DeclaredSetting, StoredSetting, declare, get, put
from egovframe.core.persistence import Database
from egovframe.core.web import plugin_settings, runtime
from egovframe.fields import Boolean, Choice, Json, Text
from egovframe.testing.factories import Factory

PAGE = "/en/admin/settings"
LETTER = f"{PAGE}/auth.letter_days"
DELAYS = f"{PAGE}/privacy.look_delays"
KINDS = {
    "town.open": DeclaredSetting("town.open", Boolean(), True, "Whether", "Town", "Open on Sundays"),
    "town.style": DeclaredSetting("town.style", Choice((("a", "Calm"), ("b", "Loud"))), "a", "How", "Town", "Style"),
    "town.words": DeclaredSetting("town.words", plain.List(Text(max_length=20)), ["one"], "", "Town", "Words"),
    "town.motto": DeclaredSetting("town.motto", Text(max_length=20), "Here", "", "Town", "Motto"),
    "town.rules": DeclaredSetting("town.rules", Json(), {"a": [1]}, "", "Town", "Rules"),
    "town.colours": DeclaredSetting(
        "town.colours", plain.List(Choice((("r", "Red"), ("g", "Green")))), ["r"], "", "Town", "Colours"
    ),
}


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {
        "settings": {"privacy": {"backup_days": 14}},
        "plugin": {"civic_participation": {"filings_per_hour": 30}},
        "mail": {"adapter": "console", "username": "mail-user-of-the-file", "password": "mail-secret-of-the-file"},
    }


@pytest.fixture
def base(app: Flask) -> Database:
    return runtime(app).database


@pytest.fixture
def admin(make: Factory) -> Actor:
    return make.account("administrator", kind="staff")


@pytest.fixture
def desk(make: Factory, admin: Actor) -> FlaskClient:
    return make.client(admin)


def hidden(text: str, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', text)
    assert found, name
    return found[1]


def store(client: FlaskClient, page: str, seen: str | None = None, **values: Any) -> TestResponse:
    """Send the form of a page, as it was opened now or as it was seen before."""
    text = client.get(page).text
    sent = {"csrf_token": hidden(text, "csrf_token"), "seen": hidden(text, "seen") if seen is None else seen, **values}
    return client.post(page, data=sent)


def row_of(text: str, title: str) -> str:
    """Return the table row of a setting without its markup."""
    row = next(row for row in text.split("<tr>") if f"<tr>{row}".startswith(f'<tr><th scope="row">{title}'))
    return " ".join(re.sub(r"<[^>]+>", " ", row).split())


def value_of(base: Database, key: str) -> Any:
    with base.reading() as session:
        return get(session, key)


def test_every_setting_stands_under_its_room_with_value_and_source(base: Database, desk: FlaskClient) -> None:
    with base.writing() as session:
        put(session, SYSTEM, "auth.verification_days", 730)
    text = desk.get(PAGE).text
    for heading in ("Identity", "Privacy", "Civic participation"):
        assert f"<h2>{heading}</h2>" in text
    letter = row_of(text, "How long the code in a letter works")
    assert "30 days" in letter
    assert "Default" in letter
    assert "once the letter has been sent" in letter
    backups = row_of(text, "How long backups are kept")
    assert "14 days" in backups
    assert "Settings file" in backups
    verification = row_of(text, "How long a verification holds")
    assert "730 days" in verification
    assert "Set here" in verification
    assert "The system" in verification
    assert "30" in row_of(text, "Complaints from one network address")
    assert "25 met" in row_of(text, "Asking beside a border")


def test_what_stands_in_the_file_alone_is_neither_shown_nor_there_to_change(desk: FlaskClient) -> None:
    text = desk.get(PAGE).text
    assert "of-the-file" not in text
    for key in ("secret_key", "mail.password", "mail.username", "database_url"):
        assert f'"/en/admin/settings/{key}"' not in text
        assert desk.get(f"{PAGE}/{key}").status_code == 404


def test_a_number_is_changed_audited_and_in_force(base: Database, admin: Actor, desk: FlaskClient) -> None:
    shown = desk.get(LETTER).text
    assert 'min="1"' in shown
    assert 'max="365"' in shown
    assert "From 1 day to 365 days." in shown
    assert "Back to the default" not in shown
    assert store(desk, LETTER, value="45").status_code == 303
    assert value_of(base, "auth.letter_days") == 45
    store(desk, LETTER, value="50")
    text = desk.get(PAGE).text
    listed = row_of(text, "How long the code in a letter works")
    assert "50 days" in listed
    assert admin.label in listed
    assert f'href="/en/admin/accounts/{admin.public_id}"' in text
    with base.reading() as session:
        entries = entries_of(session, "setting:auth.letter_days")
        assert [(one.before, one.after, one.actor) for one in entries] == [
            ({"value": 45}, {"value": 50}, admin.label),
            (None, {"value": 45}, admin.label),
        ]


def test_back_to_the_default_and_to_the_file(base: Database, desk: FlaskClient) -> None:
    backups = f"{PAGE}/privacy.backup_days"
    for page, key, before in ((LETTER, "auth.letter_days", 30), (backups, "privacy.backup_days", 14)):
        store(desk, page, value="99")
        text = desk.get(page).text
        assert f"{before} days" in text
        sent = {"csrf_token": hidden(text, "csrf_token"), "seen": hidden(text, "seen")}
        assert desk.post(f"{page}/reset", data=sent).status_code == 303
        assert value_of(base, key) == before
    with base.reading() as session:
        last = entries_of(session, "setting:privacy.backup_days")[0]
        assert (last.action, last.before, last.after) == ("settings:setting:reset", {"value": 99}, None)


@pytest.mark.parametrize("bad", ["0", "366", "soon", "", "1.5", "٣٠"])
def test_a_refused_value_stays_in_the_form_and_nothing_changes(base: Database, desk: FlaskClient, bad: str) -> None:
    answer = store(desk, LETTER, value=bad)
    assert answer.status_code == 422
    assert 'href="#f-value"' in answer.text
    assert f'name="value" value="{bad}"' in answer.text
    assert value_of(base, "auth.letter_days") == 30


def test_the_second_of_two_administrators_is_told(base: Database, desk: FlaskClient, make: Factory) -> None:
    second = make.client(make.account("administrator", kind="staff"))
    opened_empty = hidden(second.get(LETTER).text, "seen")
    store(desk, LETTER, value="40")
    refused = store(second, LETTER, seen=opened_empty, value="60")
    assert refused.status_code == 409
    assert "Somebody else changed this setting" in refused.text
    assert "40 days" in refused.text
    assert 'name="value" value="60"' in refused.text
    assert value_of(base, "auth.letter_days") == 40
    # The page that told about it is about the new value: sent again, it replaces it.
    again = {"csrf_token": hidden(refused.text, "csrf_token"), "seen": hidden(refused.text, "seen"), "value": "60"}
    assert second.post(LETTER, data=again).status_code == 303
    assert value_of(base, "auth.letter_days") == 60
    late = {"csrf_token": again["csrf_token"], "seen": again["seen"]}
    assert second.post(f"{LETTER}/reset", data=late).status_code == 409
    assert value_of(base, "auth.letter_days") == 60


def test_a_mistake_does_not_hide_that_somebody_was_quicker(base: Database, desk: FlaskClient) -> None:
    opened = hidden(desk.get(LETTER).text, "seen")
    store(desk, LETTER, value="40")
    wrong = store(desk, LETTER, seen=opened, value="many")
    assert wrong.status_code == 422
    assert hidden(wrong.text, "seen") == opened
    assert store(desk, LETTER, seen=hidden(wrong.text, "seen"), value="60").status_code == 409


def test_delays_have_a_row_for_each_purpose(base: Database, desk: FlaskClient) -> None:
    text = desk.get(DELAYS).text
    assert 'name="value-case"' in text
    assert "To handle your case" in text
    with base.writing() as session:
        put(session, SYSTEM, "privacy.look_delays", {"investigation": 30})
    assert 'name="value-investigation" value="30"' in desk.get(DELAYS).text
    answer = store(desk, DELAYS, **{"value-investigation": "60", "value-accounts": "7", "value-case": ""})
    assert answer.status_code == 303
    assert value_of(base, "privacy.look_delays") == {"accounts": 7, "investigation": 60}
    listed = row_of(desk.get(PAGE).text, "When people see who looked")
    assert "To look after accounts: 7 days" in listed
    assert "investigation: 60 days" in listed
    refused = store(desk, DELAYS, **{"value-case": "9", "value-accounts": "4000", "value-investigation": "x"})
    assert refused.status_code == 422
    assert 'href="#f-value-accounts"' in refused.text
    assert 'href="#f-value-investigation"' in refused.text
    assert 'name="value-case" value="9"' in refused.text
    assert value_of(base, "privacy.look_delays") == {"accounts": 7, "investigation": 60}


@pytest.mark.parametrize(
    ("key", "inputs", "stored", "words"),
    [
        ("town.open", ['type="radio"'], ({"value": "0"}, False), "No"),
        ("town.style", ['type="radio"', "Calm"], ({"value": "b"}, "b"), "Loud"),
        (
            "town.words",
            ["<textarea"],
            ({"value": "one\r\n\r\n two \r\nthree"}, ["one", "two", "three"]),
            "one two three",
        ),
        ("town.motto", ['type="text"', 'maxlength="20"'], ({"value": " There "}, "There"), "There"),
        ("town.rules", ["<textarea"], ({"value": '{"a": [2]}'}, {"a": [2]}), "{&#34;a&#34;: [2]}"),
        ("town.colours", ['type="checkbox"', "Red"], ({"value": ["r", "g"]}, ["r", "g"]), "Red Green"),
    ],
)
def test_each_kind_has_its_input(
    base: Database, desk: FlaskClient, key: str, inputs: list[str], stored: tuple[Any, Any], words: str
) -> None:
    declare(base, KINDS[key])
    text = desk.get(f"{PAGE}/{key}").text
    for each in inputs:
        assert each in text
    sent, value = stored
    answer = store(desk, f"{PAGE}/{key}", **sent)
    assert answer.status_code == 303, answer.text
    assert value_of(base, key) == value
    assert words in row_of(desk.get(PAGE).text, str(KINDS[key].title))


@pytest.mark.parametrize(
    ("key", "bad"),
    [
        ("town.open", "perhaps"),
        ("town.style", "c"),
        ("town.words", "x" * 21),
        ("town.words", "x\n" * 101),
        ("town.motto", "x" * 21),
        ("town.rules", "{"),
        ("town.rules", "[" * 5000),
        ("town.colours", ["r", "b"]),
    ],
)
def test_each_kind_refuses_what_does_not_fit(base: Database, desk: FlaskClient, key: str, bad: Any) -> None:
    declare(base, KINDS[key])
    assert store(desk, f"{PAGE}/{key}", value=bad).status_code == 422
    assert value_of(base, key) == KINDS[key].default


def test_what_no_longer_fits_is_said(base: Database, desk: FlaskClient) -> None:
    store(desk, LETTER, value="50")
    with base.writing() as session:
        session.execute(update(StoredSetting).values(value=5000))
    row = row_of(desk.get(PAGE).text, "How long the code in a letter works")
    assert "no longer fits" in row
    assert "30 days" in row
    page = desk.get(LETTER).text
    assert "It does not count" in page
    assert "Back to the default" in page


def test_a_plugin_follows_at_once(app: Flask, base: Database, desk: FlaskClient) -> None:
    with app.app_context():
        assert plugin_settings("civic_participation")["filings_per_hour"] == 30
        assert plugin_settings("civic_participation")["require_account"] is False
    assert store(desk, f"{PAGE}/civic_participation.require_account", value="1").status_code == 303
    assert store(desk, f"{PAGE}/civic_participation.filings_per_hour", value="5").status_code == 303
    with app.app_context():
        assert plugin_settings("civic_participation")["filings_per_hour"] == 5
        assert plugin_settings("civic_participation")["require_account"] is True
    visitor = app.test_client()
    assert visitor.get("/en/complaints/new").status_code == 303
    with base.writing() as session, app.app_context():
        put(session, SYSTEM, "civic_participation.draft_days", 3)
        assert plugin_settings("civic_participation", session)["draft_days"] == 3


@pytest.mark.parametrize("role", ["citizen", "officer", "auditor", "steward"])
def test_nobody_else_may_see_or_change(base: Database, make: Factory, role: str) -> None:
    other = make.client(make.account(role))
    token = re.search(r'name="csrf_token" value="([^"]+)"', other.get("/en/").text)
    sent = {"csrf_token": token[1] if token else "", "value": "5", "seen": ""}
    assert other.get(PAGE).status_code == 403
    assert other.get(LETTER).status_code == 403
    assert other.post(LETTER, data=sent).status_code in {400, 403}
    assert other.post(f"{LETTER}/reset", data=sent).status_code in {400, 403}
    assert value_of(base, "auth.letter_days") == 30


def test_strangers_sign_in_first_and_forms_need_their_token(client: FlaskClient, desk: FlaskClient) -> None:
    assert client.get(PAGE).status_code == 303
    assert desk.post(LETTER, data={"value": "5", "seen": ""}).status_code == 400


def test_an_unknown_setting_is_no_page(desk: FlaskClient) -> None:
    assert desk.get(f"{PAGE}/auth.unknown").status_code == 404
    assert store(desk, LETTER, value="5", owner="me").status_code == 422
