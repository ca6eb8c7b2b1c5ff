"""A city with only the core, mail that is caught, and a few people to write to."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy.orm import Session

from egovframe.actor import SYSTEM
from egovframe.core.auth import create_account
from egovframe.core.modules.jobs import Worker, build_worker
from egovframe.core.modules.notifications import configure_mail
from egovframe.core.persistence import Database
from egovframe.core.web import runtime
from egovframe.hooks import Recipient, hookimpl


class Mailbox:
    """A transport that keeps what it is given and fails as it is told."""

    def __init__(self) -> None:
        self.messages: list[EmailMessage] = []
        self.faults: list[Exception] = []
        self.during: Callable[[], None] = lambda: None

    def send(self, message: EmailMessage) -> None:
        self.during()
        if self.faults:
            raise self.faults.pop(0)
        self.messages.append(message)


class Contacts:
    """A plugin whose reporters have no account: ``tester.contact:<address>``."""

    name = 'Kim "Minji" 김민지'

    @hookimpl
    def recipient(self, session: Session, reference: str) -> Recipient | None:
        kind, _colon, address = reference.partition(":")
        return Recipient(address or None, self.name, "ko", None) if kind == "tester.contact" else None


@pytest.fixture
def city_settings() -> dict[str, Any]:
    return {"plugins": {"disabled": ["civic_participation"]}, "public_url": "https://saebit.example"}


@pytest.fixture
def city_folder(city_folder: Path) -> Path:
    """The test city's own templates for a kind of message."""
    folder = city_folder / "templates" / "tester" / "notifications"
    folder.mkdir(parents=True)
    (folder / "news.subject.txt").write_text("News of {{ facts.title }}\n", encoding="utf-8")
    (folder / "news.txt").write_text("{% if name %}Dear {{ name }},\n\n{% endif %}{{ facts.text }}\n", encoding="utf-8")
    (folder / "news.link.txt").write_text("{{ link('core.home') }}", encoding="utf-8")
    return city_folder


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def contacts() -> Contacts:
    return Contacts()


@pytest.fixture
def city(app: Flask, mailbox: Mailbox, contacts: Contacts) -> Iterator[Flask]:
    configure_mail(app, mailbox)
    runtime(app).hooks.register("tester", contacts)
    return app


@pytest.fixture
def base(city: Flask) -> Database:
    return runtime(city).database


@pytest.fixture
def worker(city: Flask, base: Database) -> Worker:
    return build_worker(base, runtime(city).hooks, context=city.app_context)


@pytest.fixture
def kim(base: Database) -> int:
    """An account whose language is Korean."""
    with base.writing() as session:
        return create_account(session, SYSTEM, email="kim@example.org", display_name="Kim Minji", language="ko").id
