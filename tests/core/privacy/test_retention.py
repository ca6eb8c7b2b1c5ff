"""Retention and holds: what is over its time goes, what is held stays, a dry run changes nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import func, select, update

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import WebSession
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.notifications import Notification, notify
from egovframe.core.modules.organisation import Absence
from egovframe.core.modules.privacy import ACCOUNT, Subject
from egovframe.core.modules.privacy.keeping.models import LegalHold, RetentionRule
from egovframe.core.modules.privacy.services import (
    change_rule,
    holds,
    place_hold,
    release_hold,
    retention_report,
    rules_in_force,
    run_retention,
)
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime
from egovframe.errors import Conflict, Forbidden, Invalid, NotFound
from egovframe.testing.clock import Clock
from egovframe.testing.factories import Factory
from egovframe.testing.visits import submit


@pytest.fixture
def city_settings() -> dict[str, Any]:
    """A city of the core alone."""
    return {"plugins": {"disabled": ["civic_participation"]}}


@pytest.fixture
def database(app: Flask) -> Database:
    """The application's database."""
    found: Database = runtime(app).database
    return found


@pytest.fixture
def kim(make: Factory, database: Database) -> Actor:
    """Somebody with two messages and an absence that is over."""
    person = make.account()
    post = make.official(person, make.department("roads"))
    with database.writing() as session:
        at = now(session)
        for number in range(2):
            notify(session, f"auth.account:{person.account_id}", "x.y", f"thing:{number}", {"title": "hello"})
        session.add(
            Absence(
                post_id=post,
                account_id=person.account_id,
                reason="an operation",
                valid_from=at - timedelta(days=9),
                valid_until=at - timedelta(days=2),
            )
        )
        session.flush()
        for row in session.scalars(select(Notification)):
            row.account_id = person.account_id
    return person


def counted(lines: Any) -> dict[str, tuple[int, int, int]]:
    return {line.name: (line.due, line.held, line.done) for line in lines if line.due or line.held or line.done}


def reasons(database: Database) -> list[str]:
    with database.reading() as session:
        return list(session.scalars(select(Absence.reason)))


def test_what_is_over_its_time_goes_once(kim: Actor, database: Database, clock: Clock) -> None:
    with database.reading() as session:
        assert counted(retention_report(session)) == {}
    clock.move(timedelta(days=366))
    with database.reading() as session:
        report = counted(retention_report(session))
    absence, messages = "core_absence.account_id:absence", "core_notification.account_id:notification"
    assert report[absence] == (1, 0, 0)
    assert report[messages] == (2, 0, 0)
    assert reasons(database) == ["an operation"], "a dry run changes nothing"
    assert counted(run_retention(database))[absence] == (1, 0, 1)
    assert reasons(database) == [""]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Notification)) == 0
        entries = select(func.count()).select_from(AuditEntry).where(AuditEntry.action == "privacy:retention:apply")
        written = session.scalar(entries)
    assert written
    assert counted(run_retention(database)) == {}
    with database.reading() as session:
        assert session.scalar(entries) == written, "nothing was due the second time"


def test_a_hold_is_respected_and_said(kim: Actor, database: Database, clock: Clock) -> None:
    subject = Subject(ACCOUNT, kim.account_id or 0)
    with database.writing() as session:
        hold = place_hold(session, SYSTEM, subject, reason="court").public_id
    clock.move(timedelta(days=366))
    assert counted(run_retention(database))["core_absence.account_id:absence"] == (0, 1, 0)
    assert reasons(database) == ["an operation"]
    with database.writing() as session:
        release_hold(session, SYSTEM, hold)
        with pytest.raises(NotFound):
            release_hold(session, SYSTEM, hold)
    run_retention(database)
    assert reasons(database) == [""]


def test_a_hold_that_ends_by_itself_protects_no_longer(kim: Actor, database: Database, clock: Clock) -> None:
    with database.writing() as session:
        until = now(session) + timedelta(days=400)
        place_hold(session, SYSTEM, Subject(ACCOUNT, kim.account_id or 0), reason="court", until=until)
    clock.move(timedelta(days=399))
    run_retention(database)
    assert reasons(database) == ["an operation"]
    clock.move(timedelta(days=2))
    run_retention(database)
    assert reasons(database) == [""]


def test_a_hold_on_one_person_protects_nobody_else(kim: Actor, make: Factory, database: Database, clock: Clock) -> None:
    other = make.account()
    with database.writing() as session:
        place_hold(session, SYSTEM, Subject(ACCOUNT, other.account_id or 0), reason="court")
    clock.move(timedelta(days=366))
    run_retention(database)
    assert reasons(database) == [""]


def test_holds_need_a_reason_a_right_and_somebody(kim: Actor, database: Database) -> None:
    subject = Subject(ACCOUNT, kim.account_id or 0)
    with database.writing() as session:
        with pytest.raises(Forbidden):
            place_hold(session, kim, subject, reason="because")
        with pytest.raises(Invalid, match="Please check"):
            place_hold(session, SYSTEM, subject, reason="  ")
        with pytest.raises(Invalid, match="Please check"):
            place_hold(session, SYSTEM, subject, reason="x", until=now(session))
        with pytest.raises(NotFound):
            place_hold(session, SYSTEM, Subject(ACCOUNT, 999_999), reason="x")
        assert holds(session) == []


def test_a_rule_is_dated_and_the_one_before_stays(kim: Actor, database: Database, clock: Clock) -> None:
    facts: dict[str, Any] = {"keep_days": 3_000, "action": "erase", "on_request": "keep", "law": "Staff Act, art. 2"}
    with database.writing() as session:
        later = now(session) + timedelta(days=30)
        change_rule(session, SYSTEM, "absence", valid_from=later, **facts)
        assert rules_in_force(session)["absence"].keep_days == 365
        with pytest.raises(Conflict):
            change_rule(session, SYSTEM, "absence", valid_from=later, **facts)
        with pytest.raises(NotFound):
            change_rule(session, SYSTEM, "nothing", **facts)
        with pytest.raises(Forbidden):
            change_rule(session, kim, "absence", **facts)
    clock.move(timedelta(days=366))
    with database.reading() as session:
        rule = rules_in_force(session)["absence"]
        assert (rule.keep_days, rule.law, rule.since) == (3_000, "Staff Act, art. 2", "ended")
        assert rules_in_force(session, datetime(2000, 1, 1, tzinfo=UTC))["absence"].keep_days == 365
    run_retention(database)
    assert reasons(database) == ["an operation"]


def test_old_sessions_go(kim: Actor, make: Factory, database: Database, clock: Clock) -> None:
    make.client(kim)
    clock.move(timedelta(days=200))
    run_retention(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(WebSession)) == 0


def test_administrators_see_the_report_change_rules_and_hold(kim: Actor, make: Factory, database: Database) -> None:
    admin = make.client(make.account("administrator"))
    page = admin.get("/en/admin/privacy").text
    assert "core_absence.account_id:absence" in page
    assert "Absences of officials: the reason" in page
    assert "365 days, counted from: the end of the absence" in " ".join(page.split())
    assert "Cases: title and place" in page
    words = admin.get("/en/admin/privacy/rules/absence").text
    assert "the end of the absence" in words
    assert "<li>Absences of officials: the reason</li>" in words
    path = "/en/admin/privacy/rules/absence"
    given = {"keep_days": "10", "action": "erase", "on_request": "erase", "law": "", "valid_from": ""}
    assert submit(admin, path, **{**given, "keep_days": "-1"}).status_code == 422
    assert submit(admin, path, **given, seen="10-erase").status_code == 303
    with database.reading() as session:
        assert rules_in_force(session)["absence"].keep_days == 10
    nobody = submit(admin, "/en/admin/privacy/holds", what="nobody@test.example", reason="x", until="")
    assert nobody.status_code == 422
    held = submit(
        admin, "/en/admin/privacy/holds", what="person1@test.example", reason="12 C 34/26", until="2099-01-01"
    )
    assert held.status_code == 303
    assert "12 C 34/26" in admin.get("/en/admin/privacy/holds").text
    with database.reading() as session:
        hold = session.scalars(select(LegalHold)).one()
    released = submit(admin, "/en/admin/privacy/holds", f"/en/admin/privacy/holds/{hold.public_id}/release")
    assert released.status_code == 303
    auditor = make.client(make.account("auditor"))
    assert auditor.get("/en/admin/privacy").status_code == 200
    assert "Change the rule" not in auditor.get("/en/admin/privacy").text
    assert auditor.get("/en/admin/privacy/holds").status_code == 403
    assert auditor.get(path).status_code == 403


def hidden_fields(page: str) -> dict[str, str]:
    """Return what the confirmation sends, without the token."""
    form = page.partition('<form class="form"')[2]
    return dict(re.findall(r'<input type="hidden" name="(?!csrf_token)(\w+)"[^>]*value="([^"]*)"', form))


def test_a_shorter_period_is_stored_only_after_what_it_lets_go_was_shown(
    kim: Actor, make: Factory, database: Database
) -> None:
    admin, path = make.client(make.account("administrator")), "/en/admin/privacy/rules/notification"
    given = {"action": "erase", "on_request": "erase", "law": "", "valid_from": ""}

    def in_force() -> int | None:
        with database.reading() as session:
            return rules_in_force(session)["notification"].keep_days

    shown = submit(admin, path, keep_days="0", **given)
    assert shown.status_code == 200
    assert "Nothing is stored yet." in shown.text
    found = re.search(
        r'data-label="By the present rule" class="number">(\d+)<.*?class="number">(\d+)<', shown.text, re.S
    )
    assert found
    assert found.groups() == ("0", "2"), "two messages would go, none by the present rule"
    assert in_force() == 365
    assert reasons(database) == ["an operation"]
    sent = hidden_fields(shown.text)
    assert sent["keep_days"] == "0"
    assert submit(admin, path, **{**sent, "keep_days": "5"}).status_code == 200, "what was confirmed is another rule"
    assert in_force() == 365
    assert submit(admin, path, **sent).status_code == 303
    assert in_force() == 0
    assert submit(admin, path, keep_days="400", **given).status_code == 303, "a longer period is stored at once"
    assert in_force() == 400
    assert submit(admin, path, keep_days="", **given).status_code == 303, "so is one without an end"
    assert in_force() is None
    assert "Nothing is stored yet." in submit(admin, path, keep_days="9000", **given).text


def test_a_rule_that_erases_what_was_only_severed_is_shown_first(kim: Actor, make: Factory, database: Database) -> None:
    admin, path = make.client(make.account("administrator")), "/en/admin/privacy/rules/absence"
    given = {"keep_days": "365", "on_request": "erase", "law": "", "valid_from": "2099-01-01"}
    assert submit(admin, path, **given, action="sever").status_code == 303
    with database.writing() as session:
        session.execute(update(RetentionRule).values(action="sever").where(RetentionRule.code == "absence"))
    page = submit(admin, path, **{**given, "valid_from": "2098-01-01"}, action="erase")
    assert page.status_code == 200
    assert "The first run from" in page.text


def test_the_command_line_does_the_same(
    app: Flask, kim: Actor, make: Factory, database: Database, clock: Clock
) -> None:
    from egovframe.cli import privacy as commands
    from egovframe.cli.context import CityContext

    class City(CityContext):
        """The city of the test, as commands see it."""

        @contextmanager
        def at_work(self) -> Iterator[Database]:
            with app.app_context():
                yield database

    def run(*arguments: str) -> str:
        options: dict[str, Any] = {"obj": City(), "catch_exceptions": False, "standalone_mode": False}
        return CliRunner().invoke(commands.privacy, arguments, **options).output

    assert "is in force" in run("hold", "person1@test.example", "--reason", "court", "--until", "2099-12-31")
    with database.reading() as session:
        hold = session.scalars(select(LegalHold)).one()
    assert hold.public_id in run("holds")
    assert "released" in run("release", hold.public_id)
    assert '"dry_run": true' in run("retention", "--dry-run", "--json")
    assert "gone" in run("retention")
    citizen = make.account()
    assert citizen.account_id
    said = run("erase", "person2@test.example", "--reason", "letter", "--yes")
    assert "records erased" in said
    assert "1 people in the ledger: 1 erased again" in run("replay-erasures")
