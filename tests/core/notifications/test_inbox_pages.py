"""The inbox as page and API, and the mails about one's own account."""

from __future__ import annotations

import json
import re
from datetime import timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient

from egovframe.core.auth import (
    CHEAP,
    Account,
    account_by_email,
    actor_of_account,
    confirm_contact,
    create_token,
    hash_password,
    register_account,
    request_recovery,
)
from egovframe.core.modules.jobs import Worker
from egovframe.core.modules.notifications import notify
from egovframe.core.persistence import Database

from .conftest import Mailbox

BASE = "https://saebit.example"
PASSWORD = "a long enough password"


@pytest.fixture
def bearer(base: Database, kim: int) -> dict[str, str]:
    with base.writing() as session:
        actor = actor_of_account(session, session.get_one(Account, kim))
        made = create_token(session, actor, name="test", permissions=None, life=timedelta(days=1))
    return {"Authorization": f"Bearer {made.secret}"}


def tell(base: Database, worker: Worker, account: int, count: int = 1) -> None:
    with base.writing() as session:
        for number in range(count):
            notify(session, f"account:{account}", "tester.news", "case:1", {"title": f"Lamp {number}", "text": "<b>"})
    worker.run_pending()


def test_the_api_lists_and_marks_ones_own_messages(
    city: Flask, base: Database, worker: Worker, kim: int, bearer: dict[str, str]
) -> None:
    client = city.test_client()
    tell(base, worker, kim, 3)
    answer = client.get("/api/v1/notifications?page_size=2&lang=en", headers=bearer)
    assert answer.status_code == 200
    assert json.loads(answer.headers["X-Pagination"])["total"] == 3
    assert [item["subject"] for item in answer.json] == ["News of Lamp 2", "News of Lamp 1"]
    first = answer.json[0]
    assert (first["kind"], first["thing"], first["read_at"]) == ("tester.news", "case:1", None)
    for _ in range(2):
        assert client.post(f"/api/v1/notifications/{first['id']}/read", headers=bearer).status_code == 204
    unread = client.get("/api/v1/notifications?unread=true", headers=bearer)
    assert first["id"] not in [item["id"] for item in unread.json]
    assert len(unread.json) == 2


def test_the_api_is_closed_to_strangers_and_to_wrong_questions(
    city: Flask, base: Database, worker: Worker, kim: int, bearer: dict[str, str]
) -> None:
    client = city.test_client()
    assert client.get("/api/v1/notifications").status_code == 401
    assert client.post("/api/v1/notifications/zzzz/read").status_code == 401
    assert client.post("/api/v1/notifications/zzzz/read", headers=bearer).status_code == 404
    assert client.get("/api/v1/notifications?page_size=1000", headers=bearer).status_code == 422


def sign_in(client: FlaskClient, email: str) -> None:
    page = client.get("/en/account/sign-in", base_url=BASE)
    answer = client.post(
        "/en/account/sign-in",
        data={"csrf_token": csrf(page.text), "email": email, "password": PASSWORD},
        base_url=BASE,
    )
    assert answer.status_code == 303, answer.text


def csrf(page: str) -> str:
    found = re.search(r'name="csrf_token" value="([^"]+)"', page)
    assert found
    return found.group(1)


def register(base: Database, email: str = "lee@example.org") -> Account:
    with base.writing() as session:
        register_account(session, email=email, display_name="Lee", password=hash_password(PASSWORD, CHEAP))
    with base.reading() as session:
        account = account_by_email(session, email)
    assert account is not None
    return account


def test_the_page_shows_messages_escaped_and_marks_them_read(city: Flask, base: Database, worker: Worker) -> None:
    account = register(base)
    worker.run_pending()
    tell(base, worker, account.id)
    client = city.test_client()
    assert client.get("/en/account/inbox", base_url=BASE).status_code == 303
    sign_in(client, "lee@example.org")
    page = client.get("/en/account/inbox", base_url=BASE)
    assert page.status_code == 200
    assert "News of Lamp 0" in page.text
    assert "&lt;b&gt;" in page.text
    assert "2 messages are new." in page.text
    answer = client.post("/en/account/inbox/read", data={"csrf_token": csrf(page.text)}, base_url=BASE)
    assert answer.status_code == 303
    again = client.get("/en/account/inbox", base_url=BASE).text
    assert "messages are new" not in again
    assert "All messages are marked as read." in again


def test_a_new_account_is_asked_to_confirm_by_a_link_that_works(
    city: Flask, base: Database, worker: Worker, mailbox: Mailbox
) -> None:
    account = register(base)
    worker.run_pending()
    (mail,) = mailbox.messages
    assert mail["Subject"] == "Please confirm your e-mail address"
    found = re.search(r"https://saebit\.example/en/account/confirm/(\w+)", mail.get_body(("plain",)).get_content())
    assert found
    with base.writing() as session:
        confirm_contact(session, found.group(1))
    with base.reading() as session:
        assert session.get_one(Account, account.id).confirmed_at is not None


def test_a_link_that_died_before_the_mail_left_is_not_sent(base: Database, worker: Worker, mailbox: Mailbox) -> None:
    register(base)
    worker.run_pending()
    mailbox.messages.clear()
    with base.writing() as session:
        request_recovery(session, "lee@example.org")
    base.clock_offset += timedelta(days=1)
    worker.run_pending()
    assert mailbox.messages == []


def test_recovery_and_a_second_registration_are_told_to_the_owner(
    base: Database, worker: Worker, mailbox: Mailbox
) -> None:
    register(base)
    worker.run_pending()
    mailbox.messages.clear()
    with base.writing() as session:
        request_recovery(session, "lee@example.org")
        request_recovery(session, "nobody@example.org")
    register(base)
    worker.run_pending()
    assert sorted(mail["Subject"] for mail in mailbox.messages) == [
        "Choose a new password",
        "You already have an account",
    ]
    texts = [mail.get_body(("plain",)).get_content() for mail in mailbox.messages]
    assert sum("https://saebit.example/en/account/recover/" in text for text in texts) == 1
