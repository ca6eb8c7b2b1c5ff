"""``egovframe user``: what an operator types and reads."""

from __future__ import annotations

import json
import re
from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select, update

from egovframe.cli import cli
from egovframe.config import Settings
from egovframe.core.auth import (
    Account,
    ApiToken,
    WebSession,
    account_by_email,
    actor_of_account,
    create_token,
    grants_of,
    register_scope_parser,
    sign_in,
    sync_roles,
)
from egovframe.core.auth import hooks as auth_hooks
from egovframe.core.i18n import Translated
from egovframe.core.modules.audit import AuditEntry
from egovframe.core.modules.cases import Case
from egovframe.core.modules.organisation import Department, Official, Post
from egovframe.core.persistence import Database, Keyring, now
from egovframe.errors import EgovError, Invalid
from egovframe.hooks import Hooks

PASSWORD = "quiet-harbour-lantern"


@pytest.fixture
def city(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A city with its default roles; its settings reach the commands by the environment."""
    monkeypatch.setenv("EGOVFRAME_SECRET_KEY", settings.secret_key)
    monkeypatch.setenv("EGOVFRAME_DATABASE_URL", settings.database_url)
    found = Database(settings.database_url, Keyring(settings.secrets))
    hooks = Hooks(strict=True)
    hooks.register("core.auth", auth_hooks)
    with found.writing() as session:
        sync_roles(session, hooks)
    yield found
    found.dispose()


@pytest.fixture
def run(city_folder: Path, city: Database) -> Any:
    """Run a command in the city's folder with something on stdin."""

    def command(*arguments: str, typed: str = PASSWORD + "\n") -> Result:
        return CliRunner().invoke(cli, ["--city", str(city_folder), "user", *arguments], input=typed)

    return command


def enter(city: Database, password: str = PASSWORD) -> None:
    sign_in(city, email="kim@city.example", password=password, address="x", throttle=lambda _limit, _subject: None)


def test_an_operator_opens_closes_and_reopens_an_account(run: Any, city: Database) -> None:
    made = run("create", "kim@city.example", "--name", "Kim Minjoon", "--role", "administrator")
    assert made.exit_code == 0, made.output
    assert PASSWORD not in made.output
    enter(city)
    again = run("create", "KIM@city.example")
    assert again.exit_code == 1
    assert "already" in again.output
    assert run("set-password", "kim@city.example", typed="another-quiet-harbour\n").exit_code == 0
    with pytest.raises(Invalid):
        enter(city)
    enter(city, "another-quiet-harbour")
    last = run("disable", "kim@city.example")
    assert isinstance(last.exception, EgovError)
    assert "last administrator" in str(last.exception)
    assert run("create", "second@city.example", "--role", "administrator").exit_code == 0
    assert run("disable", "kim@city.example", "--reason", "left").exit_code == 0
    with pytest.raises(Invalid):
        enter(city, "another-quiet-harbour")
    assert run("enable", "kim@city.example").exit_code == 0
    enter(city, "another-quiet-harbour")


def test_roles_hold_where_the_scope_says(run: Any, city: Database) -> None:
    import egovframe.core.modules.organisation as organisation

    register_scope_parser("department", lambda _session, code: {"roads": 7, "parks": 8}[code])
    try:
        made = run("create", "kim@city.example", "--role", "officer", "--scope", "department=roads")
        more = run("grant", "kim@city.example", "--role", "agent", "--scope", "department=parks")
    finally:
        register_scope_parser("department", organisation.department_id_of)
    assert (made.exit_code, more.exit_code) == (0, 0), made.output
    with city.reading() as session:
        account = account_by_email(session, "kim@city.example")
        assert account is not None
        assert account.kind == "staff"
        held = {each.role: set(each.scope) for each in actor_of_account(session, account).grants}
    assert held == {"officer": {("department", 7)}, "agent": {("department", 8)}}
    assert run("revoke", "kim@city.example", "--role", "agent").exit_code == 0
    (facts,) = json.loads(run("list", "--json").output)
    assert facts["roles"] == [{"role": "officer", "scope": [["department", 7]]}]
    assert facts["email"] == "kim@city.example"
    assert "officer*" in run("list", "--kind", "staff").output
    assert run("list", "--kind", "citizen").output == ""


def test_wrong_use_says_what_to_do(run: Any, city: Database) -> None:
    for arguments, code, words in [
        (("create", "no address"), 2, "no e-mail address"),
        (("create", "kim@city.example", "--scope", "department=x"), 2, "--role"),
        (("create", "kim@city.example", "--password", "x"), 2, "No such option"),
        (("grant", "kim@city.example"), 2, "--role"),
    ]:
        result = run(*arguments)
        assert (arguments, result.exit_code) == (arguments, code)
        assert words in result.output
    for arguments, words in [
        (("create", "kim@city.example", "--role", "mayor"), "no role mayor"),
        (("create", "kim@city.example", "--role", "officer", "--scope", "planet=earth"), "names no scope"),
        (("set-password", "nobody@city.example"), "has no account"),
        (("revoke", "nobody@city.example", "--role", "officer"), "has no account"),
    ]:
        assert words in str(run(*arguments).exception)
    weak = run("create", "kim@city.example", typed="password1234\n")
    assert weak.exit_code == 1
    assert "easy to guess" in weak.output
    assert run("create", "kim@city.example", typed="").exit_code == 1
    with city.reading() as session:
        assert account_by_email(session, "kim@city.example") is None
        assert session.query(Account).count() == 0


def test_an_administrator_who_is_locked_out_comes_back(run: Any, city: Database) -> None:
    assert run("create", "kim@city.example", "--role", "administrator").exit_code == 0
    with city.writing() as session:  # closed by an accident that the verbs would have refused
        session.execute(update(Account).values(state="disabled", password_hash=None))
    with pytest.raises(Invalid):
        enter(city)
    roles = {each["code"] for each in json.loads(run("roles", "--json").output)}
    assert "administrator" in roles
    assert "administrator" in run("roles").output
    assert run("enable", "kim@city.example", "--reason", "locked out").exit_code == 0
    assert run("set-password", "kim@city.example").exit_code == 0
    enter(city)
    with city.reading() as session:
        done = session.execute(select(AuditEntry.action, AuditEntry.actor).order_by(AuditEntry.id)).all()
    by_operator = [action for action, actor in done if actor == "system:operator"]
    assert by_operator[-2:] == ["auth:account:enable", "auth:password:change"]
    assert {"auth:account:create", "auth:grant:give"} <= set(by_operator)


def test_signing_out_ends_sessions_and_tokens_and_nothing_else(run: Any, city: Database) -> None:
    run("create", "kim@city.example", "--role", "officer")
    enter(city)
    with city.writing() as session:
        account = account_by_email(session, "kim@city.example")
        assert account is not None
        create_token(session, actor_of_account(session, account), name="script")
    told = run("sign-out", "kim@city.example", "--reason", "lost the telephone")
    assert "1 sessions and 1 tokens" in told.output
    with city.reading() as session:
        assert session.query(WebSession).where(WebSession.revoked_at.is_(None)).count() == 0
        assert session.query(ApiToken).where(ApiToken.revoked_at.is_(None)).count() == 0
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "auth:sessions:end")).one()
    assert (entry.after, entry.reason) == ({"sessions": 1, "tokens": 1}, "lost the telephone")
    enter(city)
    (facts,) = json.loads(run("list", "--json").output)
    assert [each["role"] for each in facts["roles"]] == ["officer"]


def test_an_official_who_leaves_holds_nothing_and_what_is_left_behind_is_named(run: Any, city: Database) -> None:
    run("create", "kim@city.example", "--role", "officer", "--role", "agent")
    enter(city)
    with city.writing() as session:
        account = account_by_email(session, "kim@city.example")
        assert account is not None
        office = Department(code="roads", name=Translated("en", {"en": "Roads"}))
        session.add(office)
        session.flush()
        post = Post(code="roads-1", title=Translated("en", {"en": "Roads 1"}), department_id=office.id)
        session.add(post)
        session.flush()
        session.add(Official(post_id=post.id, account_id=account.id, valid_from=now(session)))
        for number, closed in [(1, None), (2, now(session))]:
            session.add(
                Case(
                    type_code="complaint", type_version=1, state="received", kind="open", reference=f"C-{number}",
                    tracking_digest=str(number), tracking_code="x", title="x", subject="x", assignee_id=account.id,
                    received_at=now(session), updated_at=now(session), state_since=now(session), sort_at=now(session),
                    closed_at=closed,
                )
            )  # fmt: skip
    told = json.loads(run("disable", "kim@city.example", "--reason", "left the city", "--json").output)
    assert told["sessions"] == 1
    assert set(told["roles"]) == {"officer", "agent"}
    assert (told["posts"], told["open_cases"]) == (["roads-1"], ["C-1"])
    with pytest.raises(Invalid):
        enter(city)
    (facts,) = json.loads(run("list", "--json").output)
    assert facts["roles"] == []
    assert run("enable", "kim@city.example").exit_code == 0
    lines = run("disable", "kim@city.example").output
    assert "still holds the posts roads-1" in lines
    assert "still has 1 open cases: C-1" in lines


def test_an_administrator_who_locked_himself_out(run: Any, city: Database, city_folder: Path) -> None:
    def role(*arguments: str) -> Result:
        return CliRunner().invoke(cli, ["--city", str(city_folder), "role", *arguments])

    assert run("create", "kim@city.example", "--role", "administrator").exit_code == 0
    with city.writing() as session:
        account = account_by_email(session, "kim@city.example")
        assert account is not None
        account.second_factor = True
    entered = sign_in(city, email="kim@city.example", password=PASSWORD, address="x", throttle=lambda *_: None)
    assert entered.factors == ("second_factor",)
    assert run("reset-factors", "kim@city.example", "--reason", "lost phone").exit_code == 0
    enter(city)
    with city.reading() as session:
        assert "lost phone" in session.scalars(select(AuditEntry.reason)).all()
    assert "needs a second factor" not in role("list").output
    assert role("require-second-factor", "administrator").exit_code == 0
    assert re.search(r"administrator  \d+ permissions  needs a second factor", role("list").output)
    led = sign_in(city, email="kim@city.example", password=PASSWORD, address="x", throttle=lambda *_: None)
    assert led.factors == ("choose_factor",)
    assert role("require-second-factor", "administrator", "--off").exit_code == 0
    enter(city)
    assert isinstance(role("require-second-factor", "mayor").exception, EgovError)
    assert "has no account" in str(run("reset-factors", "nobody@city.example").exception)


def test_a_role_is_granted_for_some_days_of_the_citys_zone(run: Any, city: Database, settings: Settings) -> None:
    zone = ZoneInfo(settings.city.timezone)
    assert run("create", "kim@city.example", "--name", "Kim").exit_code == 0
    with city.reading() as session:
        today = now(session).astimezone(zone).date()
    first, last = today + timedelta(days=3), today + timedelta(days=10)
    given = run("grant", "kim@city.example", "--role", "officer", "--from", first.isoformat(), "--until", str(last))
    assert given.exit_code == 0, given.output
    assert f"from {first} until {last}" in given.output
    with city.reading() as session:
        account = account_by_email(session, "kim@city.example")
        assert account is not None
        held = [each for each in grants_of(session, account.id, now(session)) if each.role.code == "officer"]
        assert held[0].valid_from == datetime.combine(first, time(), zone)
        assert held[0].valid_until == datetime.combine(last + timedelta(days=1), time(), zone)
    past = run("grant", "kim@city.example", "--role", "auditor", "--from", "2020-01-01", "--until", "2020-02-01")
    assert past.exit_code == 1
    assert "never hold" in past.output
    twice = run("grant", "kim@city.example", "--role", "officer", "--from", str(first), "--until", str(last))
    assert isinstance(twice.exception, EgovError)
    for wrong in ("tomorrow", "9999-12-31", "2026-02-30"):
        assert run("grant", "kim@city.example", "--role", "auditor", "--until", wrong).exit_code == 2, wrong


def test_what_a_role_asks_for_is_changed_by_the_operator(city_folder: Path, city: Database) -> None:
    done = CliRunner().invoke(cli, ["--city", str(city_folder), "role", "require-second-factor", "officer"])
    assert done.exit_code == 0, done.output
    with city.reading() as session:
        assert session.scalars(select(AuditEntry.actor).where(AuditEntry.action == "auth:role:change")).all() == [
            "system:operator"
        ]
