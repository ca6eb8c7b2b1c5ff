"""Verbs: change the e-mail address of an account, confirmed on the new one, told to the old one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer_group

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.addresses.models import AddressChange
from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import Account
from egovframe.core.auth.queries import account_by_email, account_of, email_index
from egovframe.core.auth.services.accounts import mark_confirmed, thing
from egovframe.core.auth.services.one_time import end_links
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import Event, record
from egovframe.core.persistence import new_public_id, now, unit_of
from egovframe.errors import BadRequest
from egovframe.hooks import Recipient

LIFE = timedelta(days=1)
ADDRESS_CHANGE = "auth.address_change"
"""How messages name the two addresses of a change: ``auth.address_change:<id>:new`` and ``…:old``."""
USED = _("This link has been used or is too old. Ask for a new one.")


@dataclass(frozen=True)
class AddressChangeRequested(Event):
    """Somebody wants another address: the new one is asked, the old one is told."""

    name: ClassVar[str] = "auth.AddressChangeRequested"
    version: ClassVar[int] = 1
    change_id: int


@dataclass(frozen=True)
class AddressChanged(Event):
    """The new address has answered and stands; the old one is told."""

    name: ClassVar[str] = "auth.AddressChanged"
    version: ClassVar[int] = 1
    change_id: int


def request_address_change(session: Session, actor: Actor, email: str) -> None:
    """Ask the new address to confirm. The answer never tells whether somebody has it already.

    Raises:
        NotFound: the actor has no account.
    """
    account, at = account_of(session, actor), now(session)
    session.execute(
        update(AddressChange)
        .where(AddressChange.account_id == account.id, AddressChange.used_at.is_(None))
        .values(expires_at=at)
    )
    public_id = new_public_id()
    row = AddressChange(
        public_id=public_id,
        account_id=account.id,
        old_email=account.email,
        new_email=email,
        new_index=email_index(unit_of(session).database.keyring, email),
        token_hash=digest(_secret(session, public_id)),
        created_at=at,
        expires_at=at + LIFE,
    )
    session.add(row)
    session.flush()
    audit(session, actor, "auth:address:ask", thing(account))
    # Somebody else's address is asked nothing: its owner would be led to take over a stranger's account.
    if account_by_email(session, email) is None:
        record(session, AddressChangeRequested(row.id), actor)


def confirm_address_change(session: Session, token: str) -> Account:
    """Set the new address by its link; what was sent to the old one opens nothing any more.

    Raises:
        BadRequest: the link is unknown, used or too old, or the address has an account by now.
    """
    at = now(session)
    statement = update(AddressChange).where(
        AddressChange.token_hash == digest(token), AddressChange.used_at.is_(None), AddressChange.expires_at > at
    )
    used = session.execute(statement.values(used_at=at).returning(AddressChange.id)).scalar_one_or_none()
    if used is None:
        raise BadRequest(USED)
    row = session.get_one(AddressChange, used, options=[undefer_group("personal")])
    account = session.get_one(Account, row.account_id, with_for_update=True)
    if account.state != "active":
        raise BadRequest(USED)
    try:
        with session.begin_nested():
            account.email, account.email_index = row.new_email, row.new_index
    except IntegrityError as error:
        raise BadRequest(USED) from error
    mark_confirmed(session, account)
    end_links(session, account, "confirm", "recover", "invite")
    audit(session, ANONYMOUS, "auth:address:change", thing(account))
    record(session, AddressChanged(row.id), ANONYMOUS)
    return account


def address_link_stands(session: Session, token: str) -> bool:
    """Whether the link of a change would still set the new address; asking uses nothing up."""
    waits = AddressChange.used_at.is_(None), AddressChange.expires_at > now(session)
    open_still = (
        select(AddressChange.new_index)
        .join(Account, Account.id == AddressChange.account_id)
        .where(AddressChange.token_hash == digest(token), *waits, Account.state == "active")
    )
    wanted = session.scalar(open_still)
    taken = select(Account.id).where(Account.email_index == wanted)
    return wanted is not None and session.scalar(taken) is None


def address_change_token(session: Session, change_id: int) -> str | None:
    """Return the secret of a change that still waits, for whoever writes the mail; derived, never stored."""
    row = session.get(AddressChange, change_id)
    if row is None or row.used_at is not None or row.expires_at <= now(session):
        return None
    return _secret(session, row.public_id)


def recipient_of_change(session: Session, reference: str) -> Recipient | None:
    """Return whom ``auth.address_change:<id>:new`` or ``…:old`` names."""
    kind, _colon, rest = reference.partition(":")
    identity, _colon, which = rest.partition(":")
    if kind != ADDRESS_CHANGE or not identity.isdecimal() or which not in {"new", "old"}:
        return None
    statement = select(AddressChange).where(AddressChange.id == int(identity)).options(undefer_group("personal"))
    row = session.scalar(statement)
    if row is None:
        return None
    account = session.get_one(Account, row.account_id, options=[undefer_group("personal")])
    name = account.addressed_as or account.display_name
    return Recipient(row.new_email if which == "new" else row.old_email, name, account.language)


def _secret(session: Session, public_id: str) -> str:
    return unit_of(session).database.keyring.mac("account-address-change", public_id.encode())
