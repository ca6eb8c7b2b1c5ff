"""How messages lead to people, and what goes with them: the row, its deliveries, and the file of a file adapter."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import String, cast, literal, select
from sqlalchemy.orm import Session

from egovframe.core.auth import ADDRESS_CHANGE, Account, AddressChange
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.notifications.delivering import Outgoing
from egovframe.core.modules.notifications.models import Delivery, Notification
from egovframe.core.modules.notifications.transports import FileTransport
from egovframe.core.modules.privacy import matches, matter_number, subjects
from egovframe.core.persistence import unit_of


def declare_subjects() -> None:
    """Declare messages; called once the models stand. Other rooms add by ``matches`` whom their messages reach."""
    subjects(
        Notification,
        title=_("Messages to you"),
        shows={
            "created_at": _("Sent"),
            "kind": _("Kind"),
            "thing": _("About"),
            "facts": _("Message"),
            "read_at": _("Read"),
        },
        rows="delete",
        # The message itself says what kind it is.
        words={"facts": in_words, "kind": lambda _session, _row, _language: "", "thing": about},
        outside=remove_files,
        order=60,
        record=_("Messages to people"),
    )
    # A message that waits for its job does not know its account yet.
    named = literal("auth.account:") + cast(Account.__table__.c.id, String)
    matches(Notification, "reference", Account, named)
    change = AddressChange.__table__.c
    for which in ("new", "old"):
        value = literal(f"{ADDRESS_CHANGE}:") + cast(change.id, String) + literal(f":{which}")
        matches(Notification, "reference", AddressChange, value)


def in_words(session: Session, row: Mapping[str, Any], language: str) -> str:
    """Return a message as its reader saw it."""
    tools = unit_of(session).database.service(Outgoing).tools
    if tools is None:
        return str(row["facts"])
    found = tools.renderer.title(row["kind"], row["thing"], json.loads(row["facts"] or "{}"), language)
    return f"{found.subject}\n{found.text}".strip()


def about(session: Session, row: Mapping[str, Any], _language: str) -> str:
    """Return the number of the matter that a message is about."""
    return matter_number(session, row["thing"])


def remove_files(session: Session, keys: Sequence[Any]) -> None:
    """Remove the files that a file adapter wrote for messages, once the unit has committed."""
    tools = unit_of(session).database.service(Outgoing).tools
    if tools is None or not isinstance(tools.transport, FileTransport):
        return
    names = session.scalars(select(Delivery.public_id).where(Delivery.notification_id.in_(keys))).all()
    files = [tools.transport.folder / f"{name}.eml" for name in names]
    unit_of(session).after_commit(lambda: _remove(files))


def _remove(files: Sequence[Path]) -> None:
    for file in files:
        file.unlink(missing_ok=True)
