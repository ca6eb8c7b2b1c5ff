"""Column types give back what they took, alike on both databases, and refuse what would be altered."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import StatementError

from egovframe.core.persistence import Database, KeyMissing, Keyring, new_ordered_id, new_public_id

AT = datetime(2026, 11, 21, 9, 30, tzinfo=UTC)
zones = st.integers(-14 * 60, 14 * 60).map(lambda minutes: timezone(timedelta(minutes=minutes)))
instants = st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=zones)
words = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
leaves = (
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | words | st.floats(allow_nan=False, allow_infinity=False)
)
facts = st.recursive(
    leaves, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3), max_leaves=8
)
amounts = st.integers(-(2**63) + 1, 2**63 - 1).map(lambda minor: Decimal(minor).scaleb(-2))
quick = settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@quick
@given(at=instants, fact=facts, fee=amounts, secret=words)
def test_round_trip(database: Database, notes: Any, at: datetime, fact: Any, fee: Decimal, secret: str) -> None:
    with database.writing() as session:
        note = notes(at=at, facts=fact, fee=fee, secret=secret)
        session.add(note)
        session.flush()
        key = note.id
    with database.reading() as session:
        back = session.get_one(notes, key)
        assert (back.at, back.facts, back.fee, back.secret) == (at, fact, fee, secret)
        assert back.at.tzinfo is UTC


@quick
@given(pair=st.tuples(instants, instants))
def test_instants_compare_in_the_database_as_in_python(
    database: Database, notes: Any, pair: tuple[datetime, datetime]
) -> None:
    one, two = pair
    with database.writing() as session:
        session.query(notes).delete()
        session.add(notes(at=one))
    with database.reading() as session:
        assert bool(session.scalars(select(notes.id).where(notes.at < two)).all()) == (one < two)


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("at", datetime(2026, 11, 21), "needs a time zone"),
        ("facts", "x" * 3000, "over the column's limit of 2000"),
        ("facts", float("nan"), "Out of range float"),
        ("fee", Decimal("0.001"), "more than 2 decimal places"),
        ("fee", Decimal("1." + "0" * 40 + "1"), "more than 2 decimal places"),
        ("fee", Decimal("NaN"), "is no amount"),
        ("fee", Decimal("Infinity"), "is no amount"),
        ("fee", Decimal(2**63), "too large an amount"),
    ],
)
def test_values_that_would_be_altered_are_refused(
    database: Database, notes: Any, field: str, value: Any, words: str
) -> None:
    with pytest.raises(StatementError, match=words), database.writing() as session:
        session.add(notes(**{"at": AT, field: value}))


def test_encrypted_text_is_unreadable_in_the_table_and_differs_each_time(database: Database, notes: Any) -> None:
    with database.writing() as session:
        session.add_all([notes(at=AT, secret="010-1234-5678"), notes(at=AT, secret="010-1234-5678")])
    with database.reading() as session:
        stored = session.execute(text("SELECT secret FROM scratch_note")).scalars().all()
    assert len(set(stored)) == 2
    assert all("1234" not in value for value in stored)


def test_old_values_are_read_and_new_ones_written_after_a_key_change(database: Database, notes: Any) -> None:
    with database.writing() as session:
        session.add(notes(id=1, at=AT, secret="old"))
    address = database.engine.url.render_as_string(hide_password=False)
    rotated = Database(address, Keyring(["a-new-secret-key", *database.keyring._secrets]))
    with rotated.writing() as session:
        assert session.get_one(notes, 1).secret == "old"
        session.add(notes(id=2, at=AT, secret="new"))
    rotated.dispose()
    with database.reading() as session, pytest.raises(KeyMissing, match="add it to old_secret_keys"):
        session.get_one(notes, 2)


secrets = st.text(min_size=1, max_size=20)


@given(text_=words, secret=secrets)
def test_keyring_gives_back_what_it_took(text_: str, secret: str) -> None:
    assert Keyring(["newer", secret]).decrypt(Keyring([secret]).encrypt(text_)) == text_


@given(text_=words, position=st.integers(0, 200), other=st.characters(codec="ascii"))
def test_a_changed_value_never_decrypts_to_something_else(text_: str, position: int, other: str) -> None:
    ring = Keyring(["a secret"])
    sealed = ring.encrypt(text_)
    position %= len(sealed)
    changed = sealed[:position] + other + sealed[position + 1 :]
    try:
        found = ring.decrypt(changed)
    except ValueError:
        return
    assert found == text_  # only where base64 ignores the change


def test_a_value_cannot_be_relabelled_to_another_key() -> None:
    ring = Keyring(["one", "two"])
    sealed = Keyring(["two"]).encrypt("hello")
    name = Keyring(["one"]).encrypt("x").split(".")[1]
    version, _, body = sealed.split(".")
    with pytest.raises(ValueError, match="cannot be read"):
        ring.decrypt(f"{version}.{name}.{body}")


def test_blind_indexes_survive_a_key_change_and_differ_by_purpose() -> None:
    old, rotated = Keyring(["first"]), Keyring(["second", "first"])
    assert old.blind_index("email", "a@b") == rotated.blind_index("email", "a@b")
    assert old.blind_index("email", "a@b") != old.blind_index("phone", "a@b")
    assert old.blind_index("email", "a@b") != Keyring(["other"]).blind_index("email", "a@b")


def test_public_ids_are_long_enough_not_to_be_guessed() -> None:
    ids = {new_public_id() for _ in range(2000)}
    assert len(ids) == 2000
    assert all(len(value) == 16 and not set(value) & set("ilou") for value in ids)


def test_ordered_ids_sort_in_the_order_they_were_made_in() -> None:
    made = [new_ordered_id() for _one in range(5000)]
    assert made == sorted(made)
    assert len(set(made)) == len(made)
    assert {len(one) for one in made} == {26}
