"""Stored settings: checked, audited, with a default, and forgiving towards yesterday's values."""

from __future__ import annotations

import pytest
from sqlalchemy import update

from egovframe.actor import SYSTEM
from egovframe.core.modules.audit import entries_of
from egovframe.core.modules.settings import DeclaredSetting, StoredSetting, declare, declared, get, put, reset
from egovframe.core.persistence import Database
from egovframe.errors import Invalid, NotFound
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
