"""Messages: in the inbox exactly once, by mail at least once, in the reader's language, with nothing smuggled in."""

from __future__ import annotations

import smtplib
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, text
from sqlalchemy.orm import undefer_group

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.modules.jobs import Worker, job_counts
from egovframe.core.modules.notifications import (
    Delivery,
    InboxEntry,
    Notification,
    Refused,
    delivery_counts,
    inbox,
    mark_all_read,
    mark_read,
    notify,
    unread_count,
)
from egovframe.core.persistence import Database
from egovframe.errors import NotFound, NotSignedIn

from .conftest import Contacts, Mailbox

FACTS = {"title": "Lamp 5", "text": "It shines again.\nThank you."}


def tell(base: Database, reference: str, facts: dict[str, Any] | None = None, **options: Any) -> None:
    with base.writing() as session:
        notify(session, reference, "tester.news", "case:1", facts or FACTS, **options)


def entries(base: Database, account: int, language: str = "en") -> list[InboxEntry]:
    with base.reading() as session:
        return inbox(session, Actor("account", account_id=account), language).items


def delivery(base: Database) -> Delivery:
    with base.reading() as session:
        return session.scalars(select(Delivery)).one()


def test_a_message_to_an_account_is_in_the_inbox_and_in_the_mail(
    base: Database, worker: Worker, kim: int, mailbox: Mailbox
) -> None:
    tell(base, f"account:{kim}")
    assert mailbox.messages == []  # nothing leaves inside the business transaction
    worker.run_pending()
    (entry,) = entries(base, kim)
    assert (entry.subject, entry.link, entry.read_at) == ("News of Lamp 5", "https://saebit.example/en/", None)
    (mail,) = mailbox.messages
    assert mail["To"] == "Kim Minji <kim@example.org>"
    assert mail["Subject"] == "News of Lamp 5"
    assert mail["Content-Language"] == "ko"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain = mail.get_body(("plain",)).get_content()
    assert "Dear Kim Minji" in plain
    assert "https://saebit.example/ko/" in plain
    assert delivery(base).state == "sent"


def test_a_message_of_a_rolled_back_transaction_never_leaves(
    base: Database, worker: Worker, kim: int, mailbox: Mailbox
) -> None:
    with pytest.raises(ValueError, match="stop"), base.writing() as session:
        notify(session, f"account:{kim}", "tester.news", "case:1", FACTS)
        raise ValueError("stop")
    worker.run_pending()
    assert mailbox.messages == []
    assert entries(base, kim) == []


def test_the_same_key_is_told_once_to_each(base: Database, worker: Worker, kim: int, mailbox: Mailbox) -> None:
    for _ in range(3):
        tell(base, f"auth.account:{kim}", key="event-1")
        tell(base, "tester.contact:a@example.org", key="event-1")
    tell(base, f"auth.account:{kim}", key="event-2")
    worker.run_pending()
    assert len(entries(base, kim)) == 2
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mailbox.messages) == [
        "a@example.org",
        "kim@example.org",
        "kim@example.org",
    ]


def test_somebody_without_an_account_gets_mail_and_the_facts_go_after_sending(
    base: Database, worker: Worker, mailbox: Mailbox
) -> None:
    tell(base, "tester.contact:a@example.org")
    with base.reading() as session:
        stored = session.execute(text("SELECT facts FROM core_notification")).scalar_one()
    assert "Lamp" not in stored  # encrypted while it waits
    worker.run_pending()
    assert mailbox.messages[0]["To"].addresses[0].display_name == Contacts.name
    with base.reading() as session:
        row = session.scalars(select(Notification).options(undefer_group("personal"))).one()
        assert (row.facts, row.account_id) == (None, None)


def test_who_cannot_be_reached_costs_nobody_anything(base: Database, worker: Worker, mailbox: Mailbox) -> None:
    for reference in ("tester.contact:", "nobody.knows:1", "auth.account:999"):
        tell(base, reference)
    worker.run_pending()
    assert mailbox.messages == []
    with base.reading() as session:
        assert delivery_counts(session) == {"skipped": 3}
        assert job_counts(session) == {}


def test_no_transaction_is_open_while_mail_is_sent(base: Database, worker: Worker, kim: int, mailbox: Mailbox) -> None:
    seen: list[str] = []

    def look() -> None:
        with base.writing() as session:  # refused inside a writing unit, blocked by another's on SQLite
            seen.append(session.scalars(select(Delivery.state)).one())

    mailbox.during = look
    tell(base, f"account:{kim}")
    worker.run_pending()
    assert seen == ["in_doubt"]
    assert delivery(base).state == "sent"


@pytest.mark.parametrize(
    ("fault", "state"),
    [
        (smtplib.SMTPServerDisconnected("gone"), "in_doubt"),
        (smtplib.SMTPDataError(451, b"later"), "failed"),
    ],
)
def test_what_fails_is_sent_again_under_the_same_message_id(
    base: Database, worker: Worker, kim: int, mailbox: Mailbox, fault: Exception, state: str
) -> None:
    mailbox.faults = [fault]
    tell(base, f"account:{kim}")
    worker.run_pending()
    before = delivery(base)
    assert (before.state, before.last_error, before.attempts) == (state, type(fault).__name__, 1)
    base.clock_offset += timedelta(minutes=1)
    worker.run_pending()
    (mail,) = mailbox.messages
    assert mail["Message-ID"] == f"<{before.public_id}@saebit.example>"
    assert (delivery(base).state, delivery(base).attempts) == ("sent", 2)
    assert len(entries(base, kim)) == 1


def test_a_process_that_died_while_sending_leaves_a_doubt_and_the_mail_is_sent_again(
    base: Database, worker: Worker, kim: int, mailbox: Mailbox
) -> None:
    class PowerCut(BaseException):
        pass

    def die() -> None:
        raise PowerCut

    mailbox.during = die
    tell(base, f"account:{kim}")
    with pytest.raises(PowerCut):
        worker.run_pending()
    with base.reading() as session:
        assert delivery_counts(session) == {"in_doubt": 1}
    mailbox.during = lambda: None
    base.clock_offset += timedelta(minutes=6)
    worker.run_pending()
    assert len(mailbox.messages) == 1
    assert delivery(base).state == "sent"


def test_a_refused_address_is_not_tried_again(base: Database, worker: Worker, kim: int, mailbox: Mailbox) -> None:
    mailbox.faults = [Refused()]
    tell(base, f"account:{kim}")
    worker.run_pending()
    assert delivery(base).state == "dead"
    with base.reading() as session:
        assert job_counts(session) == {}


def test_a_server_that_never_answers_ends_in_a_dead_letter(
    base: Database, worker: Worker, kim: int, mailbox: Mailbox
) -> None:
    mailbox.faults = [ConnectionRefusedError() for _ in range(20)]
    tell(base, f"account:{kim}")
    for _ in range(12):
        worker.run_pending()
        base.clock_offset += timedelta(hours=2)
    worker.run_pending()
    assert (delivery(base).state, delivery(base).attempts) == ("dead", 12)
    with base.reading() as session:
        assert job_counts(session)["dead"] == 1


def test_an_address_that_could_start_a_header_is_never_written(
    base: Database, worker: Worker, mailbox: Mailbox
) -> None:
    tell(base, "tester.contact:a@example.org\r\nBcc: evil@example.org")
    worker.run_pending()
    assert mailbox.messages == []
    assert delivery(base).state == "dead"


def test_facts_and_names_cannot_start_a_header(
    base: Database, worker: Worker, mailbox: Mailbox, contacts: Contacts
) -> None:
    contacts.name = "Kim\r\nBcc: evil@example.org"
    tell(base, "tester.contact:a@example.org", {"title": "x\r\nBcc: evil@example.org\r\n\r\nbody", "text": "y"})
    worker.run_pending()
    (mail,) = mailbox.messages
    head = mail.as_bytes().split(b"\r\n\r\n")[0].decode().replace("\r\n ", " ").split("\r\n")
    assert not [line for line in head if line.lower().startswith("bcc")]
    assert mail["Subject"] == "News of x Bcc: evil@example.org body"


def test_facts_are_text_in_the_html_too(base: Database, worker: Worker, mailbox: Mailbox) -> None:
    tell(
        base,
        "tester.contact:a@example.org",
        {"title": "<script>x</script>", "text": "<img src=x onerror=alert(1)> see https://saebit.example/a?b=1&c=2."},
    )
    worker.run_pending()
    page = mailbox.messages[0].get_body(("html",)).get_content()
    assert "<img" not in page
    assert "<script" not in page
    assert '<a href="https://saebit.example/a?b=1&amp;c=2">' in page
    assert '<html lang="ko" dir="ltr">' in page


def test_an_inbox_is_its_owners(base: Database, worker: Worker, kim: int) -> None:
    tell(base, f"account:{kim}")
    worker.run_pending()
    (entry,) = entries(base, kim)
    stranger = Actor("account", account_id=kim + 1)
    assert entries(base, kim + 1) == []
    with base.writing() as session:
        with pytest.raises(NotFound):
            mark_read(session, stranger, entry.id)
        mark_all_read(session, stranger)
        with pytest.raises(NotSignedIn):
            inbox(session, ANONYMOUS, "en")
        assert unread_count(session, Actor("account", account_id=kim)) == 1
        assert unread_count(session, ANONYMOUS) == 0


def test_reading_is_noted_once(base: Database, worker: Worker, kim: int) -> None:
    owner = Actor("account", account_id=kim)
    tell(base, f"account:{kim}")
    tell(base, f"account:{kim}")
    worker.run_pending()
    with base.writing() as session:
        mark_read(session, owner, entries(base, kim)[0].id)
    first = entries(base, kim)[0].read_at
    assert first is not None
    with base.writing() as session:
        mark_read(session, owner, entries(base, kim)[0].id)
        assert unread_count(session, owner) == 1
        mark_all_read(session, owner)
        assert unread_count(session, owner) == 0
    assert entries(base, kim)[0].read_at == first


def test_a_kind_whose_plugin_is_gone_stays_readable_and_its_mail_waits(
    city: Flask, base: Database, worker: Worker, kim: int
) -> None:
    with base.writing() as session:
        notify(session, f"account:{kim}", "gone.news", "thing:7", {})
        notify(session, f"account:{kim}", "tester.news", "thing:8", {"title": "facts of an older version"})
    worker.run_pending()
    assert sorted(entry.subject for entry in entries(base, kim)) == ["thing:7", "thing:8"]
    with base.reading() as session:
        found = session.scalars(select(Delivery).order_by(Delivery.id)).all()
        assert [(row.state, row.last_error) for row in found] == [
            ("failed", "TemplatesNotFound"),
            ("failed", "UndefinedError"),
        ]
