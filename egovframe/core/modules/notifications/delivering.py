"""Jobs that bring messages to people: who it is, then inbox, then mailbox, outside of any transaction."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from email.message import EmailMessage
from functools import partial
from typing import Any

from jinja2 import TemplateError
from sqlalchemy import Select, bindparam, select
from sqlalchemy.orm import Session, joinedload
from werkzeug.routing.exceptions import BuildError

from egovframe.config import Settings
from egovframe.core.auth import one_time_link
from egovframe.core.modules.jobs import Settle, enqueue, outside
from egovframe.core.modules.notifications.composing import compose
from egovframe.core.modules.notifications.models import DEAD, FAILED, IN_DOUBT, SENT, SKIPPED, Delivery
from egovframe.core.modules.notifications.rendering import Renderer
from egovframe.core.modules.notifications.transports import NOT_TAKEN as NOT_TAKEN_BY_THE_SERVER
from egovframe.core.modules.notifications.transports import Refused, Transport
from egovframe.core.modules.privacy import by_the_system
from egovframe.core.persistence import WORKER, Database, kept, now, unit_of
from egovframe.hooks import Hooks, Recipient

NOT_TAKEN = (*NOT_TAKEN_BY_THE_SERVER, TemplateError, BuildError)
"""Errors after which the message certainly has not left."""
SEND = "notifications.send"
LINK = "one_time_link"
ASKED_IN = "asked_in"
"""The fact that names the language of the page on which somebody asked for this message."""
"""The fact that names a one-time link by its id; templates of the mail then get ``facts.token`` and ``facts.until``."""
MAX_ATTEMPTS = 12
"""About three hours of trying before an operator is asked."""


@dataclass(frozen=True, slots=True)
class Tools:
    """What delivering needs of the application."""

    settings: Settings
    hooks: Hooks
    renderer: Renderer
    transport: Transport


class Outgoing:
    """Holds the tools on the database; ``configure_mail`` fills it."""

    tools: Tools | None = None


def tools_of(database: Database) -> Tools:
    """Return the tools of the application that opened the database.

    Raises:
        RuntimeError: mail was not configured.
    """
    tools = database.service(Outgoing).tools
    if tools is None:
        raise RuntimeError("messages need configure_mail(app)")
    return tools


def tell(session: Session, payload: Mapping[str, Any]) -> None:
    """Job ``notifications.tell``: resolve the recipient, fill the inbox, hand the message to e-mail."""
    delivery = session.scalars(_of_notification(), {"message": payload["notification"]}).one_or_none()
    if delivery is None:
        return
    notification = delivery.notification
    recipient = _recipient(session, notification.reference)
    if recipient is not None:
        notification.account_id = recipient.account_id
        delivery.language = recipient.language or ""
    if recipient is None or not recipient.email:
        delivery.state, delivery.changed_at = SKIPPED, now(session)
        return
    enqueue(session, SEND, {"delivery": delivery.id}, queue="outside", max_attempts=MAX_ATTEMPTS)


@outside
def send(database: Database, payload: Mapping[str, Any]) -> Settle | None:
    """Job ``notifications.send``: claim, send, mark. At least once, under one Message-ID for all attempts.

    Returns:
        What marks the delivery, in the unit that ends the job.

    Raises:
        OSError, smtplib.SMTPException: not now; the job tries again.
    """
    letter = _begin(database, payload["delivery"])
    if letter is None:
        return None
    tools = tools_of(database)
    try:
        tools.transport.send(_written(tools, letter))
    except Refused as error:
        return partial(_end, letter=letter, state=DEAD, error=error)
    except (OSError, smtplib.SMTPException, TemplateError, BuildError) as error:
        with database.writing(WORKER) as session:
            _end(session, letter, _outcome(letter, error), error)
        raise
    return partial(_end, letter=letter, state=SENT)


@dataclass(frozen=True, slots=True)
class _Letter:
    """What sending needs, taken out of the unit before the network is touched."""

    delivery_id: int
    message_id: str
    attempt: int
    kind: str
    thing: str
    facts: Mapping[str, Any]
    recipient: Recipient
    created_at: datetime


def _begin(database: Database, delivery_id: int) -> _Letter | None:
    with database.writing(WORKER) as session:
        delivery = session.scalars(_to_send(), {"number": delivery_id}).one_or_none()
        if delivery is None or delivery.state == SENT:
            return None
        notification = delivery.notification
        recipient = _recipient(session, notification.reference)
        facts = _with_secret(session, json.loads(notification.facts or "{}"))
        delivery.changed_at = now(session)
        if recipient is None or not recipient.email or facts is None:
            delivery.state = SKIPPED
            return None
        recipient = replace(recipient, language=facts.get(ASKED_IN) or recipient.language)
        delivery.language = recipient.language or ""
        # Until somebody says otherwise: should this process die now, the message may or may not have left.
        delivery.state = IN_DOUBT
        delivery.attempts += 1
        return _Letter(
            delivery.id,
            delivery.public_id,
            delivery.attempts,
            notification.kind,
            notification.thing,
            facts,
            recipient,
            notification.created_at,
        )


@kept
def _of_notification() -> Select[Delivery]:
    return select(Delivery).where(Delivery.notification_id == bindparam("message"))


@kept
def _to_send() -> Select[Delivery]:
    whole = joinedload(Delivery.notification).undefer_group("personal")
    return select(Delivery).where(Delivery.id == bindparam("number")).options(whole).with_for_update(of=Delivery)


def _outcome(letter: _Letter, error: Exception) -> str:
    if letter.attempt >= MAX_ATTEMPTS:
        return DEAD
    return FAILED if isinstance(error, NOT_TAKEN) else IN_DOUBT


def _written(tools: Tools, letter: _Letter) -> EmailMessage:
    rendered = tools.renderer.render(
        letter.kind, letter.thing, letter.facts, language=letter.recipient.language, name=letter.recipient.name
    )
    return compose(
        rendered,
        tools.renderer.page(rendered),
        sender=tools.settings.mail.sender,
        sender_name=tools.settings.city.name_in(rendered.language),
        to=letter.recipient.email or "",
        to_name=letter.recipient.name,
        message_id=letter.message_id,
        public_url=tools.settings.public_url,
        at=letter.created_at,
    )


def _end(session: Session, letter: _Letter, state: str, error: Exception | None = None) -> None:
    delivery = session.get_one(Delivery, letter.delivery_id)
    delivery.state = state
    delivery.last_error = type(error).__name__ if error else ""
    delivery.changed_at = now(session)
    if state == SENT and delivery.notification.account_id is None:
        delivery.notification.facts = None


def _with_secret(session: Session, facts: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the facts with the secret of a one-time link, which is never stored; None when the link is dead."""
    if LINK not in facts:
        return facts
    link = one_time_link(session, facts[LINK])
    return None if link is None else {**facts, "token": link.token, "until": link.expires_at}


def _recipient(session: Session, reference: str) -> Recipient | None:
    hooks = tools_of(unit_of(session).database).hooks
    with by_the_system(session):  # the address goes onto the envelope and to nobody else
        found: Recipient | None = hooks.first("recipient", session=session, reference=reference)
    return found
