"""The first password of an account that was opened by a provider."""

from __future__ import annotations

from sqlalchemy.orm import Session

from egovframe.actor import Actor
from egovframe.core.auth.factors.changes import need_fresh
from egovframe.core.auth.models import Account
from egovframe.core.auth.passwords import hash_password
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import account_of, found
from egovframe.core.auth.services.accounts import replace_password
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.persistence import Database
from egovframe.errors import Conflict


def set_first_password(database: Database, actor: Actor, password: str, *, present: int) -> None:
    """Set the password of an account that has none; its other sessions end, the owner is told.

    Nobody can be asked for a password that does not exist, so a fresh sign-in stands in for it. The address must be
    confirmed: people sign in with it, and a forgotten password is replaced by a mail to it.

    Args:
        database: the city's; hashing takes tens of milliseconds and runs between two short units.
        actor: who is signed in.
        password: as typed.
        present: the row of the session that asks, which goes on.

    Raises:
        NotFound: the actor has no account.
        ProofNeeded: the person has not proved who they are within the last minutes.
        Conflict: the account has a password, or no confirmed address.
        Invalid: the password is too weak.
    """
    with database.reading() as session:
        need_fresh(session, actor, present)
        account = account_of(session, actor)
        _need_room(account)
        address = account.email or ""
    hashed = hash_password(password, policy_of(database), email=address)
    with database.writing() as session:
        replace_password(session, actor, _locked(session, actor, present), hashed, keep_session=present)


def _locked(session: Session, actor: Actor, present: int) -> Account:
    """Return the account looked at again: of two that set a first password at once, only one does."""
    need_fresh(session, actor, present)
    account = found(session.get(Account, actor.account_id or 0, with_for_update=True))
    _need_room(account)
    return account


def _need_room(account: Account) -> None:
    if account.password_hash is not None:
        raise Conflict(_("Your account has a password already. Change it by typing the present one."))
    if account.email_index is None or account.confirmed_at is None:
        raise Conflict(_("Add an e-mail address and confirm it first: you sign in with it."))
