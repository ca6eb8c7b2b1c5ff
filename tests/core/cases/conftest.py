"""A small office for cases: two departments, three posts in a line, officials with grants, and the test type."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import (
    CHEAP,
    Account,
    PlacedGrant,
    actor_of_account,
    create_account,
    create_token,
    grant_role,
    hash_password,
    set_password,
    sign_in,
)
from egovframe.core.i18n import Translated
from egovframe.core.modules.cases import Case, NewCase, Opened, act, load_definition, open_case, publish_types
from egovframe.core.modules.organisation import (
    Department,
    Post,
    put_department,
    put_jurisdiction,
    put_official,
    put_post,
)
from egovframe.core.modules.routing import Matter
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime

PERMIT = Path(__file__).with_name("permit.toml")
OFFICER = frozenset({"cases:case:read", "cases:case:work", "cases:case:assign", "cases:contact:read"})
PASSWORD = "quiet-harbour-lantern"
HASHED = hash_password(PASSWORD, CHEAP)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def text(english: str) -> Translated:
    return Translated.of("en", en=english)


@dataclass
class Office:
    """The city that tests work in; rows are given by id so that they can cross units of work."""

    database: Database
    departments: dict[str, int] = field(default_factory=dict)
    posts: dict[str, int] = field(default_factory=dict)
    accounts: dict[str, int] = field(default_factory=dict)

    def actor(self, name: str, permissions: frozenset[str] = OFFICER, **scope: int | None) -> Actor:
        """Return an actor whose permissions hold in the scope (everywhere without one)."""
        reach = tuple((kind, frozenset({identity})) for kind, identity in scope.items() if identity is not None)
        grant = PlacedGrant("officer", permissions, frozenset((k, next(iter(ids))) for k, ids in reach), reach=reach)
        account_id = self.accounts[name]
        return Actor(kind="account", account_id=account_id, public_id=f"a{account_id}", name=name, grants=(grant,))

    def officer(self, name: str = "Roads officer", department: str = "roads") -> Actor:
        return self.actor(name, department=self.departments[department])

    def citizen(self, name: str = "Citizen") -> Actor:
        return Actor(kind="account", account_id=self.accounts[name], public_id="citizen", name=name)

    @contextmanager
    def writing(self) -> Iterator[Session]:
        with self.database.writing() as session:
            yield session

    def open(self, subject: str = "roads", **more: Any) -> Opened:
        with self.database.writing() as session:
            matter = Matter(subject=subject, at=more.pop("at", None) or now(session))
            told = {field.name: more.pop(field.name) for field in fields(NewCase) if field.name in more}
            new = NewCase(**{"type_code": "permit", "matter": matter, "title": "A permit", **told})
            return open_case(session, more.pop("actor", Actor()), new, **more)

    def act(self, actor: Actor, case: Case, action: str, **more: Any) -> Case:
        with self.database.writing() as session:
            version = more.pop("version", case.version)
            return act(session, actor, case.id, action, version=version, **more)

    def pass_time(self, hours: float) -> None:
        self.database.clock_offset += timedelta(hours=hours)


@pytest.fixture
def office(database: Database) -> Office:
    """An office with the test type published."""
    return office_in(database)


def office_in(database: Database) -> Office:
    """Fill a database with the office and the test type."""
    made = Office(database)
    with database.writing() as session:
        _people(session, made)
        publish_types(session, [load_definition(PERMIT)])
    return made


@pytest.fixture
def office_filler() -> Callable[[Database], Office]:
    """Fills a database that a test opened itself."""
    return office_in


@dataclass
class Desk:
    """The whole application with the office in it."""

    app: Flask
    office: Office

    def browser(self, name: str, role: str = "", **scope: int) -> FlaskClient:
        """Return a signed-in browser of a person, whom the role is given first."""
        database = self.office.database
        with database.writing() as session:
            account = session.get_one(Account, self.office.accounts[name])
            set_password(session, SYSTEM, account, HASHED)
            if role:
                grant_role(session, SYSTEM, account, role, frozenset(scope.items()))
            email = account.email or ""
        entered = sign_in(database, email=email, password=PASSWORD, address="192.0.2.1", throttle=lambda *_: None)
        client = self.app.test_client()
        client.set_cookie("egov_session", entered.token, domain="localhost")
        return client

    def bearer(self, name: str, role: str, **scope: int) -> dict[str, str]:
        """Return the header of a token that carries the role."""
        with self.office.database.writing() as session:
            account = session.get_one(Account, self.office.accounts[name])
            grant_role(session, SYSTEM, account, role, frozenset(scope.items()))
        with self.office.database.writing() as session:
            actor = actor_of_account(session, session.get_one(Account, account.id))
            token = create_token(session, actor, name="test")
        return {"Authorization": f"Bearer {token.secret}"}


@pytest.fixture
def desk(app: Flask) -> Desk:
    """The application, its roles written, the office open."""
    return Desk(app, office_in(runtime(app).database))


def _people(session: Session, made: Office) -> None:
    departments: dict[str, Department] = {}
    for code in ("roads", "parks"):
        departments[code] = put_department(session, SYSTEM, code=code, name=text(code.title())).row
        made.departments[code] = departments[code].id
    above: Post | None = None
    for code, department, name in (
        ("mayor", "roads", "Mayor"),
        ("director", "roads", "Director"),
        ("head", "roads", "Head"),
        ("roads", "roads", "Roads officer"),
        ("parks", "parks", "Parks officer"),
    ):
        post = put_post(
            session,
            SYSTEM,
            code=code,
            title=text(f"{code.title()} post"),
            department=departments[department],
            reports_to=above if department == "roads" else None,
        ).row
        above = post if department == "roads" else above
        made.posts[code] = post.id
        account = create_account(session, SYSTEM, email=f"{code}@city.example", display_name=name, kind="staff")
        made.accounts[name] = account.id
        put_official(session, SYSTEM, post, account, valid_from=LONG_AGO)
        if code in ("roads", "parks"):
            put_jurisdiction(session, SYSTEM, post, code)
    for name in ("Citizen", "Colleague", "Manager"):
        email = f"{name.lower()}@city.example"
        account = create_account(session, SYSTEM, email=email, display_name=name)
        made.accounts[name] = account.id
