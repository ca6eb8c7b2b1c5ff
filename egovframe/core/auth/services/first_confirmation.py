"""The first confirmation of an address: before it, anybody may have opened the account in somebody else's name.

Whoever registers a stranger's address knows its password and could add an app, a passkey, a provider or a key for
programs, and wait. What was added before the address was confirmed is therefore taken away when it is confirmed for
the first time, unless it is certain that it is the same person: who confirms is signed in to the account.
See docs/decisions/0005, "Before an address is confirmed".
"""

from __future__ import annotations

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS, Actor
from egovframe.core.auth.addresses.ending import end_address_changes
from egovframe.core.auth.events import FactorsChanged
from egovframe.core.auth.factors.models import Passkey, RecoveryCode, TotpApp
from egovframe.core.auth.models import Account, ApiToken
from egovframe.core.auth.outside.models import Identity
from egovframe.core.auth.services.accounts import mark_confirmed, thing
from egovframe.core.auth.services.one_time import use_link
from egovframe.core.auth.services.sessions import end_sessions, end_tokens
from egovframe.core.auth.services.unverifying import end_vouched
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record

WAYS = (TotpApp, RecoveryCode, Passkey, Identity)


def confirm_contact(session: Session, token: str, by: Actor = ANONYMOUS) -> Account:
    """Mark the address of a link's account as confirmed.

    Args:
        session: of the writing unit.
        token: from the link.
        by: who is signed in where the link was opened. Anybody but the account itself may be the address's owner
            confirming what somebody else opened: what the account was given before is taken away; the password stays.

    Raises:
        LinkSpent: the link is unknown, used or too old.
    """
    account = session.get_one(Account, use_link(session, token, "confirm").account_id, with_for_update=True)
    if by.account_id != account.id:
        drop_what_came_before(session, account)
    mark_confirmed(session, account)
    return account


def drop_what_came_before(session: Session, account: Account) -> None:
    """Take away what opens an account besides its password, if its address was never confirmed; the owner is told.

    Sessions, second factors, passkeys, recovery codes, connected providers with what they vouched for, keys for
    programs and open changes of address end. An account whose address stands confirmed keeps everything.
    """
    if account.confirmed_at is not None:
        return
    end_sessions(session, account.id)
    end_address_changes(session, account.id)
    if not _has_any(session, account):
        return
    for provider in session.scalars(select(Identity.provider).where(Identity.account_id == account.id)).all():
        end_vouched(session, account, provider)
    for kind in WAYS:
        session.execute(delete(kind).where(kind.account_id == account.id))
    end_tokens(session, account.id)
    account.second_factor = False
    audit(session, ANONYMOUS, "auth:factor:reset", thing(account), after={"change": "before_confirmation"})
    record(session, FactorsChanged(account.id, "before_confirmation"), ANONYMOUS)


def _has_any(session: Session, account: Account) -> bool:
    live = select(func.count(ApiToken.id)).where(ApiToken.account_id == account.id, ApiToken.revoked_at.is_(None))
    counts = [live, *(select(func.count(kind.id)).where(kind.account_id == account.id) for kind in WAYS)]
    return any(session.scalar(each) for each in counts)
