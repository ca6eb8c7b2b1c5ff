"""A city with roles and a few people, on each database."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

import pytest

import egovframe.core.auth.hooks as auth_hooks
from egovframe.actor import SYSTEM, Scope
from egovframe.core.auth import (
    CHEAP,
    Account,
    SignedIn,
    configure_auth,
    create_account,
    grant_role,
    hash_password,
    sign_in,
    sync_roles,
)
from egovframe.core.persistence import Database
from egovframe.hooks import Hooks, Permission, RoleTemplate, hookimpl
from egovframe.testing.queries import count_queries

PASSWORD = "quiet-harbour-lantern"
HASHED = hash_password(PASSWORD, CHEAP)


def other_room() -> ModuleType:
    """A room above auth that adds rights to auth's roles."""
    module = ModuleType("room")

    def permissions() -> list[Permission]:
        return [Permission("room:thing:read", "Read things"), Permission("room:thing:work", "Work on things")]

    def roles() -> list[RoleTemplate]:
        return [
            RoleTemplate("officer", "Another title", ("room:thing:read", "room:thing:work")),
            RoleTemplate("citizen", "Citizen", ("room:thing:undeclared",)),
        ]

    module.permissions = hookimpl(permissions)  # type: ignore[attr-defined]
    module.roles = hookimpl(roles)  # type: ignore[attr-defined]
    return module


@pytest.fixture
def hooks() -> Hooks:
    """Auth's own hooks and those of one more room."""
    found = Hooks(strict=True)
    found.register("core.auth", auth_hooks)
    found.register("room", other_room())
    return found


class City:
    """Short hands for tests."""

    hashed = HASHED

    def __init__(self, database: Database) -> None:
        self.database = database
        self.throttled: list[tuple[str, str]] = []

    def throttle(self, limit: str, subject: str) -> None:
        """Count an attempt."""
        self.throttled.append((limit, subject))

    def person(self, email: str, role: str | None = None, scope: Scope = frozenset(), **facts: object) -> int:
        """Make an account with the usual password and return its key."""
        with self.database.writing() as session:
            account = create_account(
                session, SYSTEM, email=email, display_name=email.split("@")[0], password=HASHED, **facts
            )
            if role is not None:
                grant_role(session, SYSTEM, account, role, scope)
            return account.id

    def enter(self, email: str, password: str = PASSWORD, **more: str) -> SignedIn:
        """Sign in."""
        return sign_in(
            self.database, email=email, password=password, address="192.0.2.1", throttle=self.throttle, **more
        )

    def account(self, account_id: int) -> Account:
        """Load an account."""
        with self.database.reading() as session:
            return session.get_one(Account, account_id)

    @contextmanager
    def counted(self) -> Iterator[list[str]]:
        """Collect the statements that run inside the block."""
        with count_queries(self.database) as seen:
            yield seen


@pytest.fixture
def city(database: Database, hooks: Hooks) -> City:
    """A city with the default roles and one administrator."""
    configure_auth(database, CHEAP)
    with database.writing() as session:
        sync_roles(session, hooks)
    found = City(database)
    found.person("admin@city.example", "administrator", kind="staff")
    return found
