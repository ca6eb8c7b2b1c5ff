"""Verb: an agent files for somebody who calls or comes to the counter; both stay on the record."""

from __future__ import annotations

from sqlalchemy.orm import Session

from civic_participation.services.filing import BORDER_METRES, Caller, Filing, file_complaint
from egovframe.actor import Actor
from egovframe.core.auth import ACT_FOR, account_by_email, can
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.cases import Opened
from egovframe.core.persistence import now
from egovframe.errors import Forbidden, Invalid, NotSignedIn


def file_for_caller(session: Session, agent: Actor, filing: Filing, *, border_metres: float = BORDER_METRES) -> Opened:
    """File a complaint for somebody else: theirs are the messages and the tracking code, the agent wrote it.

    A caller who names the confirmed address of an account finds the complaint among the account's own cases.

    Raises:
        NotSignedIn: nobody is signed in.
        Forbidden: the agent may not act for others.
        Invalid: as ``file_complaint``; also when the address is the agent's own.
    """
    if not agent.is_signed_in:
        raise NotSignedIn
    if not can(agent, ACT_FOR, at=now(session)):
        raise Forbidden(_("You may not act for somebody else."))
    whom = _caller(session, agent, filing.email)
    return file_complaint(session, agent, filing, caller=whom, border_metres=border_metres)


def _caller(session: Session, agent: Actor, email: str) -> Caller:
    account = account_by_email(session, email) if email else None
    if account is None or account.state != "active" or account.confirmed_at is None:
        return Caller()
    if account.id == agent.account_id:
        raise Invalid(errors={"email": [_("This is your own address. File your own complaints as yourself.")]})
    return Caller(account.id, account.public_id)
