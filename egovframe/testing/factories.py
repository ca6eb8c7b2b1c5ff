"""People and offices for tests, made through the same verbs as real ones."""

from __future__ import annotations

import itertools
from collections.abc import Collection
from contextlib import AbstractContextManager
from datetime import date

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM, Actor, Scope
from egovframe.core.auth import (
    Evidence,
    account_by_public_id,
    actor_of_account,
    create_account,
    create_token,
    grant_role,
    hash_password,
    policy_of,
    sign_in,
    verify_resident,
)
from egovframe.core.i18n import Translated
from egovframe.core.modules.organisation import Department, Official, Post
from egovframe.core.persistence import now
from egovframe.core.web import SIGNED_IN, runtime

PASSWORD = "a-long-test-sentence"


class Factory:
    """Makes what a test needs in one application.

    Args:
        app: the application of the test.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._database = runtime(app).database
        self._numbers = itertools.count(1)

    def account(self, *roles: str, scope: Scope = frozenset(), kind: str = "citizen") -> Actor:
        """Return a new person who can sign in with PASSWORD, holding roles within the scope (everywhere when empty)."""
        email = f"person{next(self._numbers)}@test.example"
        password = hash_password(PASSWORD, policy_of(self._database), email=email)
        with self._writing() as session:
            name = email.partition("@")[0].capitalize()
            account = create_account(
                session,
                SYSTEM,
                email=email,
                display_name=name,
                kind=kind,
                password=password,
                assurance="contact_verified",
            )
            session.flush()
            for role in roles:
                if (role, kind) != ("citizen", "citizen"):  # every citizen holds that one
                    grant_role(session, SYSTEM, account, role, scope)
            session.flush()
            return actor_of_account(session, account)

    def resident(self, *roles: str, person: str = "") -> Actor:
        """Return a new verified resident; accounts made with the same ``person`` belong to one human being."""
        known = self.account(*roles)
        evidence = Evidence(person or known.public_id, date(1990, 1, 1), "00000")
        with self._writing() as session:
            account = account_by_public_id(session, known.public_id)
            verify_resident(session, SYSTEM, account, evidence, source="identity_card")
            session.flush()
            return actor_of_account(session, account)

    def token(self, person: Actor, permissions: Collection[str] | None = None) -> dict[str, str]:
        """Return the Authorization header of a new API token."""
        with self._writing() as session:
            made = create_token(session, person, name="test", permissions=permissions)
            return {"Authorization": f"Bearer {made.secret}"}

    def client(self, person: Actor) -> FlaskClient:
        """Return a visitor who is signed in as the person."""
        with self._database.reading() as session:
            account = account_by_public_id(session, person.public_id)
            email = account.email if account else None
        if not email:
            raise LookupError("only a person with an address can sign in")
        begun = sign_in(self._database, email=email, password=PASSWORD, address="127.0.0.1", throttle=lambda *_: None)
        client = self._app.test_client()
        client.set_cookie(SIGNED_IN, begun.token)
        return client

    def department(self, code: str, parent_id: int | None = None) -> int:
        """Return the id of a new department named after its code."""
        with self._writing() as session:
            department = Department(code=code, name=Translated("en", {"en": code.title()}), parent_id=parent_id)
            session.add(department)
            session.flush()
            return department.id

    def official(self, person: Actor, department_id: int, code: str = "post") -> int:
        """Return the id of a new post in the department, held by the person from now on."""
        with self._writing() as session:
            post = Post(code=code, title=Translated("en", {"en": code.title()}), department_id=department_id)
            session.add(post)
            session.flush()
            if person.account_id is None:
                raise LookupError("only a person with an account can hold a post")
            session.add(Official(post_id=post.id, account_id=person.account_id, valid_from=now(session)))
            return post.id

    def _writing(self) -> AbstractContextManager[Session]:
        return self._database.writing()


__all__ = ["PASSWORD", "Factory"]
