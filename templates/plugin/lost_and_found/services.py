"""The verbs. Every rule of the service lives here; nothing here knows the web."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth import can
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now
from egovframe.errors import Conflict, Forbidden, NotFound
from lost_and_found.events import ItemRecorded, ItemReturned
from lost_and_found.models import KEPT, RETURNED, Item
from lost_and_found.permissions import MANAGE
from lost_and_found.queries import item_by_public_id


def record_item(session: Session, actor: Actor, *, what: str, place: str) -> Item:
    """Write down a found thing; anybody may."""
    item = Item(what=what, place=place, state=KEPT, created_at=now(session))
    session.add(item)
    session.flush()
    record(session, ItemRecorded(item.id), actor)
    audit(session, actor, "lost_and_found:item:record", f"item:{item.public_id}")
    return item


def return_item(session: Session, actor: Actor, public_id: str) -> Item:
    """Give a thing back to its owner.

    Raises:
        Forbidden: the actor does not look after found things.
        NotFound: there is no such thing.
        Conflict: somebody gave it back before.
    """
    at = now(session)
    if not can(actor, MANAGE, at=at):
        raise Forbidden
    item = item_by_public_id(session, public_id)
    if item is None:
        raise NotFound
    # One statement decides: of two people who press at the same time, one succeeds and the other is told.
    done = session.execute(
        update(Item).where(Item.id == item.id, Item.state == KEPT).values(state=RETURNED, returned_at=at)
    )
    if done.rowcount != 1:  # type: ignore[attr-defined]
        raise Conflict(_("This was already given back."))
    session.refresh(item)
    record(session, ItemReturned(item.id), actor)
    audit(session, actor, "lost_and_found:item:return", f"item:{item.public_id}", after={"state": RETURNED})
    return item
