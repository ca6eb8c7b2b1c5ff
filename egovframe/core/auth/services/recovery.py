"""A forgotten password: ask for a link, choose a new one."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from egovframe.actor import ANONYMOUS
from egovframe.core.auth.events import RecoveryRequested
from egovframe.core.auth.loading import actor_of_account
from egovframe.core.auth.models import Account
from egovframe.core.auth.passwords import PasswordHash
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import account_by_email
from egovframe.core.auth.services.accounts import mark_confirmed, replace_password, thing
from egovframe.core.auth.services.first_confirmation import drop_what_came_before
from egovframe.core.auth.services.one_time import LinkSpent, new_link, use_link
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import unit_of


def request_recovery(session: Session, email: str, language: str = "") -> None:
    """Tell that the owner of an address wants a new password; the answer never tells whether there is one.

    Args:
        session: of a writing unit.
        email: as it was typed.
        language: of the page on which they ask; empty for the account's own.
    """
    known = account_by_email(session, email)
    somebody = session.scalar(select(Account).order_by(Account.id).limit(1))
    reached = known if known is not None and known.state == "active" else None
    account = reached or somebody
    if account is None:
        return
    with session.begin_nested() as attempt:
        # An address that nobody has costs the same work, which is taken back: time must not tell who has an account.
        link = new_link(session, account, "recover", policy_of(unit_of(session).database).recover)
        record(session, RecoveryRequested(account.id, link.id, language), ANONYMOUS)
        session.flush()
        if reached is None:
            attempt.rollback()
    audit(session, ANONYMOUS, "auth:password:recover", thing(reached) if reached else "account:unknown")


def recover(session: Session, token: str, password: PasswordHash) -> Account:
    """Set a new password by a link; every session ends, and the address counts as confirmed.

    Where it is confirmed for the first time, whoever set the old password may have been somebody else: factors,
    passkeys, connected providers and keys for programs from before go with it.

    The link begins no session: the person signs in with the new password, and with the second factor if there is one.

    Raises:
        LinkSpent: the link is unknown, used or too old, or the account is closed.
    """
    used = use_link(session, token, "recover", "invite")
    account = session.get_one(Account, used.account_id, with_for_update=True)
    if account.state != "active":
        raise LinkSpent
    replace_password(session, actor_of_account(session, account), account, password)
    drop_what_came_before(session, account)
    mark_confirmed(session, account)
    return account
