"""The demo city is filled in once, whole, quietly, and the same every time."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from egovframe.core.auth import Account, account_by_email, grants_of, verify_credentials
from egovframe.core.modules.areas import areas_of, locate
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.cases import Case
from egovframe.core.modules.jobs import build_worker, job_counts
from egovframe.core.modules.notifications import Notification
from egovframe.core.modules.organisation import departments, post_by_code, post_holder
from egovframe.core.modules.worktime import default_calendar, holidays_of
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime
from egovframe.demo import ACCOUNTS, PASSWORD, DemoFolder, seed_city
from egovframe.demo.geometry import CENTRE, DISTRICTS
from egovframe.errors import Invalid
from egovframe.hooks import HookFailed
from egovframe.testing.clock import Clock
from egovframe.testing.snapshots import Snapshots


@pytest.fixture
def place(tmp_path: Path) -> DemoFolder:
    folder = DemoFolder(tmp_path / "demo")
    folder.make()
    return folder


@pytest.fixture
def filled(app: Flask, place: DemoFolder, snapshots: Snapshots) -> Database:
    """The database of a city that was filled in whole."""
    database = runtime(app).database
    snapshots.furnish(database, "small demo", lambda: list(seed_city(app, place, "small")))
    return database


def count(session: Session, model: type[object]) -> int:
    return session.scalar(select(func.count()).select_from(model)) or 0


def test_everybody_can_sign_in_with_the_public_password_and_holds_the_role_they_are_named_for(filled: Database) -> None:
    for account in ACCOUNTS:
        verify_credentials(filled, email=account.email, password=PASSWORD, address="", throttle=lambda kind, key: None)
    with pytest.raises(Invalid):
        verify_credentials(filled, email=account.email, password="no", address="", throttle=lambda kind, key: None)
    with filled.reading() as session:
        assert session.scalars(select(Account.is_demo)).all() == [True] * count(session, Account)
        for account in ACCOUNTS:
            found = account_by_email(session, account.email)
            assert found is not None
            held = {grant.role.code for grant in grants_of(session, found.id, now(session))}
            assert held, account.email
            assert account.role is None or account.role in held


def test_districts_officials_and_holidays_are_there(filled: Database) -> None:
    with filled.reading() as session:
        assert len(areas_of(session, "district")) == len(DISTRICTS) == 12
        assert [area.code for area in locate(session, *CENTRE)] == [DISTRICTS[0].code]
        assert set(areas_of(session, "district")[0].name.text) == {"en", "ko", "ar"}
        post = post_by_code(session, "roads.haneul")
        assert post is not None
        holder, officer = post_holder(session, post, now(session)), account_by_email(session, "officer@demo.example")
        assert holder is not None
        assert officer is not None
        assert holder.account_id == officer.id
        assert len(departments(session)) == 10
        calendar = default_calendar(session)
        assert calendar is not None
        days = [holiday.day for holiday in holidays_of(session, calendar)]
        assert any(day > now(session).date() for day in days)


def test_filling_it_in_again_adds_nothing(app: Flask, place: DemoFolder) -> None:
    assert list(seed_city(app, place, "small"))
    filled = runtime(app).database
    with filled.reading() as session:
        before = {model: count(session, model) for model in (Account, Case, AuditEntry)}
    assert list(seed_city(app, place, "small")) == []
    with filled.reading() as session:
        assert {model: count(session, model) for model in before} == before
    place.note([])  # as after a power cut between the commit and the note
    assert list(seed_city(app, place, "small")) == ["civic_participation"]
    with filled.reading() as session:
        assert count(session, Case) == before[Case]


def test_an_interrupted_part_leaves_nothing_and_is_made_whole_next_time(
    app: Flask, place: DemoFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    database, hooks = runtime(app).database, runtime(app).hooks
    honest = hooks.ask

    def fail(plugin: str, hook: str, **arguments: object) -> object:
        honest(plugin, hook, **arguments)
        raise HookFailed("the power went off")

    with monkeypatch.context() as patch:
        patch.setattr(hooks, "ask", fail)
        with pytest.raises(HookFailed):
            list(seed_city(app, place, "small"))
    with database.reading() as session:
        assert count(session, Case) == 0
    assert list(seed_city(app, place, "small")) == ["civic_participation"]
    with database.reading() as session:
        assert count(session, Case) > 0


def test_history_is_told_to_nobody_now_or_weeks_later(app: Flask, filled: Database, clock: Clock) -> None:
    with filled.reading() as session:
        assert count(session, Notification) == 0
        assert sum(job_counts(session).values()) == 0
    worker = build_worker(filled, runtime(app).hooks, context=app.app_context)
    worker.run_pending()
    with filled.reading() as session:
        assert count(session, Notification) == 0
    clock.move(timedelta(weeks=5))
    worker.run_pending()
    with filled.reading() as session:
        assert count(session, Notification) == 0, "a demo started weeks later must not fire weeks of escalations"
