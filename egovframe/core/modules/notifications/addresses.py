"""Messages about a change of e-mail address: the new one is asked, the old one is told both times."""

from __future__ import annotations

from collections.abc import Mapping

from sqlalchemy.orm import Session

from egovframe.core.auth import ADDRESS_CHANGE, address_change_token, stop_token
from egovframe.core.modules.events import EventHandler, Told
from egovframe.core.modules.notifications.services import notify


def requested(session: Session, told: Told) -> None:
    """Send the link to the new address, and a word to the old one; a change that no longer waits is not spoken of."""
    change = told.data["change_id"]
    token = address_change_token(session, change)
    if token is None:
        return
    thing = f"address_change:{change}"
    notify(session, f"{ADDRESS_CHANGE}:{change}:new", "auth.address_ask", thing, {"token": token}, key=told.id)
    stop = {"stop": stop_token(session, change)}
    notify(session, f"{ADDRESS_CHANGE}:{change}:old", "auth.address_asked", thing, stop, key=told.id)


def changed(session: Session, told: Told) -> None:
    """Tell the old address that it is no longer the one to sign in with."""
    change = told.data["change_id"]
    notify(
        session, f"{ADDRESS_CHANGE}:{change}:old", "auth.address_changed", f"address_change:{change}", {}, key=told.id
    )


HANDLERS: Mapping[str, EventHandler] = {
    "auth.AddressChangeRequested@1": requested,
    "auth.AddressChanged@1": changed,
}
