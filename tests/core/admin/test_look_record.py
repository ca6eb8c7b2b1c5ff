"""Whoever can write to the database cannot take away that they looked: looks are held against the chain."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from egovframe.actor import Actor
from egovframe.core.auth import Account
from egovframe.core.modules.audit import looks as held
from egovframe.core.modules.audit import seal, verify
from egovframe.core.modules.privacy import Look, Looking, write_down
from egovframe.core.persistence import Database, on_errand
from egovframe.core.web import runtime
from egovframe.testing.databases import tamper
from egovframe.testing.factories import Factory

TAMPERINGS = {
    "its reason": ("UPDATE core_look SET reason = 'x' WHERE id = 2", "changed"),
    "its viewer": ("UPDATE core_look SET viewer = 'system', viewer_account_id = NULL WHERE id = 2", "changed"),
    "its instant": ("UPDATE core_look SET at = (SELECT at FROM core_look WHERE id = 1) WHERE id = 2", "changed"),
    "its code": ("UPDATE core_look SET mac = (SELECT mac FROM core_look WHERE id = 1) WHERE id = 2", "changed"),
    "its person": ("UPDATE core_look_subject SET account_id = 999 WHERE look_id = 2", "changed"),
    "its person gone": ("DELETE FROM core_look_subject WHERE look_id = 2", "changed"),
    "another person": (
        "INSERT INTO core_look_subject (look_id, account_id, table_name, row_key, columns) "
        "VALUES (2, 999, 'core_account', '999', '[]')",
        "changed",
    ),
    "gone with its persons": (
        "DELETE FROM core_look_subject WHERE look_id = 2; DELETE FROM core_look WHERE id = 2",
        "deleted",
    ),
}


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def base(app: Flask) -> Database:
    return runtime(app).database


@pytest.fixture
def names(base: Database, make: Factory) -> list[str]:
    """Three looks of an official at three persons; the public ids."""
    officer = make.account("officer", kind="staff")
    for _ in range(3):
        look_at(base, officer, make.account("citizen"))
    with base.reading() as session:
        return list(session.scalars(select(Look.public_id).order_by(Look.id)))


def look_at(base: Database, viewer: Actor, person: Actor) -> None:
    errand = Looking(viewer, purpose="reveal")
    with on_errand(errand):
        with base.reading() as session:
            session.execute(select(Account.display_name).where(Account.id == person.account_id)).all()
        write_down(errand, base)


def verdict(base: Database) -> tuple[bool, str, str]:
    with base.reading() as session:
        found = verify(session)
    return found.ok, found.first_bad, found.why


@pytest.mark.parametrize("sealed", [True, False])
@pytest.mark.parametrize("what", TAMPERINGS)
def test_a_look_that_was_changed_or_deleted_is_found(
    base: Database, names: list[str], what: str, sealed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held, "PAGE", 1)
    if sealed:
        seal(base)
    assert verdict(base) == (True, "", "")  # negative control: untouched looks hold
    statements, why = TAMPERINGS[what]
    tamper(base, *statements.split("; "))
    ok, first_bad, told = verdict(base)
    assert (ok, first_bad) == (False, f"look {names[1]}")
    assert why in told


@pytest.mark.parametrize("sealed", [True, False])
def test_a_look_that_was_forged_is_found(base: Database, names: list[str], sealed: bool) -> None:
    if sealed:
        seal(base)
    kept = ", ".join(f'"{column.name}"' for column in Look.__table__.c if column.name not in {"id", "public_id"})
    tamper(base, f"INSERT INTO core_look (public_id, {kept}) SELECT 'forged', {kept} FROM core_look WHERE id = 1")
    ok, first_bad, why = verdict(base)
    assert (ok, first_bad) == (False, "look forged")
    assert "no entry names it" in why
