"""Verbs: open an account for somebody, who chooses the password by a link that is sent to the address."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.events import AccountInvited
from egovframe.core.auth.models import Account
from egovframe.core.auth.permissions import MANAGE_ACCOUNTS
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.services.accounts import create_account, thing
from egovframe.core.auth.services.one_time import new_link
from egovframe.core.auth.services.rights import need
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit
from egovframe.core.modules.events import record
from egovframe.core.persistence import unit_of
from egovframe.errors import Conflict


def invite(
    session: Session, actor: Actor, *, email: str, display_name: str, kind: str = "staff", language: str | None = None
) -> Account:
    """Open an account without a password and send its owner the link to choose one; roles are given afterwards.

    Raises:
        Forbidden: the actor may not manage accounts.
        Invalid: the address has an account.
    """
    account = create_account(session, actor, email=email, display_name=display_name, kind=kind, language=language)
    _send(session, actor, account)
    return account


def invite_again(session: Session, actor: Actor, account: Account) -> None:
    """Send another link to somebody who has not chosen a password yet; the older one dies.

    Raises:
        Forbidden: the actor may not manage accounts.
        Conflict: the account is closed, is a program's, or has a password.
    """
    need(session, actor, MANAGE_ACCOUNTS)
    if not can_be_invited(account):
        raise Conflict(_("Only somebody with an open account and without a password can be invited."))
    _send(session, actor, account)


def can_be_invited(account: Account) -> bool:
    """Whether the owner of an account could sign in, had they chosen a password."""
    return account.state == "active" and account.email_index is not None and account.password_hash is None


def _send(session: Session, actor: Actor, account: Account) -> None:
    link = new_link(session, account, "invite", policy_of(unit_of(session).database).invite)
    audit(session, actor, "auth:account:invite", thing(account))
    record(session, AccountInvited(account.id, link.id), actor)
