"""Factors without pages: races, sweeping, the session seam that every way of signing in uses, and the upgrade."""

from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyotp
import pytest
from sqlalchemy import select, text

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth import (
    Account,
    SignInRecord,
    account_by_email,
    actor_of_session,
    begin_app,
    confirm_app,
    enter_account,
    need_fresh,
    session_entry,
    sessions_of,
    sign_ins,
    take_second_factor,
)
from egovframe.core.auth import hooks as auth_hooks
from egovframe.core.auth.factors.models import PasskeyChallenge, TotpApp
from egovframe.core.auth.factors.proving import accept_code
from egovframe.core.migrations import CORE
from egovframe.core.persistence import Database, Migrations, now
from egovframe.errors import Conflict, Invalid, NotFound, NotSignedIn, ProofNeeded
from egovframe.testing.databases import opened
from egovframe.testing.postgres import PostgresTemplates

REVISION = "0002_second_factors"


@pytest.fixture
def kim(city: Any) -> int:
    """A citizen."""
    key: int = city.person("kim@city.example")
    return key


def code(city: Any, key: int, by: int = 0) -> str:
    """Return what the app shows, some half minutes from now."""
    with city.database.reading() as session:
        app = pyotp.TOTP(session.scalars(select(TotpApp.secret).where(TotpApp.account_id == key)).one())
        return app.generate_otp(app.timecode(now(session)) + by)


def protect(city: Any, key: int) -> list[str]:
    """Set an app up in a session of its own; return the recovery codes."""
    entered = city.enter("kim@city.example")
    with city.database.reading() as session:
        entry = session_entry(session, entered.token)
    assert entry is not None
    with city.database.writing() as session:
        begin_app(session, entry.actor, entry.session_id)
    with city.database.writing() as session:
        return confirm_app(session, entry.actor, code(city, key), entry.session_id)


def at_once(verbs: list[Callable[[], bool]]) -> list[bool]:
    barrier, results = threading.Barrier(len(verbs)), []

    def run(verb: Callable[[], bool]) -> None:
        barrier.wait()
        results.append(verb())

    threads = [threading.Thread(target=run, args=(verb,)) for verb in verbs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return results


def test_of_many_who_type_one_code_one_gets_in(city: Any, kim: int) -> None:
    papers = protect(city, kim)
    for typed in (code(city, kim, 1), papers[0]):

        def use(typed: str = typed) -> bool:
            with city.database.writing() as session:
                return bool(accept_code(session, kim, typed))

        assert sorted(at_once([use] * 8)) == [False] * 7 + [True]


def test_every_way_in_asks_for_the_second_factor_unless_it_was_two(city: Any, kim: int) -> None:
    protect(city, kim)
    for method, two_factors, expected in [
        ("password", False, ("second_factor",)),
        ("oidc:state", False, ("second_factor",)),
        ("oidc:state", True, ()),
    ]:
        with city.database.writing() as session:
            account = session.get_one(Account, kim)
            entered = enter_account(session, account, method=method, two_factors=two_factors)
        assert entered.factors == expected
        with city.database.reading() as session:
            entry = session_entry(session, entered.token)
            assert entry is not None
            assert (entry.method, entry.steps) == (method, expected)
            assert (actor_of_session(session, entered.token) == ANONYMOUS) is bool(expected)
            assert (entry.pending is None) is not bool(expected)


def test_a_half_open_session_is_no_device_and_cannot_be_touched_into_life(city: Any, kim: int) -> None:
    protect(city, kim)
    with city.database.reading() as session:
        before = len(sessions_of(session, kim, now(session)))
    entered = city.enter("kim@city.example")
    city.database.clock_offset += timedelta(minutes=14)
    with city.database.reading() as session:
        assert len(sessions_of(session, kim, now(session))) == before
        entry = session_entry(session, entered.token)
        assert entry is not None
        assert not entry.stale
    city.database.clock_offset += timedelta(minutes=2)
    with city.database.reading() as session:
        assert session_entry(session, entered.token) is None
    with pytest.raises(NotSignedIn):
        take_second_factor(city.database, entry, code(city, kim, 1), throttle=city.throttle, address="x")


def test_a_closed_session_is_not_completed(city: Any, kim: int) -> None:
    papers = protect(city, kim)
    entered = city.enter("kim@city.example")
    with city.database.reading() as session:
        entry = session_entry(session, entered.token)
    assert entry is not None
    with city.database.writing() as session:
        session.execute(text("UPDATE core_web_session SET revoked_at = created_at"))
    with pytest.raises(NotSignedIn):
        take_second_factor(city.database, entry, papers[0], throttle=city.throttle, address="x")


def test_wrong_codes_are_recorded_and_counted_first(city: Any, kim: int) -> None:
    protect(city, kim)
    entered = city.enter("kim@city.example")
    with city.database.reading() as session:
        entry = session_entry(session, entered.token)
    assert entry is not None
    city.throttled.clear()
    with pytest.raises(Invalid):
        take_second_factor(city.database, entry, "000000", throttle=city.throttle, address="192.0.2.1")
    assert [name for name, _subject in city.throttled] == [
        "second-factor-address",
        "second-factor-account",
        "second-factor-day",
    ]
    with city.database.reading() as session:
        assert session.scalars(sign_ins(kim)).first().outcome == "factor_refused"


def test_an_app_is_not_set_up_twice_nor_by_strangers(city: Any, kim: int) -> None:
    protect(city, kim)
    entered = city.enter("kim@city.example")
    with city.database.reading() as session:
        entry = session_entry(session, entered.token)
        assert entry is not None
        assert entry.pending is not None
        with pytest.raises(ProofNeeded):  # another person's session is no proof
            need_fresh(session, Actor(kind="account", account_id=kim + 1), entry.session_id)
    with pytest.raises(Conflict), city.database.writing() as session:
        begin_app(session, entry.pending, entry.session_id)
    with pytest.raises(NotFound), city.database.writing() as session:
        confirm_app(session, entry.pending, "000000", entry.session_id)


def test_what_is_old_is_swept(city: Any, kim: int) -> None:
    with pytest.raises(Invalid):
        city.enter("nobody@city.example")
    city.enter("kim@city.example")
    with city.database.writing() as session:
        at = now(session)
        session.add(PasskeyChallenge(challenge_hash="a", purpose="enter", asker="b", expires_at=at))
        session.add(PasskeyChallenge(challenge_hash="c", purpose="enter", asker="b", expires_at=at + timedelta(days=9)))
        session.flush()
        auth_hooks.sweep_all(session, {})
        assert session.scalars(select(PasskeyChallenge.challenge_hash)).all() == ["c"]
        assert len(session.scalars(select(SignInRecord)).all()) == 2
    city.database.clock_offset += timedelta(days=2)
    with city.database.writing() as session:
        auth_hooks.sweep_all(session, {})
        assert [row.account_id for row in session.scalars(select(SignInRecord))] == [kim]
    city.database.clock_offset += timedelta(days=366)
    with city.database.writing() as session:
        auth_hooks.sweep_all(session, {})
        assert session.scalars(select(SignInRecord)).all() == []


def test_the_library_of_passkeys_is_loaded_when_one_is_used() -> None:
    loads = (
        "import sys; from egovframe.app import core_hooks; core_hooks(strict=True); sys.exit('webauthn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", loads], check=False).returncode == 0


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database with every revision of the core, on each engine."""
    if request.param == "sqlite":
        with opened(f"sqlite:///{tmp_path}/city.sqlite") as database:
            Migrations(database, [CORE]).upgrade()
            yield database
        return
    servers: PostgresTemplates = request.getfixturevalue("postgres_templates")
    with servers.blank() as address, opened(address) as database:
        Migrations(database, [CORE]).upgrade()
        yield database


def test_sessions_and_roles_survive_the_upgrade_and_the_way_back(empty: Database) -> None:
    from .conftest import City

    city = City(empty)
    key = city.person("kim@city.example")
    token = city.enter("kim@city.example").token
    with empty.writing() as session:
        session.execute(
            text(
                "INSERT INTO core_role (code, title, permissions, defaults, builtin, needs_second_factor)"
                " VALUES ('officer', '{}', '[]', '[]', false, true)"
            )
        )
    names = [revision.name for revision in CORE.line]
    before = names[names.index(REVISION) - 1]
    migrations = Migrations(empty, [CORE])
    migrations.downgrade("core", before)
    with empty.writing() as session:
        assert session.execute(text("SELECT count(*) FROM core_account")).scalar_one() == 1
        assert session.execute(text("SELECT code FROM core_role")).scalars().all() == ["officer"]
    migrations.upgrade()
    with empty.reading() as session:
        entry = session_entry(session, token)
        assert entry is not None
        assert (entry.actor.account_id, entry.method, entry.steps, entry.proved_at) == (key, "password", (), None)
        assert account_by_email(session, "kim@city.example").second_factor is False  # type: ignore[union-attr]
        assert session.execute(text("SELECT needs_second_factor FROM core_role")).scalar_one() in {False}
