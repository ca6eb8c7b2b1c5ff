"""Stored settings: checked, audited, with a default, and forgiving towards yesterday's values."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from marshmallow import ValidationError
from sqlalchemy import update

from egovframe.actor import ANONYMOUS, SYSTEM, Actor, Grant
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.settings import (
    DeclaredSetting,
    NumbersByName,
    SettingChanged,
    StoredSetting,
    check_presets,
    declare,
    declared,
    get,
    preset,
    put,
    reset,
    settings_in_force,
    standing,
)
from egovframe.core.persistence import Database
from egovframe.errors import Forbidden, Invalid, NotFound, SettingsError
from egovframe.fields import Integer, Text

HOURS = DeclaredSetting("cases.reminder_hours", Integer(minimum=1, maximum=72), 24, "When to remind", "Cases")
WORD = DeclaredSetting("cases.word", Text(max_length=10), "case", "What a case is called", "Cases")


@pytest.fixture
def city(database: Database) -> Database:
    declare(database, HOURS, WORD)
    return database


def test_a_setting_has_its_default_until_it_is_set_and_after_it_is_reset(city: Database) -> None:
    with city.writing() as session:
        assert get(session, HOURS.key) == 24
        assert put(session, SYSTEM, HOURS.key, "48") == 48
        assert get(session, HOURS.key) == 48
    with city.reading() as session:
        assert get(session, HOURS.key) == 48
        assert get(session, WORD.key) == "case"
    with city.writing() as session:
        reset(session, SYSTEM, HOURS.key)
    with city.reading() as session:
        assert get(session, HOURS.key) == 24


@pytest.mark.parametrize("bad", [0, 73, "soon", 10**30, None])
def test_a_value_that_does_not_fit_is_refused_and_nothing_changes(city: Database, bad: object) -> None:
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 5)
    with city.writing() as session, pytest.raises(Invalid) as refusal:
        put(session, SYSTEM, HOURS.key, bad)
    assert list(refusal.value.errors) == [HOURS.key]
    with city.reading() as session:
        assert get(session, HOURS.key) == 5


def test_every_change_is_audited_with_before_and_after(city: Database) -> None:
    with city.writing() as session:
        put(session, SYSTEM, WORD.key, "matter")
        put(session, SYSTEM, WORD.key, "file")
        reset(session, SYSTEM, WORD.key)
    with city.reading() as session:
        seen = [(entry.before, entry.after) for entry in entries_of(session, f"setting:{WORD.key}")]
    assert seen == [
        ({"value": "file"}, None),
        ({"value": "matter"}, {"value": "file"}),
        (None, {"value": "matter"}),
    ]


def test_a_stored_value_that_no_longer_fits_counts_as_not_stored(city: Database) -> None:
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 5)
        session.execute(update(StoredSetting).values(value=500))
    with city.reading() as session:
        assert get(session, HOURS.key) == 24


def test_what_nobody_declares_cannot_be_set(city: Database) -> None:
    with city.writing() as session:
        with pytest.raises(NotFound):
            put(session, SYSTEM, "cases.unknown", 1)
        with pytest.raises(LookupError):
            get(session, "cases.unknown")
        assert [setting.key for setting in declared(session)] == [HOURS.key, WORD.key]


def test_a_key_is_declared_once(city: Database) -> None:
    declare(city, HOURS)
    with pytest.raises(ValueError, match="declared twice"):
        declare(city, DeclaredSetting(HOURS.key, Integer(), 1, "Other", "Other"))


def test_the_file_stands_between_the_default_and_what_is_stored(city: Database) -> None:
    preset(city, {HOURS.key: 36})
    check_presets(city)
    with city.writing() as session:
        assert (get(session, HOURS.key), standing(session, HOURS.key).source) == (36, "file")
        put(session, SYSTEM, HOURS.key, 5)
        found = standing(session, HOURS.key)
        assert (found.value, found.source, found.fallback, found.fallback_source) == (5, "stored", 36, "file")
        reset(session, SYSTEM, HOURS.key)
        assert get(session, HOURS.key) == 36
        assert standing(session, WORD.key).source == "default"


def test_a_file_that_does_not_fit_is_refused_with_everything_that_is_wrong(city: Database) -> None:
    preset(city, {HOURS.key: 500, "cases.reminder_hour": 5, WORD.key: "fine"})
    with pytest.raises(SettingsError) as refusal:
        check_presets(city)
    said = str(refusal.value)
    assert f"settings.{HOURS.key}: Enter a number from 1 to 72." in said
    assert "settings.cases.reminder_hour: there is no such setting" in said
    assert WORD.key not in said
    with city.reading() as session:
        assert (get(session, HOURS.key), standing(session, HOURS.key).source) == (24, "default")


def test_who_changes_says_which_value_they_saw(city: Database) -> None:
    with city.reading() as session:
        nothing = standing(session, HOURS.key).mark
    assert nothing == ""
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 5, seen=nothing)
    with city.reading() as session:
        five = standing(session, HOURS.key).mark
    with city.writing() as session, pytest.raises(SettingChanged):
        put(session, SYSTEM, HOURS.key, 6, seen=nothing)
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 7, seen=five)
    for change in (lambda s: put(s, SYSTEM, HOURS.key, 8, seen=five), lambda s: reset(s, SYSTEM, HOURS.key, seen=five)):
        with city.writing() as session, pytest.raises(SettingChanged):
            change(session)
    with city.reading() as session:
        assert get(session, HOURS.key) == 7


def test_the_same_value_stored_anew_is_another_one(city: Database) -> None:
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 5)
    with city.reading() as session:
        first = standing(session, HOURS.key).mark
    with city.writing() as session:
        reset(session, SYSTEM, HOURS.key)
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 5)
    with city.writing() as session, pytest.raises(SettingChanged):
        put(session, SYSTEM, HOURS.key, 9, seen=first)


@pytest.mark.parametrize("begun_with", [None, 5])
def test_of_two_at_the_same_time_one_wins(city: Database, begun_with: int | None) -> None:
    if begun_with is not None:
        with city.writing() as session:
            put(session, SYSTEM, HOURS.key, begun_with)
    with city.reading() as session:
        seen = standing(session, HOURS.key).mark
    together = Barrier(2)

    def change(hours: int) -> str:
        together.wait()
        try:
            with city.writing() as session:
                put(session, SYSTEM, HOURS.key, hours, seen=seen)
        except SettingChanged:
            return "told"
        return "stored"

    with ThreadPoolExecutor(2) as pool:
        outcomes = sorted(pool.map(change, (10, 11)))
    assert outcomes == ["stored", "told"]
    with city.reading() as session:
        changes = [entry.after for entry in entries_of(session, f"setting:{HOURS.key}")]
    assert len(changes) == (1 if begun_with is None else 2)


def test_only_who_holds_the_right_changes_settings(city: Database) -> None:
    clerk = Actor(kind="account", public_id="clerk", grants=(Grant("officer", frozenset({"cases:case:work"})),))
    head = Actor(kind="account", public_id="head", grants=(Grant("it", frozenset({"settings:setting:manage"})),))
    with city.writing() as session:
        put(session, head, HOURS.key, 5)
        for other in (ANONYMOUS, clerk):
            with pytest.raises(Forbidden):
                put(session, other, HOURS.key, 6)
            with pytest.raises(Forbidden):
                reset(session, other, HOURS.key)
        found = standing(session, HOURS.key)
    assert (found.value, found.changed_by) == (5, head.label)


def test_what_is_read_once_a_second_follows_a_change_of_this_process_at_once(city: Database) -> None:
    assert settings_in_force(city, "cases") == {"reminder_hours": 24, "word": "case"}
    with city.writing() as session:
        put(session, SYSTEM, HOURS.key, 5)
        assert settings_in_force(city, "cases")["reminder_hours"] == 24, "nothing is committed yet"
    assert settings_in_force(city, "cases")["reminder_hours"] == 5
    with pytest.raises(RuntimeError), city.writing() as session:
        put(session, SYSTEM, HOURS.key, 6)
        raise RuntimeError
    assert settings_in_force(city, "cases")["reminder_hours"] == 5
    assert settings_in_force(city, "nobody") == {}


@pytest.mark.parametrize(
    "bad",
    [
        "x",
        [1],
        {"A b": 1},
        {"case": True},
        {"case": 11},
        {"case": -1},
        {"case": "1.5"},
        {f"n{i}": 1 for i in range(300)},
    ],
)
def test_numbers_by_name_are_bounded(bad: object) -> None:
    field = NumbersByName(dict, maximum=10)
    assert field.deserialize({"b:c": 2, "a": "3"}) == {"a": 3, "b:c": 2}
    with pytest.raises(ValidationError):
        field.deserialize(bad)
