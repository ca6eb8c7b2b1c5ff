"""A small city hall for the tests of administration."""

from __future__ import annotations

from datetime import timedelta
from email.message import EmailMessage

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from egovframe.actor import SYSTEM, Actor
from egovframe.core.auth import Account, account_by_public_id, actor_of_account, can, grants_of
from egovframe.core.modules.cases import NewCase, open_case
from egovframe.core.modules.jobs import Worker, build_worker
from egovframe.core.modules.notifications import configure_mail
from egovframe.core.modules.organisation import Post
from egovframe.core.modules.routing import Matter
from egovframe.core.persistence import now
from egovframe.core.web import runtime
from egovframe.testing.factories import Factory


class Postbox:
    """Catches the mails of a city."""

    def __init__(self, app: Flask) -> None:
        self.messages: list[EmailMessage] = []
        configure_mail(app, self)
        self.worker: Worker = build_worker(runtime(app).database, runtime(app).hooks, context=app.app_context)

    def send(self, message: EmailMessage) -> None:
        """Keep what is sent."""
        self.messages.append(message)

    def read(self) -> dict[str, tuple[str, str]]:
        """Subject and text by the part of the address before the @, of what was sent since the last call."""
        self.worker.run_pending()
        found = {}
        for message in self.messages:
            body = message.get_body(("plain",))
            assert body is not None
            address = message["To"].addresses[0]
            found[address.username] = (str(message["Subject"]), str(body.get_content()))
        self.messages.clear()
        return found


class Hall:
    """A city hall: an administrator, a head with one official, a second department, a citizen."""

    def __init__(self, app: Flask, make: Factory) -> None:
        self.app, self.make = app, make
        self.database = runtime(app).database
        self.admin = make.account("administrator", kind="staff")
        self.roads, self.parks = make.department("roads"), make.department("parks")
        here = frozenset({("department", self.roads)})
        self.head = make.account("department_head", scope=here, kind="staff")
        self.kim = make.account("officer", scope=here, kind="staff")
        self.lee = make.account("officer", scope=here, kind="staff")
        self.gardener = make.account("officer", scope=frozenset({("department", self.parks)}), kind="staff")
        self.citizen = make.account()
        head = make.official(self.head, self.roads, "roads-head")
        self.seat = make.official(self.kim, self.roads, "roads-kim")
        make.official(self.lee, self.roads, "roads-lee")
        make.official(self.gardener, self.parks, "parks-gardener")
        with self.database.writing() as session:
            for code in ("roads-kim", "roads-lee"):
                session.scalars(select(Post).where(Post.code == code)).one().reports_to_id = head

    def client(self, person: Actor | None = None) -> FlaskClient:
        return self.make.client(person or self.admin)

    def account(self, person: Actor) -> Account:
        with self.database.reading() as session:
            return account_by_public_id(session, person.public_id)

    def roles(self, person: Actor) -> set[str]:
        with self.database.reading() as session:
            return {grant.role.code for grant in grants_of(session, person.account_id or 0, now(session))}

    def grant_of(self, person: Actor, code: str) -> str:
        with self.database.reading() as session:
            found = grants_of(session, person.account_id or 0, now(session))
            return next(grant.public_id for grant in found if grant.role.code == code)

    def may(self, person: Actor, permission: str = "cases:case:work") -> bool:
        with self.database.reading() as session:
            actor = actor_of_account(session, account_by_public_id(session, person.public_id))
            return can(actor, permission, at=now(session))

    def case_of(self, person: Actor) -> int:
        with self.database.writing() as session:
            matter = Matter(subject="none", at=now(session))
            case = open_case(session, SYSTEM, NewCase("complaint", matter, "A hole")).case
            case.assignee_id, case.department_id, case.post_id = person.account_id, self.roads, None
            session.flush()
            return case.id

    def day(self, ahead: int) -> str:
        with self.database.reading() as session:
            return (now(session) + timedelta(days=ahead)).date().isoformat()


@pytest.fixture
def hall(app: Flask, make: Factory) -> Hall:
    return Hall(app, make)
