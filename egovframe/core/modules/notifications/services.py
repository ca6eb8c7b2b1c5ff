"""Verbs: write a message with the business transaction; mark what was read."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from sqlalchemy import func, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningInsert

from egovframe.actor import Actor
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.jobs import enqueue
from egovframe.core.modules.notifications.models import Delivery, Notification
from egovframe.core.persistence import (
    dialect_of,
    insert_on,
    insert_rows,
    kept,
    moment,
    new_ordered_id,
    new_public_id,
    now,
    quick_rows,
)
from egovframe.errors import NotFound, NotSignedIn

TELL = "notifications.tell"
"""Job: find out who the recipient is, put the message into the inbox, hand it to the channels."""


def notify(
    session: Session, reference: str, kind: str, thing: str, facts: Mapping[str, Any], *, key: str | None = None
) -> None:
    """Write a message to a person into the session's transaction; jobs bring it to inbox and mailbox.

    Args:
        session: of a writing unit.
        reference: whom, as the hook ``recipient`` understands it; ``account:7`` is short for ``auth.account:7``.
        kind: ``room.name``; its templates are ``<room>/notifications/<name>.subject.txt``, ``….txt`` and, when a
            person should be led somewhere, ``….link.txt``.
        thing: what it is about, such as ``case:7f3k…``.
        facts: what the templates need, JSON only; kept encrypted.
        key: with the same key and reference a second call does nothing, so that an event told twice is sent once.
    """
    if reference.startswith("account:"):
        reference = f"auth.{reference}"
    at = moment(session)
    values = {
        "public_id": new_public_id(),
        "created_at": at,
        "reference": reference,
        "key": key or new_ordered_id(),
        "kind": kind,
        "thing": thing,
        "facts": json.dumps(facts, ensure_ascii=False, default=str),
    }
    for made in quick_rows(session, _insert(dialect_of(session)), values):
        insert_rows(session, Delivery, {"notification_id": made.id, "changed_at": at})
        enqueue(session, TELL, {"notification": made.id}, run_at=at)


@kept
def _insert(dialect: str) -> ReturningInsert[int]:
    once = insert_on(dialect, Notification).on_conflict_do_nothing(index_elements=["reference", "key"])
    return once.returning(Notification.id)


def mark_read(session: Session, actor: Actor, public_id: str) -> None:
    """Mark one message of the actor's own inbox as read; a second time changes nothing.

    Raises:
        NotSignedIn: nobody is signed in.
        NotFound: no such message in this inbox.
    """
    found = session.execute(
        update(Notification)
        .where(Notification.public_id == public_id, Notification.account_id == owner(actor))
        .values(read_at=func.coalesce(Notification.read_at, now(session)))
        .returning(Notification.id)
        .execution_options(synchronize_session=False)
    ).scalar_one_or_none()
    if found is None:
        raise NotFound(_("This message is not in your inbox."))


def mark_all_read(session: Session, actor: Actor) -> None:
    """Mark everything in the actor's own inbox as read."""
    session.execute(
        update(Notification)
        .where(Notification.account_id == owner(actor), Notification.read_at.is_(None))
        .values(read_at=now(session))
        .execution_options(synchronize_session=False)
    )


def owner(actor: Actor) -> int:
    """Return whose inbox the actor sees.

    Raises:
        NotSignedIn: nobody is signed in.
    """
    if actor.account_id is None:
        raise NotSignedIn
    return actor.account_id
