"""What every change of factors has in common: a fresh proof before; audit, signed-out devices and a mail after."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.addresses.ending import end_address_changes
from egovframe.core.auth.events import FactorsChanged
from egovframe.core.auth.factors.codes import codes_left, new_codes
from egovframe.core.auth.factors.models import Passkey, RecoveryCode, TotpApp
from egovframe.core.auth.models import Account, WebSession
from egovframe.core.auth.permissions import MANAGE_ACCOUNTS
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import account_of
from egovframe.core.auth.services.rights import need
from egovframe.core.auth.services.sessions import end_sessions, end_tokens
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import now, unit_of
from egovframe.errors import Conflict, ProofNeeded


def is_fresh(proved_at: datetime | None, at: datetime, fresh: timedelta) -> bool:
    """Whether a proof of who somebody is counts still."""
    return proved_at is not None and proved_at > at - fresh


def need_fresh(session: Session, actor: Actor, present: int) -> None:
    """Let pass who proved within the last minutes who they are: a borrowed browser must not change its owner's keys.

    Raises:
        ProofNeeded: the session is not the actor's, has ended, or its last proof is too old.
    """
    proved_at = session.scalar(
        select(WebSession.proved_at).where(
            WebSession.id == present,
            WebSession.account_id == (actor.account_id or 0),
            WebSession.revoked_at.is_(None),
        )
    )
    if not is_fresh(proved_at, now(session), policy_of(unit_of(session).database).fresh):
        raise ProofNeeded(_("Please show that it is you, then try again."))


def factor_added(session: Session, actor: Actor, account: Account, change: str, present: int) -> list[str]:
    """Do what follows a new factor; return recovery codes when the account has none that are good."""
    factors_changed(session, actor, account, change, keep=present)
    row = session.get_one(WebSession, present)
    row.rotate = True  # what was a session of one factor gets a new id
    return new_codes(session, account.id) if codes_left(session, account.id) == 0 else []


def factors_changed(session: Session, actor: Actor, account: Account, change: str, *, keep: int | None = None) -> None:
    """Note that factors have changed: other sessions end, the owner is told."""
    session.flush()
    account.second_factor = _count(session, account.id) > 0
    if not account.second_factor:
        session.execute(delete(RecoveryCode).where(RecoveryCode.account_id == account.id))
    end_sessions(session, account.id, keep=keep)
    audit(session, actor, "auth:factor:change", f"account:{account.public_id}", after={"change": change})
    record(session, FactorsChanged(account.id, change), actor)


def renew_codes(session: Session, actor: Actor, present: int) -> list[str]:
    """Make ten new recovery codes; the old ones die. Return them to be shown once.

    Raises:
        ProofNeeded: the person has not proved who they are within the last minutes.
        Conflict: there is no factor that they could stand in for.
    """
    need_fresh(session, actor, present)
    account = account_of(session, actor)
    if not account.second_factor:
        raise Conflict(_("Set up an app or a passkey first: recovery codes stand in for it."))
    codes = new_codes(session, account.id)
    audit(session, actor, "auth:factor:change", f"account:{account.public_id}", after={"change": "codes_renewed"})
    record(session, FactorsChanged(account.id, "codes_renewed"), actor)
    return codes


def reset_factors(session: Session, actor: Actor, account: Account, reason: str = "") -> None:
    """Take every factor of an account away, for somebody who lost the phone and the paper; the password stays.

    Sessions, API tokens and an open change of address end. Where a role asks for a second factor, the next sign-in
    leads to a new one.

    Raises:
        Forbidden: the actor may not manage accounts.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    for kind in (TotpApp, RecoveryCode, Passkey):
        session.execute(delete(kind).where(kind.account_id == account.id))
    account.second_factor = False
    end_sessions(session, account.id)
    end_tokens(session, account.id)
    end_address_changes(session, account.id)
    audit(session, actor, "auth:factor:reset", f"account:{account.public_id}", reason=reason)
    record(session, FactorsChanged(account.id, "reset"), actor)


def _count(session: Session, account_id: int) -> int:
    confirmed = select(func.count(TotpApp.id)).where(
        TotpApp.account_id == account_id, TotpApp.confirmed_at.is_not(None)
    )
    keys = select(func.count(Passkey.id)).where(Passkey.account_id == account_id)
    return (session.scalar(confirmed) or 0) + (session.scalar(keys) or 0)
