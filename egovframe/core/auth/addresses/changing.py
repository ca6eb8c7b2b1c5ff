"""Verbs: change the e-mail address of an account, confirmed on the new one, told to the old one."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, undefer_group

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.addresses.ending import end_address_changes
from egovframe.core.auth.addresses.models import AddressChange
from egovframe.core.auth.loading import digest
from egovframe.core.auth.models import Account
from egovframe.core.auth.queries import account_by_email, account_of, email_index
from egovframe.core.auth.services.accounts import mark_confirmed, thing
from egovframe.core.auth.services.first_confirmation import drop_what_came_before
from egovframe.core.auth.services.one_time import LinkSpent, end_links
from egovframe.core.auth.services.sessions import end_sessions
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import Event, record
from egovframe.core.persistence import new_public_id, now, unit_of
from egovframe.hooks import Recipient

LIFE = timedelta(days=1)
ADDRESS_CHANGE = "auth.address_change"
"""How messages name the two addresses of a change: ``auth.address_change:<id>:new`` and ``…:old``."""


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
    end_address_changes(session, account.id)
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


def confirm_address_change(
    session: Session, token: str, by: Actor = ANONYMOUS, *, keep_session: int | None = None
) -> Account:
    """Set the new address by its link; what was sent to the old one opens nothing any more, other sessions end.

    Args:
        session: of the writing unit.
        token: from the link.
        by: who is signed in where the link was opened. If it is the account's first confirmation, and by anybody but
            the account itself, what the account was given before is taken away, as by ``confirm_contact``.
        keep_session: the row of the session in which the link was opened; it goes on if it is the account's own.

    Raises:
        LinkSpent: the link is unknown, used or too old, or the address has an account by now.
    """
    row, account = _waiting(session, token)
    row.used_at = now(session)
    try:
        with session.begin_nested():
            account.email, account.email_index = row.new_email, row.new_index
    except IntegrityError as error:
        raise LinkSpent from error
    if by.account_id != account.id:
        drop_what_came_before(session, account)
    mark_confirmed(session, account)
    end_links(session, account, "confirm", "recover", "invite")
    end_sessions(session, account.id, keep=keep_session)
    audit(session, ANONYMOUS, "auth:address:change", thing(account))
    record(session, AddressChanged(row.id), ANONYMOUS)
    return account


def stop_address_change(session: Session, token: str) -> None:
    """Stop a change by the link that its old address was sent: whoever reads the mail there need not sign in.

    Raises:
        LinkSpent: the link is unknown, or the change no longer waits: it was stopped, made, or is too old.
    """
    if not stop_link_stands(session, token):
        raise LinkSpent
    row = session.scalars(select(AddressChange).where(AddressChange.public_id == _named(token))).one()
    account = session.get_one(Account, row.account_id, with_for_update=True)
    session.refresh(row, ["used_at"])
    if row.used_at is not None:
        raise LinkSpent
    row.expires_at = now(session)
    audit(session, ANONYMOUS, "auth:address:stop", thing(account))


def stop_link_stands(session: Session, token: str) -> bool:
    """Whether a link that stops a change would still stop one; asking uses nothing up."""
    public_id = _named(token)
    if not hmac.compare_digest(token.encode("utf-8", "replace"), _stop_token(session, public_id).encode()):
        return False
    waits = AddressChange.used_at.is_(None), AddressChange.expires_at > now(session)
    return session.scalar(select(AddressChange.id).where(AddressChange.public_id == public_id, *waits)) is not None


def stop_token(session: Session, change_id: int) -> str:
    """Return the secret that stops a change, for whoever writes the mail to the old address; derived, never stored."""
    return _stop_token(session, session.get_one(AddressChange, change_id).public_id)


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


def _waiting(session: Session, token: str) -> tuple[AddressChange, Account]:
    """Return the change that a link would make, and its account, locked.

    The account is locked first and the change looked at afterwards, as a new password does: of a link and a password
    that ends it, whichever comes first stands.
    """
    named = AddressChange.token_hash == digest(token)
    owner = session.scalar(select(AddressChange.account_id).where(named))
    account = session.get(Account, owner or 0, with_for_update=True)
    waits = AddressChange.used_at.is_(None), AddressChange.expires_at > now(session)
    row = session.scalar(select(AddressChange).where(named, *waits).options(undefer_group("personal")))
    if row is None or account is None or account.state != "active":
        raise LinkSpent
    return row, account


def _named(token: str) -> str:
    """Return the public id of the change that a stopping link names."""
    return token.partition("-")[0]


def _stop_token(session: Session, public_id: str) -> str:
    return f"{public_id}-{unit_of(session).database.keyring.mac('account-address-stop', public_id.encode())}"


def _secret(session: Session, public_id: str) -> str:
    return unit_of(session).database.keyring.mac("account-address-change", public_id.encode())
