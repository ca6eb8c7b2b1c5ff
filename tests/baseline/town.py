"""The city that the baseline is asked of: the demo city, and one visitor for each role and each kind of key.

Built once for a whole run: a test of the baseline must leave it as it found it, or work on what it made itself.
"""

from __future__ import annotations

import itertools
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from egovframe.actor import SYSTEM, Actor, Scope
from egovframe.app import create_app, refresh
from egovframe.config import CONFIG_NAME, load_settings
from egovframe.core.auth import (
    CHEAP,
    account_by_email,
    account_by_public_id,
    actor_of_account,
    configure_auth,
    disable_account,
    grant_role,
    roles,
)
from egovframe.core.modules.privacy import consent_to_newest
from egovframe.core.persistence import Database, now
from egovframe.core.web import runtime
from egovframe.demo import DemoFolder, seed_city
from egovframe.testing.databases import TEST_SECRET
from egovframe.testing.factories import Factory
from egovframe.testing.statements import share_statements
from egovframe.testing.templates import COMPILED_TEMPLATES

NARROW = "baseline:nothing:read"
"""A right that nobody asks for: a token narrowed to it opens what any signed-in person may open, and no more."""
_addresses = itertools.count(1)


@dataclass
class Visitor:
    """Somebody who asks: with a cookie on pages, with a token elsewhere, or with neither."""

    name: str
    actor: Actor = field(default_factory=Actor)
    client: FlaskClient | None = None
    headers: dict[str, str] = field(default_factory=dict)
    dead: bool = False
    """The keys are real and open nothing any more."""


class Townsfolk(Factory):
    """Makes people who agreed to the city's notices, as everybody has who uses its pages."""

    def account(self, *roles: str, scope: Scope = frozenset(), kind: str = "citizen") -> Actor:
        """Return a new person who can sign in, and is not led to the notices at every page."""
        made = super().account(*roles, scope=scope, kind=kind)
        with self._database.writing() as session:
            consent_to_newest(session, made, made.account_id or 0)
        return made


class Town:
    """The application of the demo city with its visitors.

    Args:
        app: assembled and filled.
    """

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.factory = Townsfolk(app)
        self.visitors = {each.name: each for each in self._make()}
        self.samples: dict[str, Any] = {}
        """What ``samples.py`` has looked up."""

    @property
    def database(self) -> Database:
        """Its database."""
        return runtime(self.app).database

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """The languages of its pages."""
        return runtime(self.app).settings.city.languages

    def demo(self, local: str) -> Actor:
        """Return one of the demo accounts as an actor."""
        with self.database.reading() as session:
            account = account_by_email(session, f"{local}@demo.example")
            assert account is not None, local
            return actor_of_account(session, account)

    def once_more(self, name: str) -> Visitor:
        """Return somebody new with the same role, account and browser of their own, for tests that may spoil it."""
        assert name in self.visitors
        return self._visitor(name, *([] if name == "without a role" else [name]))

    def ask(self, visitor: Visitor, method: str, path: str, **more: Any) -> TestResponse:
        """Send one request, each from an address of its own so that no rate limit speaks up."""
        client = visitor.client or self.app.test_client()
        more.setdefault("buffered", True)  # streamed answers are read to their end, and closed
        more.setdefault("environ_overrides", {"REMOTE_ADDR": fresh_address()})
        headers = {**({} if _is_page(path) else visitor.headers), **more.pop("headers", {})}
        return client.open(path, method=method, headers=headers, **more)

    def _make(self) -> list[Visitor]:
        with self.database.reading() as session:
            codes = [role.code for role in roles(session)]
        made = [Visitor("anonymous"), self._visitor("without a role")]
        made += [self._visitor(code, code) for code in codes]
        narrowed = self.factory.account(*codes, kind="staff")
        made.append(Visitor("narrowed token", narrowed, None, self.factory.token(narrowed, [NARROW])))
        made += [self._disabled(codes), self._expired(codes)]
        return made

    def _visitor(self, name: str, *codes: str) -> Visitor:
        person = self.factory.account(*codes, kind="staff" if codes and codes != ("citizen",) else "citizen")
        return Visitor(name, person, self.factory.client(person), self.factory.token(person))

    def _disabled(self, codes: list[str]) -> Visitor:
        visitor = self._visitor("disabled account", *codes)
        with self.database.writing() as session:
            disable_account(session, SYSTEM, account_by_public_id(session, visitor.actor.public_id))
        visitor.dead = True
        return visitor

    def _expired(self, codes: list[str]) -> Visitor:
        """Somebody who held every role until a moment ago."""
        visitor = self._visitor("expired grants")
        with self.database.writing() as session:
            at, account = now(session), account_by_public_id(session, visitor.actor.public_id)
            for code in codes:
                if code == "citizen":  # everybody holds that one
                    continue
                grant = grant_role(session, SYSTEM, account, code, valid_until=at + timedelta(hours=1))
                grant.valid_from, grant.valid_until = at - timedelta(days=2), at - timedelta(seconds=1)
        return visitor


def fresh_address() -> str:
    """Return a network address that has not asked before."""
    number = next(_addresses)
    return f"10.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255}"


def _is_page(path: str) -> bool:
    return path.split("/")[1] in {"en", "ko", "ar"}


def build(folder: Path, address: str, size: Any = "small", settings: str = "") -> Town:
    """Return the town on a migrated database.

    Args:
        settings: its settings file, written as the demo's is; the demo's own when empty.
    """
    place = DemoFolder(folder / "demo")
    place.make()
    if settings:
        (place.folder / CONFIG_NAME).write_text(settings, encoding="utf-8")
    overrides = {"secret_key": TEST_SECRET, "database_url": address, "environment": "test", "strict": True}
    app = create_app(load_settings(place.folder, environ={}, overrides=overrides))
    app.jinja_env.bytecode_cache = COMPILED_TEMPLATES
    share_statements(runtime(app).database)
    configure_auth(runtime(app).database, CHEAP)
    refresh(app)
    list(seed_city(app, place, size))
    return Town(app)
