"""Asking for the password once more before something that cannot be undone."""

from __future__ import annotations

from sqlalchemy import select

from egovframe.actor import Actor
from egovframe.core.auth.models import Account
from egovframe.core.auth.passwords import verify_password
from egovframe.core.auth.policy import policy_of
from egovframe.core.auth.queries import email_index
from egovframe.core.auth.services.signing_in import Throttle
from egovframe.core.i18n import lazy_gettext as _
from egovframe.core.modules.audit import audit_refusal
from egovframe.core.persistence import Database
from egovframe.errors import Invalid, NotSignedIn


def confirm_identity(
    database: Database, actor: Actor, typed: str, *, throttle: Throttle, field: str = "password"
) -> None:
    """Let pass who types the own password, or the own e-mail address where the account has no password.

    Args:
        database: the city's; verifying takes tens of milliseconds and runs between two short units.
        actor: who is signed in.
        typed: as typed.
        throttle: counts the attempt.
        field: the form's field, named in the error.

    Raises:
        NotSignedIn: the actor has no account.
        Invalid: it is not right.
        TooManyRequests: from ``throttle``.
    """
    if actor.account_id is None:
        raise NotSignedIn
    throttle("sign-in-account", f"confirm:{actor.account_id}")
    with database.reading() as session:
        columns = select(Account.password_hash, Account.email_index).where(Account.id == actor.account_id)
        stored, index = session.execute(columns).one()
    if stored is not None:
        right = verify_password(stored, typed, policy_of(database))
    else:
        right = email_index(database.keyring, typed) == index
    if not right:
        audit_refusal(database, actor, "auth:identity:confirm", actor.label)
        raise Invalid(errors={field: [_("This is not right. Please try again.")]})
