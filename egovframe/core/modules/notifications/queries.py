"""Reads: a person's inbox, and how deliveries fare."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session, undefer_group

from egovframe.actor import Actor
from egovframe.core.modules.notifications.delivering import tools_of
from egovframe.core.modules.notifications.models import Delivery, Notification
from egovframe.core.modules.notifications.rendering import Rendered
from egovframe.core.modules.notifications.services import owner
from egovframe.core.persistence import NumberedPage, numbered_page, unit_of


@dataclass(frozen=True, slots=True)
class InboxEntry:
    """One message as its owner reads it, in the asked language."""

    id: str
    kind: str
    thing: str
    subject: str
    text: str
    link: str
    created_at: datetime
    read_at: datetime | None


def inbox(
    session: Session, actor: Actor, language: str, *, page: int = 1, page_size: int = 20, unread_only: bool = False
) -> NumberedPage[InboxEntry]:
    """Return the actor's own messages, newest first.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    statement = (
        select(Notification)
        .where(Notification.account_id == owner(actor))
        .order_by(Notification.created_at.desc(), Notification.id.desc())
        .options(undefer_group("personal"))
    )
    if unread_only:
        statement = statement.where(Notification.read_at.is_(None))
    found = numbered_page(session, statement, page, page_size)
    renderer = tools_of(unit_of(session).database).renderer
    entries = [_entry(row, renderer.title(row.kind, row.thing, facts_of(row), language)) for row in found.items]
    return NumberedPage(entries, found.page, found.page_size, found.total)


def unread_count(session: Session, actor: Actor) -> int:
    """Return how many messages wait; 0 when nobody is signed in."""
    if actor.account_id is None:
        return 0
    statement = select(func.count()).where(Notification.account_id == actor.account_id, Notification.read_at.is_(None))
    return session.scalar(statement) or 0


def delivery_counts(session: Session) -> dict[str, int]:
    """Return how many deliveries are in each state."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state)).all()
    return {row[0]: row[1] for row in rows}


def facts_of(notification: Notification) -> Mapping[str, Any]:
    """Return what the templates need; empty when it is gone."""
    facts: Mapping[str, Any] = json.loads(notification.facts or "{}")
    return facts


def _entry(row: Notification, rendered: Rendered) -> InboxEntry:
    return InboxEntry(
        row.public_id,
        row.kind,
        row.thing,
        rendered.subject,
        rendered.text,
        rendered.link,
        row.created_at,
        row.read_at,
    )
